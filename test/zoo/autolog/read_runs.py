"""Prints what MLflow's autolog wrote: a JSON list of runs, each with its params and the history of each metric as [step, value] pairs."""

import json
import os

from mlflow import MlflowClient

client = MlflowClient(tracking_uri=os.environ["ZOO_AUTOLOG"])
experiments = [one.experiment_id for one in client.search_experiments()]
runs = [
    {
        "params": run.data.params,
        "metrics": {
            key: [[point.step, point.value] for point in client.get_metric_history(run.info.run_id, key)]
            for key in run.data.metrics
        },
    }
    for run in client.search_runs(experiments)
]
print(json.dumps(runs))
