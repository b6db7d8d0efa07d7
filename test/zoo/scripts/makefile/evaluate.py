import json

import joblib
from sklearn.datasets import load_wine

from truth import tell

x, y = load_wine(return_X_y=True)
accuracy = joblib.load("build/model.joblib").score(x[1::2], y[1::2])
with open("build/metrics.json", "w") as file:
    json.dump({"accuracy": accuracy}, file)
tell(accuracy=accuracy)
