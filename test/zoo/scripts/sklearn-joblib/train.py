import json
import os

import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

from truth import sha256, tell

x, y = load_breast_cancer(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=7)
model = RandomForestClassifier(n_estimators=30, max_depth=4, random_state=7)
model.fit(x_train, y_train)
predicted = model.predict(x_test)
metrics = {"accuracy": accuracy_score(y_test, predicted), "f1": f1_score(y_test, predicted)}

os.makedirs("models", exist_ok=True)
joblib.dump(model, "models/churn.joblib")
with open("models/metrics.json", "w") as file:
    json.dump(metrics, file, indent=2)
tell(metrics=metrics, model=sha256("models/churn.joblib"))
