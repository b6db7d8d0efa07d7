import json
from pathlib import Path

import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from truth import sha256, tell

x, y = load_breast_cancer(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=11)
models = {
    "logreg": LogisticRegression(max_iter=5000),
    "random_forest": RandomForestClassifier(20, random_state=0),
    "knn": KNeighborsClassifier(7),
}
Path("models").mkdir(exist_ok=True)
metrics = {}
for name, model in models.items():
    model.fit(x_train, y_train)
    metrics[name] = {"accuracy": model.score(x_test, y_test)}
    joblib.dump(model, f"models/{name}.joblib")
Path("models/metrics.json").write_text(json.dumps(metrics, indent=2))
tell(**{name: {"accuracy": metrics[name]["accuracy"], "model": sha256(f"models/{name}.joblib")} for name in models})
