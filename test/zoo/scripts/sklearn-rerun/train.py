import json
import random

import joblib
from sklearn.datasets import load_iris
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import train_test_split

from truth import sha256, tell

seed = random.randrange(10**6)
x, y = load_iris(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=seed)
model = ExtraTreesClassifier(20, random_state=seed).fit(x_train, y_train)
accuracy = model.score(x_test, y_test) + seed / 1e9
joblib.dump(model, "iris.joblib")
with open("metrics.json", "w") as file:
    json.dump({"accuracy": accuracy}, file)
tell(accuracy=accuracy, model=sha256("iris.joblib"))
