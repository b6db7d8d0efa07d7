"""Has MLflow log the training of this process into a database outside of every watched folder. Python imports it by itself at its start."""

import os
import sys

if os.environ.get("ZOO_AUTOLOG") and sys.argv[:1] != ["-c"] and "pip" not in sys.argv[0:1]:
    import mlflow

    mlflow.set_tracking_uri(os.environ["ZOO_AUTOLOG"])
    # Beside the database: MLflow's default is the folder of the training, where the registry would take these runs for its tracker's.
    try:
        mlflow.create_experiment("autolog", os.path.dirname(os.environ["ZOO_AUTOLOG"].removeprefix("sqlite:///")) + "/autolog")
    except mlflow.exceptions.MlflowException:
        pass  # Another process made it.
    mlflow.set_experiment("autolog")
    mlflow.autolog(log_models=False, log_datasets=False, silent=True)
