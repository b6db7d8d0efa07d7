import json

import joblib
from sklearn.datasets import load_iris

from truth import tell

x, y = load_iris(return_X_y=True)
accuracy = joblib.load("tree.pkl").score(x[1::2], y[1::2])
json.dump({"accuracy": accuracy}, open("scores.json", "w"))
tell(accuracy=accuracy)
