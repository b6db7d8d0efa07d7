import json
import os
import pickle

import optuna
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from truth import sha256, tell

optuna.logging.set_verbosity(optuna.logging.WARNING)
x, y = load_wine(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=6)
os.makedirs("trials", exist_ok=True)


def objective(trial):
    model = SVC(C=trial.suggest_float("C", 0.01, 100, log=True), gamma=trial.suggest_float("gamma", 1e-5, 1, log=True))
    model.fit(x_train, y_train)
    with open(f"trials/trial_{trial.number}.pkl", "wb") as file:
        pickle.dump(model, file)
    return model.score(x_test, y_test)


study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=1), storage="sqlite:///study.db", study_name="wine")
study.optimize(objective, n_trials=12)
with open(f"trials/trial_{study.best_trial.number}.pkl", "rb") as file:
    best = pickle.load(file)
with open("best_model.pkl", "wb") as file:
    pickle.dump(best, file)
with open("metrics.json", "w") as file:
    json.dump({"accuracy": study.best_value}, file)
tell(accuracy=study.best_value, params=study.best_params, model=sha256("best_model.pkl"))
