"""A day of ordinary calls of MLflow's client (2.22 and 3.17), against the server that the environment names. Prints `begins <what>`, `ok <what> <seconds> s` for a step, `failed: <what> …` for one that fails or does not end in time, and `warned <text>` for every warning that names the server."""

import faulthandler
import importlib.util
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")

server = os.environ["MLFLOW_TRACKING_URI"]
# What each step may take. Most of it is a second process in which the client imports the libraries again, to infer requirements.
patience = float(os.environ.get("DAY_SECONDS_A_STEP", "300"))
failed = []


def give_up(what):
    """Says which step hangs and, on standard error, where. What the step has started ends with it."""
    print(f"failed: {what} did not end in {patience:g} s", flush=True)
    traceback.print_stack(sys._current_frames()[threading.main_thread().ident], limit=15)
    sys.stderr.flush()
    if os.name == "posix":
        subprocess.run(["pkill", "-KILL", "-P", str(os.getpid())], timeout=5)
    os._exit(1)


def timed(what, act):
    print("begins", what, flush=True)
    timer = threading.Timer(patience, give_up, [what])
    timer.daemon = True
    timer.start()
    # A library that never lets another thread run stops the timer, too, but not this.
    faulthandler.dump_traceback_later(patience + 10, exit=True)
    began = time.monotonic()
    try:
        act()
        print(f"ok {what} {time.monotonic() - began:.1f} s", flush=True)
    except Exception as error:
        failed.append(what)
        print(f"failed: {what}: {type(error).__name__}: {str(error)[:300]!r}", flush=True)
        traceback.print_exc()
    finally:
        timer.cancel()
        faulthandler.cancel_dump_traceback_later()


def step(what, needs=()):
    def run(act):
        for module in needs:
            # Found without importing it: the import of a large library counts for the step that uses it.
            if importlib.util.find_spec(module) is None:
                return print("skipped", what, "without", module, flush=True)
        timed(what, act)

    return run


@step("MLflow and scikit-learn are imported")
def _():
    global LogisticRegression, MlflowClient, load_iris, mlflow, numpy
    import mlflow
    import numpy
    from mlflow import MlflowClient
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression


features, labels = load_iris(return_X_y=True, as_frame=True)
client = MlflowClient()
isThird = not mlflow.__version__.startswith("2.")


class Ears(logging.Handler):
    """Hears what MLflow warns of because of what the server answered."""

    def emit(self, record):
        text = record.getMessage().replace("\n", " ")
        if any(word in text for word in ("RestException", "ENDPOINT_NOT_FOUND", "Plinth", "NOT_IMPLEMENTED", "API request", "Failed to", server)):
            print("warned", text, flush=True)


ears = Ears(level=logging.WARNING)
logging.captureWarnings(True)
for name in [None, "mlflow", *list(logging.root.manager.loggerDict)]:
    if name is None or name.startswith("mlflow"):
        logging.getLogger(name).addHandler(ears)


def logged(model_flavor, model, name, **more):
    return model_flavor.log_model(model, **({"name": name} if isThird else {"artifact_path": name}), **more)


def arrived(run):
    """What autolog left at the server: it fails quietly, so a fit without an error says nothing."""
    noted = client.get_run(run.info.run_id)
    models = noted.outputs.model_outputs if isThird else client.list_artifacts(run.info.run_id, "model")
    assert noted.data.params and models, noted
    return noted.data


@step("autolog of scikit-learn")
def _():
    mlflow.set_experiment("day")
    mlflow.sklearn.autolog()
    with mlflow.start_run() as run:
        LogisticRegression(max_iter=300).fit(features, labels)
    assert arrived(run).metrics["training_accuracy_score"] > 0.9
    mlflow.sklearn.autolog(disable=True)


@step("autolog of xgboost", ["xgboost"])
def _():
    import xgboost

    mlflow.xgboost.autolog()
    with mlflow.start_run() as run:
        xgboost.train({"objective": "multi:softmax", "num_class": 3}, xgboost.DMatrix(features, labels), 3)
    assert arrived(run).params["num_class"] == "3"
    mlflow.xgboost.autolog(disable=True)


@step("autolog of lightgbm", ["lightgbm"])
def _():
    import lightgbm

    mlflow.lightgbm.autolog()
    with mlflow.start_run() as run:
        lightgbm.train({"objective": "multiclass", "num_class": 3, "verbose": -1}, lightgbm.Dataset(features, labels), 3)
    assert arrived(run).params["num_class"] == "3"
    mlflow.lightgbm.autolog(disable=True)


@step("autolog of keras", ["keras", "torch"])
def _():
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    mlflow.keras.autolog()
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    with mlflow.start_run() as run:
        model.fit(features.to_numpy(), labels.to_numpy(), epochs=2, verbose=0)
    assert len(client.get_metric_history(run.info.run_id, "loss")) == 2 and arrived(run).params["epochs"] == "2"
    mlflow.keras.autolog(disable=True)


@step("autolog of statsmodels", ["statsmodels"])
def _():
    import statsmodels.api

    mlflow.statsmodels.autolog()
    with mlflow.start_run() as run:
        fitted = statsmodels.api.OLS(labels, statsmodels.api.add_constant(features)).fit()
    noted = arrived(run)
    assert abs(noted.metrics["rsquared"] - fitted.rsquared) < 1e-9, noted.metrics
    mlflow.statsmodels.autolog(disable=True)


@step("autolog of pytorch through lightning", ["torch", "lightning"])
def _():
    import lightning
    import torch

    class Small(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 3)

        def training_step(self, batch):
            loss = torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1])
            self.log("loss", loss, on_epoch=True)
            return loss

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    data = torch.utils.data.TensorDataset(torch.tensor(features.to_numpy(), dtype=torch.float32), torch.tensor(labels.to_numpy()))
    mlflow.pytorch.autolog()
    with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
        trainer = lightning.Trainer(max_epochs=2, accelerator="cpu", default_root_dir=folder, logger=False, enable_progress_bar=False)
        trainer.fit(Small(), torch.utils.data.DataLoader(data, batch_size=50))
    noted = arrived(run)
    assert len(client.get_metric_history(run.info.run_id, "loss")) == 2 and noted.params["optimizer_name"] == "SGD", noted
    mlflow.pytorch.autolog(disable=True)


@step("autolog of openai", ["openai"])
def _():
    import openai

    class Model(BaseHTTPRequestHandler):
        """Answers every chat with the same words: no real model is asked."""

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello Ana"}}
            usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
            answer = json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "small", "choices": [choice], "usage": usage}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Model) as model:
        threading.Thread(target=model.serve_forever, daemon=True).start()
        experiment = mlflow.set_experiment("day of chats").experiment_id
        mlflow.openai.autolog()
        chat = openai.OpenAI(base_url=f"http://127.0.0.1:{model.server_port}/v1", api_key="none").chat.completions
        assert chat.create(model="small", messages=[{"role": "user", "content": "hi"}]).choices[0].message.content == "Hello Ana"
        mlflow.openai.autolog(disable=True)
        mlflow.flush_trace_async_logging()
        model.shutdown()
    (trace,) = client.search_traces(experiment_ids=[experiment])
    assert trace.info.token_usage["total_tokens"] == 5 and "Hello Ana" in trace.data.response, trace
    mlflow.set_experiment("day")


@step("tables, dictionaries, images, figures and files are logged and come back")
def _():
    with mlflow.start_run() as run:
        mlflow.log_table({"a": [1, 2], "b": ["x", "y"]}, "t.json")
        mlflow.log_table({"a": [3], "b": ["z"]}, "t.json")
        mlflow.log_dict({"k": [1, {"z": 2}]}, "deep/d.yaml")
        mlflow.log_text("ä", "n.txt")
        mlflow.log_image(numpy.zeros((8, 8, 3), dtype="uint8"), "i.png")
        mlflow.log_image(numpy.zeros((8, 8, 3), dtype="uint8"), key="dog", step=1)
        with tempfile.TemporaryDirectory() as folder:
            for name in ["a.txt", "b c.txt"]:
                with open(os.path.join(folder, name), "w") as out:
                    out.write(name)
            mlflow.log_artifacts(folder, "files")
    assert len(mlflow.load_table("t.json", run_ids=[run.info.run_id])) == 3
    assert {f.path for f in client.list_artifacts(run.info.run_id, "files")} == {"files/a.txt", "files/b c.txt"}
    assert {os.path.normpath(f.path) for f in client.list_artifacts(run.info.run_id, ".")} >= {"t.json", "n.txt"}


@step("a model is evaluated")
def _():
    with mlflow.start_run() as run:
        info = logged(mlflow.sklearn, LogisticRegression(max_iter=300).fit(features, labels), "model")
        data = features.assign(target=labels)
        found = mlflow.models.evaluate(info.model_uri, data, targets="target", model_type="classifier", evaluator_config={"log_model_explainability": False})
    assert found.metrics["accuracy_score"] > 0.9
    assert client.get_run(run.info.run_id).data.metrics["accuracy_score"] > 0.9


@step("versions are registered, copied, aliased, loaded, deleted and brought back")
def _():
    with mlflow.start_run() as run:
        logged(mlflow.sklearn, LogisticRegression(max_iter=300).fit(features, labels), "model", registered_model_name="day churn")
    mlflow.register_model(f"runs:/{run.info.run_id}/model", "day churn")
    client.set_registered_model_alias("day churn", "best", 2)
    client.set_registered_model_alias("day churn", "best", 1)
    assert client.get_model_version_by_alias("day churn", "best").version in (1, "1")
    copied = client.copy_model_version("models:/day churn/1", "day copy")
    assert client.get_model_version("day copy", copied.version).run_id == run.info.run_id
    for uri in ["models:/day churn@best", "models:/day churn/2", "models:/day copy/1"]:
        assert len(mlflow.pyfunc.load_model(uri).predict(features)) == len(features)
    client.delete_registered_model_alias("day churn", "best")
    client.update_model_version("day churn", "1", description="x" * 20_000)
    client.delete_model_version("day churn", "1")
    client.rename_registered_model("day copy", "day @ copy")
    client.delete_registered_model("day @ copy")


@step("runs and experiments are nested, deleted, brought back and searched")
def _():
    with mlflow.start_run() as parent:
        for n in range(3):
            with mlflow.start_run(nested=True):
                mlflow.log_metric("n", n)
    found = mlflow.search_runs(filter_string=f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'", order_by=["metrics.n DESC"])
    assert list(found["metrics.n"]) == [2, 1, 0]
    many = [f"'{n:032x}'" for n in range(1000)] + [f"'{parent.info.run_id}'"]
    assert len(mlflow.search_runs(filter_string=f"attributes.run_id IN ({','.join(many)})")) == 1
    mlflow.delete_run(parent.info.run_id)
    client.restore_run(parent.info.run_id)
    one = mlflow.create_experiment("day other", artifact_location="its/own/place")
    client.delete_experiment(one)
    client.restore_experiment(one)
    with mlflow.start_run(experiment_id=one) as run:
        mlflow.log_text("x", "x.txt")
    assert mlflow.artifacts.load_text(run.info.artifact_uri + "/x.txt") == "x"


def prompts():
    return mlflow.genai if hasattr(mlflow, "genai") and hasattr(mlflow.genai, "register_prompt") else mlflow


@step("prompts are registered, loaded, aliased, tagged and found")
def _():
    from mlflow.exceptions import MlflowException

    api = prompts()
    if not hasattr(api, "register_prompt"):
        return
    api.register_prompt("greet", "Hello {{name}}", commit_message="first", tags={"team": "red"})
    second = api.register_prompt("greet", "Dear {{name}} " + "x" * 50_000)
    assert int(second.version) == 2
    api.set_prompt_alias("greet", "live", 1)
    assert api.load_prompt("prompts:/greet@live").format(name="Ana") == "Hello Ana"
    assert api.load_prompt("greet", version=2).template.startswith("Dear")
    if isThird:
        api.register_prompt("chat", [{"role": "user", "content": "{{question}}"}])
        assert api.load_prompt("prompts:/chat/1").template[0]["role"] == "user"
        api.set_prompt_tag("greet", "k", "v")
        assert "greet" in [p.name for p in api.search_prompts()]
        assert [p.name for p in api.search_prompts("name = 'chat'")] == ["chat"]
    api.delete_prompt_alias("greet", "live")
    try:
        api.register_prompt("too long", "x" * 100_001)
        raise AssertionError("a prompt of 100,001 characters was taken")
    except MlflowException:
        pass
    assert "too long" not in [m.name for m in client.search_registered_models()]


@step("traces are kept with their run and found")
def _():
    @mlflow.trace
    def answer(question):
        with mlflow.start_span("inner") as span:
            span.set_attribute("k", "v")
        return question.upper()

    with mlflow.start_run() as run:
        answer("hello")
        answer("again")
        if hasattr(mlflow, "flush_trace_async_logging"):
            mlflow.flush_trace_async_logging()
    experiment = run.info.experiment_id
    found = client.search_traces(experiment_ids=[experiment])
    assert len(found) == 2 and len(found[0].data.spans) == 2, found
    ours = client.search_traces(experiment_ids=[experiment], filter_string=f"attributes.run_id = '{run.info.run_id}'")
    assert len(ours) == 2
    trace = found[0].info.trace_id if isThird else found[0].info.request_id
    client.set_trace_tag(trace, "good", "yes")
    assert len(client.search_traces(experiment_ids=[experiment], filter_string="tags.good = 'yes'")) == 1
    if isThird:
        mlflow.log_feedback(trace_id=trace, name="fine", value=True)
        assert mlflow.get_trace(trace).info.assessments[0].name == "fine"
    client.delete_traces(experiment, trace_ids=[trace]) if isThird else client.delete_traces(experiment, request_ids=[trace])
    assert len(client.search_traces(experiment_ids=[experiment])) == 1


if failed:
    sys.exit(1)
print("done", file=sys.stderr)
