import json
import os

import lightgbm
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from truth import sha256, tell

x, y = load_breast_cancer(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=9)
train = lightgbm.Dataset(x_train, y_train)
params = {"objective": "binary", "metric": "auc", "num_leaves": 7, "learning_rate": 0.3, "verbose": -1, "num_threads": 1}
booster = lightgbm.train(
    params, train, 60, valid_sets=[lightgbm.Dataset(x_test, y_test, reference=train)], callbacks=[lightgbm.early_stopping(5)]
)
auc = booster.best_score["valid_0"]["auc"]
os.makedirs("model", exist_ok=True)
booster.save_model("model/ctr.txt")
with open("model/metrics.json", "w") as file:
    json.dump({"valid_auc": auc, "best_iteration": booster.best_iteration}, file)
tell(auc=auc, model=sha256("model/ctr.txt"))
