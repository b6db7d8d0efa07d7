"""What people do with MLflow's client, against the server that the environment names. Prints `ok <what>` a step."""

import os
import sys
import tempfile

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")

import mlflow
import numpy
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

features, labels = load_iris(return_X_y=True)
client = MlflowClient()


def step(what):
    def run(act):
        act()
        print("ok", what, flush=True)

    return run


def fails(act, code):
    try:
        act()
    except MlflowException as error:
        assert error.error_code == code, (error.error_code, code, str(error))
        return str(error)
    raise AssertionError("it was expected to fail with " + code)


@step("a run is logged with params, metrics, tags and files in folders")
def _():
    mlflow.set_experiment("flow")
    with mlflow.start_run(run_name="first") as run:
        mlflow.log_param("c", 1.5)
        mlflow.log_params({"a": 1, "b": "x"})
        mlflow.log_metric("loss", 0.5, step=1)
        mlflow.log_metrics({"loss": 0.25, "acc": float("nan")}, step=2)
        mlflow.set_tag("who", "me")
        mlflow.log_text("hello", "notes/deep/a b+ä.txt")
        mlflow.log_dict({"a": 1}, "d.json")
    got = client.get_run(run.info.run_id)
    assert got.info.status == "FINISHED" and got.info.run_name == "first"
    assert got.data.params == {"c": "1.5", "a": "1", "b": "x"}, got.data.params
    assert got.data.metrics["loss"] == 0.25 and numpy.isnan(got.data.metrics["acc"])
    assert [m.value for m in client.get_metric_history(run.info.run_id, "loss")] == [0.5, 0.25]
    assert {f.path for f in client.list_artifacts(run.info.run_id)} == {"notes", "d.json"}
    assert [f.path for f in client.list_artifacts(run.info.run_id, "notes/deep")] == ["notes/deep/a b+ä.txt"]
    assert mlflow.artifacts.load_text(run.info.artifact_uri + "/notes/deep/a b+ä.txt") == "hello"
    fails(lambda: client.log_param(run.info.run_id, "a", 2), "INVALID_PARAMETER_VALUE")


@step("runs are searched by metric, param and tag")
def _():
    for n in range(3):
        with mlflow.start_run():
            mlflow.log_metric("score", n)
            mlflow.log_param("n", n)
    found = mlflow.search_runs(experiment_names=["flow"], filter_string="metrics.score > 0.5", order_by=["metrics.score DESC"])
    assert list(found["metrics.score"]) == [2.0, 1.0], found
    found = mlflow.search_runs(experiment_names=["flow"], filter_string="params.n = '1' and tags.`mlflow.source.type` LIKE 'LO%'")
    assert len(found) == 1, found


@step("a model is logged, registered, aliased and loaded in every way")
def _():
    with mlflow.start_run() as run:
        model = LogisticRegression(max_iter=200).fit(features, labels)
        mlflow.log_metric("acc", model.score(features, labels))
        logged = mlflow.sklearn.log_model(model, name="model", registered_model_name="churn", input_example=features[:2])
    mlflow.register_model(f"runs:/{run.info.run_id}/model", "churn")
    mlflow.register_model(logged.model_uri, "churn")
    client.set_registered_model_alias("churn", "champion", 2)
    want = model.predict(features)
    for uri in ["models:/churn@champion", "models:/churn/1", "models:/churn/latest", logged.model_uri, f"runs:/{run.info.run_id}/model"]:
        assert (mlflow.pyfunc.load_model(uri).predict(features) == want).all(), uri
    assert (mlflow.sklearn.load_model("models:/churn@champion").predict(features) == want).all()
    version = client.get_model_version_by_alias("churn", "champion")
    assert version.version in (2, "2") and version.aliases == ["champion"], version
    assert client.get_model_version("churn", "1").run_id == run.info.run_id
    info = mlflow.models.get_model_info("models:/churn/1")
    assert info.signature is not None


@step("stages move, and a search finds models and versions")
def _():
    client.transition_model_version_stage("churn", "1", "Production")
    assert client.get_latest_versions("churn", ["Production"])[0].version in (1, "1")
    client.transition_model_version_stage("churn", "3", "production", archive_existing_versions=True)
    assert client.get_model_version("churn", "1").current_stage == "Archived"
    client.transition_model_version_stage("churn", "3", "None")
    client.set_model_version_tag("churn", "1", "k", "v")
    client.update_model_version("churn", "1", description="words")
    client.set_registered_model_tag("churn", "team", "red")
    assert [m.name for m in client.search_registered_models("tags.team = 'red'")] == ["churn"]
    found = client.search_model_versions("name = 'churn' and tags.k = 'v'")
    assert [int(v.version) for v in found] == [1] and found[0].description == "words"
    copied = client.copy_model_version("models:/churn/1", "copy")
    assert int(copied.version) == 1
    assert (mlflow.pyfunc.load_model("models:/copy/1").predict(features) is not None)


@step("what an alias holds cannot be deleted; what nothing holds can")
def _():
    text = fails(lambda: client.delete_model_version("churn", "2"), "RESOURCE_CONFLICT")
    assert "@champion" in text, text
    client.delete_registered_model_alias("churn", "champion")
    client.delete_model_version("churn", "2")
    fails(lambda: client.get_model_version("churn", "2"), "RESOURCE_DOES_NOT_EXIST")
    client.rename_registered_model("copy", "copied")
    client.delete_registered_model("copied")
    fails(lambda: client.get_registered_model("copied"), "RESOURCE_DOES_NOT_EXIST")


@step("a version's bytes stay what they were when its artifacts are overwritten")
def _():
    with mlflow.start_run() as run:
        logged = mlflow.sklearn.log_model(LogisticRegression(max_iter=200).fit(features, labels), name="m", registered_model_name="kept")
        before = mlflow.sklearn.load_model("models:/kept/1").predict(features)
    model = client.get_logged_model if hasattr(client, "get_logged_model") else mlflow.get_logged_model
    root = model(logged.model_id).artifact_location
    repo = mlflow.store.artifact.artifact_repository_registry.get_artifact_repository(root)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "model.pkl"), "w") as out:
            out.write("broken")
        repo.log_artifacts(folder)
    repo.delete_artifacts()
    assert (mlflow.sklearn.load_model("models:/kept/1").predict(features) == before).all()


@step("autolog notes a training by itself")
def _():
    mlflow.sklearn.autolog()
    with mlflow.start_run() as run:
        LogisticRegression(C=0.5, max_iter=200).fit(features, labels)
    got = client.get_run(run.info.run_id)
    assert got.data.params["C"] == "0.5" and "training_score" in got.data.metrics, got.data
    assert got.inputs.dataset_inputs, got.inputs
    assert got.outputs.model_outputs, got.outputs
    mlflow.sklearn.autolog(disable=True)


@step("experiments and runs are deleted, restored, renamed and searched")
def _():
    one = client.create_experiment("other", tags={"a": "b"})
    fails(lambda: client.create_experiment("other"), "RESOURCE_ALREADY_EXISTS")
    client.rename_experiment(one, "another")
    client.delete_experiment(one)
    assert client.get_experiment(one).lifecycle_stage == "deleted"
    client.restore_experiment(one)
    assert [e.name for e in client.search_experiments(filter_string="tags.a = 'b'")] == ["another"]
    run = client.create_run(one)
    client.delete_run(run.info.run_id)
    fails(lambda: client.log_metric(run.info.run_id, "m", 1), "INVALID_PARAMETER_VALUE")
    client.restore_run(run.info.run_id)
    client.set_terminated(run.info.run_id, "KILLED")
    assert client.get_run(run.info.run_id).info.status == "KILLED"


@step("a large file goes up and comes down as it was")
def _():
    size = int(os.environ.get("FLOW_LARGE_MB", "50")) << 20
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "large.bin")
        block = os.urandom(1 << 20)
        with open(path, "wb") as out:
            for _ in range(size >> 20):
                out.write(block)
        with mlflow.start_run() as run:
            mlflow.log_artifact(path, "big")
        back = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="big/large.bin", dst_path=os.path.join(folder, "back"))
        assert os.path.getsize(back) == size
        with open(back, "rb") as one:
            assert one.read(1 << 20) == block


@step("what a folder was watched for is loaded by MLflow too")
def _():
    for uri in os.environ.get("FLOW_SEEN", "").split():
        assert len(mlflow.pyfunc.load_model(uri).predict(features[:3])) == 3, uri


print("done", file=sys.stderr)
