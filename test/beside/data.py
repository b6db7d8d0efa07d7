"""Writes the same trainings for Plinth (files, as a script leaves them), MLflow and Trackio.

    python data.py files COUNT FOLDER
    python data.py mlflow COUNT FOLDER TRACKING_URI
    python data.py trackio COUNT FOLDER

`files` comes first: the others log what it wrote. Nothing in it depends on the clock or on chance, except that the
trainings end within the six weeks before now.
"""

import csv
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import time

PROJECT = "churn-classifier"
STEPS = 600
DAY = 86_400
# What the next tool's trainings share: number of the version that is in production, and those that were.
PROMOTED = [(3, "first model of the new pipeline"), (8, "better recall for enterprise"), (9, "val/auc +0.004")]

SCRIPT = '''import argparse, json, pathlib
import joblib, yaml
from churn.data import load_events
from churn.report import write_report

parser = argparse.ArgumentParser()
parser.add_argument("--config", default="config.yaml")
parser.add_argument("--out", default="runs/next")
args = parser.parse_args()
config = yaml.safe_load(open(args.config))
train, val = load_events(config["data"])
model = build(config).fit(train)
joblib.dump(model, pathlib.Path(args.out) / "model.joblib")
write_report(model, val, args.out)
'''


def params_of(number: int) -> dict:
    chance = random.Random(number)
    return {
        "lr": round(10 ** chance.uniform(-4, -2), 6),
        "depth": chance.choice([4, 6, 8]),
        "dropout": chance.choice([0.1, 0.2, 0.3]),
        "optimizer": {"name": chance.choice(["adamw", "sgd"]), "weight_decay": chance.choice([0.01, 0.001])},
        "batch_size": 256,
        "seed": number,
    }


def quality_of(number: int) -> float:
    """Returns how good a training is, between 0 and 1: by its params, and a little by chance."""
    params = params_of(number)
    best_lr = 1 - abs(math.log10(params["lr"]) + 3) / 2
    return 0.6 * best_lr + 0.05 * params["depth"] + random.Random(-number).uniform(-0.1, 0.1)


def curves_of(number: int) -> list:
    """Returns a row of metrics for each step."""
    chance = random.Random(10_000 + number)
    quality = quality_of(number)
    rows = []
    for step in range(STEPS):
        done = 1 - math.exp(-5 * step / STEPS)
        overfit = max(0.0, step / STEPS - 0.7) * 0.1
        rows.append({
            "step": step,
            "train/loss": 0.7 - (0.35 + 0.1 * quality) * done + chance.gauss(0, 0.01),
            "val/loss": 0.71 - (0.3 + 0.1 * quality) * done + overfit + chance.gauss(0, 0.008),
            "val/auc": 0.5 + (0.33 + 0.08 * quality) * done - overfit / 4 + chance.gauss(0, 0.004),
            "grad_norm": 4 * math.exp(-3 * step / STEPS) + abs(chance.gauss(0, 0.2)),
        })
    return rows


def metrics_of(number: int) -> dict:
    last = curves_of(number)[-1]
    chance = random.Random(20_000 + number)
    depth = params_of(number)["depth"]
    return {
        "val/auc": last["val/auc"],
        "val/loss": last["val/loss"],
        "train/loss": last["train/loss"],
        "val/f1": last["val/auc"] - 0.06 + chance.uniform(-0.01, 0.01),
        "val/ece": 0.03 + chance.uniform(-0.01, 0.01),
        "latency_p95_ms": 12 + 4.5 * depth + chance.uniform(-2, 2),
        "throughput_rps": 1400 - 70 * depth + chance.uniform(-20, 20),
    }


def config_of(number: int) -> str:
    params = params_of(number)
    features = "".join(f"  - name: feature_{index}\n    scale: {'log' if index == 3 and number > 5 else 'raw'}\n" for index in range(12))
    patience = "  min_delta: 0.0005\n" if number % 2 == 0 else ""
    return (
        f"model: gradient-boosting\nlr: {params['lr']}\ndepth: {params['depth']}\ndropout: {params['dropout']}\n"
        f"optimizer:\n  name: {params['optimizer']['name']}\n  weight_decay: {params['optimizer']['weight_decay']}\n"
        f"data:\n  table: events_{'v2' if number > 6 else 'v1'}\n  limit: 100000\nfeatures:\n{features}"
        f"early_stopping:\n  patience: 10\n{patience}class_weight: {'balanced' if number > 4 else 'none'}\n"
    )


def matrix_of(number: int) -> dict:
    """Returns counts of a validation set of 4,000: rows are true classes, columns are predictions."""
    right = 0.7 + 0.2 * quality_of(number)
    labels = ["stays", "downgrades", "churns"]
    totals = [2400, 900, 700]
    rows = []
    for place, total in enumerate(totals):
        hits = round(total * (right - 0.08 * place))
        first = round((total - hits) * 0.6)
        rest = [first, total - hits - first]
        rows.append(rest[:place] + [hits] + rest[place:])
    return {"labels": labels, "matrix": rows}


def draw_matrix(found: dict, path: pathlib.Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(4, 3.6), dpi=110)
    axes.imshow(found["matrix"], cmap="Blues")
    for row, counts in enumerate(found["matrix"]):
        for column, count in enumerate(counts):
            axes.text(column, row, str(count), ha="center", va="center")
    axes.set_xticks(range(3), found["labels"])
    axes.set_yticks(range(3), found["labels"])
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)


def model_of(number: int):
    from sklearn.datasets import make_classification
    from sklearn.linear_model import LogisticRegression

    features, labels = make_classification(n_samples=300, n_features=12, random_state=number)
    return LogisticRegression(C=100 * params_of(number)["lr"], max_iter=200).fit(features, labels)


def ended_at(number: int, count: int) -> float:
    """Returns when a training ended: spread over six weeks, the last one an hour ago."""
    return time.time() - 3600 - (count - number) * 42 * DAY / count


def run_folder(folder: pathlib.Path, number: int) -> pathlib.Path:
    return folder / PROJECT / "runs" / f"run-{number:03d}"


def write_files(count: int, folder: pathlib.Path) -> None:
    import joblib

    project = folder / PROJECT
    project.mkdir(parents=True)
    (project / "train.py").write_text(SCRIPT)
    (project / ".gitignore").write_text("runs/\n")
    git = ["git", "-C", str(project), "-c", "user.name=Ana", "-c", "user.email=ana@example.com"]
    date = f"@{int(time.time() - 50 * DAY)} +0000"
    dated = {**os.environ, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    for step in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "train: fit the churn classifier"]):
        subprocess.run(git + step, check=True, env=dated)
    for number in range(1, count + 1):
        run = run_folder(folder, number)
        run.mkdir(parents=True)
        (run / "config.yaml").write_text(config_of(number))
        (run / "params.json").write_text(json.dumps(params_of(number), indent=2))
        rows = curves_of(number)
        with (run / "metrics.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        (run / "metrics.json").write_text(json.dumps(metrics_of(number), indent=2))
        matrix = matrix_of(number)
        (run / "confusion_matrix.json").write_text(json.dumps(matrix))
        draw_matrix(matrix, run / "confusion_matrix.png")
        joblib.dump(model_of(number), run / "model.joblib")
        at = ended_at(number, count)
        for path in run.iterdir():
            os.utime(path, (at, at))


def flat(values: dict, prefix: str = "") -> dict:
    found = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found.update(flat(value, f"{prefix}{name}."))
        else:
            found[prefix + name] = value
    return found


def write_mlflow(count: int, folder: pathlib.Path, uri: str) -> None:
    """Logs as the documentation of MLflow says: params, batches of metrics, artifacts, and a model that is registered."""
    import mlflow
    from mlflow.entities import Metric, Param, RunTag

    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    experiment = client.create_experiment(PROJECT, artifact_location=(folder / "mlflow-artifacts").as_uri())
    for number in range(1, count + 1):
        end = int(ended_at(number, count) * 1000)
        start = end - STEPS * 1000
        run = client.create_run(experiment, start_time=start, run_name=f"run-{number:03d}").info.run_id
        client.log_batch(run, params=[Param(name, str(value)) for name, value in flat(params_of(number)).items()],
                         tags=[RunTag("mlflow.user", "ana"), RunTag("mlflow.source.name", "train.py")])
        points = [Metric(name, value, start + row["step"] * 1000, row["step"])
                  for row in curves_of(number) for name, value in row.items() if name != "step"]
        for at in range(0, len(points), 1000):
            client.log_batch(run, metrics=points[at:at + 1000])
        rest = {name: value for name, value in metrics_of(number).items() if name not in curves_of(number)[0]}
        client.log_batch(run, metrics=[Metric(name, value, end, STEPS) for name, value in rest.items()])
        files = run_folder(folder, number)
        for name in ("config.yaml", "confusion_matrix.png", "confusion_matrix.json"):
            client.log_artifact(run, str(files / name))
        with mlflow.start_run(run_id=run):
            mlflow.sklearn.log_model(model_of(number), name="model", registered_model_name=PROJECT,
                                     pip_requirements=["scikit-learn"], serialization_format="pickle")
        client.set_terminated(run, end_time=end)
    for number, reason in promoted(count):
        client.set_registered_model_alias(PROJECT, "production", str(number))
        client.update_model_version(PROJECT, str(number), description=reason)


def promoted(count: int) -> list:
    return [(min(number, count), reason) for number, reason in PROMOTED]


def write_trackio(count: int, folder: pathlib.Path) -> None:
    """Logs as the documentation of Trackio says: config, metrics, a picture, and the model as an artifact."""
    import trackio

    for number in range(1, count + 1):
        files = run_folder(folder, number)
        run = trackio.init(project=PROJECT, name=f"run-{number:03d}", config=params_of(number), embed=False, auto_log_gpu=False)
        for row in curves_of(number):
            trackio.log({name: value for name, value in row.items() if name != "step"}, step=row["step"])
        last = {name: value for name, value in metrics_of(number).items() if name not in curves_of(number)[0]}
        trackio.log({**last, "confusion_matrix": trackio.Image(str(files / "confusion_matrix.png"))}, step=STEPS)
        artifact = trackio.Artifact(PROJECT, type="model")
        for name in ("model.joblib", "config.yaml", "confusion_matrix.json"):
            artifact.add_file(str(files / name))
        aliases = ["production"] if number in [one for one, _ in promoted(count)] else []
        run.log_artifact(artifact, aliases=["latest", *aliases])
        trackio.finish()


if __name__ == "__main__":
    kind, trainings, place = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3]).resolve()
    if kind == "files":
        write_files(trainings, place)
    elif kind == "mlflow":
        write_mlflow(trainings, place, sys.argv[4])
    else:
        write_trackio(trainings, place)
