"""Logs, registers and loads through a connection that fails every request once before it lets it through."""

import os
import tempfile
from pathlib import Path

import mlflow
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

features, labels = load_iris(return_X_y=True)
model = LogisticRegression(max_iter=200).fit(features, labels)
mlflow.set_experiment("shaky")
with mlflow.start_run() as run:
    mlflow.log_params({"C": 1.0})
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "notes.txt")
        path.write_text("notes")
        mlflow.log_artifact(str(path), "deep/er")
    mlflow.sklearn.log_model(model, name="model", registered_model_name="shaky", serialization_format="pickle")

client = mlflow.MlflowClient()
runs = client.search_runs([client.get_experiment_by_name("shaky").experiment_id])
assert [found.info.run_id for found in runs] == [run.info.run_id], runs
assert runs[0].info.status == "FINISHED"
history = client.get_metric_history(run.info.run_id, "loss")
assert [point.step for point in history] == list(range(5)), history
text = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/deep/er/notes.txt")
assert text == "notes", text
versions = client.search_model_versions("name='shaky'")
assert [found.version for found in versions] == ["1"] or [found.version for found in versions] == [1], versions
client.set_registered_model_alias("shaky", "champion", "1")
assert len(mlflow.pyfunc.load_model("models:/shaky@champion").predict(features[:4])) == 4
print("ok")
