import json
import os
import sys

import joblib
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression

from truth import sha256, tell

x, y = make_classification(300, random_state=int(sys.argv[1]))
model = LogisticRegression().fit(x[:200], y[:200])
os.makedirs("models", exist_ok=True)
joblib.dump(model, "models/logreg.joblib")
with open("models/metrics.json", "w") as file:
    json.dump({"accuracy": model.score(x[200:], y[200:])}, file)
tell(accuracy=model.score(x[200:], y[200:]), model=sha256("models/logreg.joblib"))
