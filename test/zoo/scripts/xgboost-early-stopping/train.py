import os

import pandas
import xgboost
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from truth import sha256, tell

x, y = load_breast_cancer(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=0)
history = {}
params = {"objective": "binary:logistic", "eval_metric": "logloss", "max_depth": 3, "eta": 0.5, "nthread": 1}
booster = xgboost.train(
    params,
    xgboost.DMatrix(x_train, y_train),
    200,
    evals=[(xgboost.DMatrix(x_test, y_test), "valid")],
    early_stopping_rounds=8,
    evals_result=history,
    verbose_eval=False,
)
os.makedirs("models", exist_ok=True)
booster.save_model("models/default_risk.json")
pandas.DataFrame({"valid_logloss": history["valid"]["logloss"]}).to_csv("models/history.csv", index_label="iteration")
last = history["valid"]["logloss"][-1]
assert last != booster.best_score
tell(best=booster.best_score, model=sha256("models/default_risk.json"))
