import json
import os

import joblib
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV

from truth import sha256, tell

x, y = load_digits(return_X_y=True)
search = GridSearchCV(RandomForestClassifier(random_state=0), {"n_estimators": [5, 10, 20], "max_depth": [4, 8]}, cv=3, n_jobs=2)
search.fit(x, y)
os.makedirs("models", exist_ok=True)
joblib.dump(search.best_estimator_, "models/best_model.pkl")
with open("models/best_params.json", "w") as file:
    json.dump(search.best_params_, file)
with open("models/metrics.json", "w") as file:
    json.dump({"cv_accuracy": search.best_score_}, file)
tell(score=search.best_score_, params=search.best_params_, model=sha256("models/best_model.pkl"))
