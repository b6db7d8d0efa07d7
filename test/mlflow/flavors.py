"""Loads versions that the watcher found, each by the flavour of its framework, through an unmodified MLflow client."""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")

import mlflow  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

digits = np.zeros((2, 64), "float32")


def columns(name):
    """A table of zeros with the columns that the model's signature names."""
    inputs = mlflow.models.get_model_info(f"models:/{name}/1").signature.inputs
    return pd.DataFrame(np.zeros((2, len(inputs))), columns=inputs.input_names())


def shown(name, act):
    try:
        print("ok" if act() else "not ok", name, flush=True)
    except Exception as error:
        print("not ok", name, type(error).__name__, str(error)[:300], flush=True)


def predicts(name, data):
    shown(name, lambda: len(mlflow.pyfunc.load_model(f"models:/{name}/1").predict(data)) > 0)


predicts("keras", digits)
predicts("keras-h5", digits)
predicts("torchscript", digits)
predicts("onnx", {"x": digits[:1]})
predicts("xgboost", columns("xgboost"))
predicts("lightgbm", columns("lightgbm"))
predicts("skops", np.zeros((2, 13)))
predicts("bert", ["hello"])
shown("gpt2", lambda: mlflow.pyfunc.load_model("models:/gpt2/1"))
shown("keras by its own flavour", lambda: mlflow.keras.load_model("models:/keras/1"))
shown("bert by its own flavour", lambda: mlflow.transformers.load_model("models:/bert/1"))
shown("torchscript by its own flavour", lambda: mlflow.pytorch.load_model("models:/torchscript/1", weights_only=False))
shown("xgboost by its own flavour", lambda: mlflow.xgboost.load_model("models:/xgboost/1"))
shown("lightgbm by its own flavour", lambda: mlflow.lightgbm.load_model("models:/lightgbm/1"))
shown("onnx by its own flavour", lambda: mlflow.onnx.load_model("models:/onnx/1"))
sys.exit(0)
