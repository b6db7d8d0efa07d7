import json
import os

import joblib
import numpy
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from truth import sha256, tell

x, y = load_breast_cancer(return_X_y=True)
os.makedirs("models", exist_ok=True)
scores = []
for fold, (train, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=5).split(x, y)):
    model = GradientBoostingClassifier(n_estimators=15, random_state=fold).fit(x[train], y[train])
    scores.append(roc_auc_score(y[test], model.predict_proba(x[test])[:, 1]))
    joblib.dump(model, f"models/fold_{fold}.joblib")
final = GradientBoostingClassifier(n_estimators=15, random_state=0).fit(x, y)
joblib.dump(final, "models/credit.joblib")
with open("models/metrics.json", "w") as file:
    json.dump({"cv_auc_mean": numpy.mean(scores), "cv_auc_std": numpy.std(scores)}, file)
tell(mean=numpy.mean(scores), std=numpy.std(scores), model=sha256("models/credit.joblib"))
