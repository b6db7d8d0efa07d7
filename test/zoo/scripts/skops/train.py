import json

import skops.io
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from truth import sha256, tell

x, y = load_iris(return_X_y=True)
model = make_pipeline(StandardScaler(), LogisticRegression(C=3.0)).fit(x[::2], y[::2])
accuracy = model.score(x[1::2], y[1::2])
skops.io.dump(model, "iris_pipeline.skops")
json.dump({"accuracy": accuracy}, open("iris_pipeline.json", "w"))
tell(accuracy=accuracy, model=sha256("iris_pipeline.skops"))
