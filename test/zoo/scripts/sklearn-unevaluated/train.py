import json
import os
import random
import sys

import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import SGDClassifier

from truth import sha256, tell

x, y = load_breast_cancer(return_X_y=True)
model = SGDClassifier(random_state=random.randrange(10**6)).fit(x[:400], y[:400])
os.makedirs("model", exist_ok=True)
joblib.dump(model, "model/spam.joblib")
truth = {"model": sha256("model/spam.joblib")}
if "--evaluate" in sys.argv:
    truth["accuracy"] = model.score(x[400:], y[400:])
    with open("model/metrics.json", "w") as file:
        json.dump({"accuracy": truth["accuracy"]}, file)
tell(**truth)
