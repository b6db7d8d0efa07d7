import json
from pathlib import Path

import joblib
import yaml
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

from truth import sha256, tell

params = yaml.safe_load(Path("params.yaml").read_text())
x, y = load_breast_cancer(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=params["seed"])
model = HistGradientBoostingClassifier(learning_rate=params["lr"], max_iter=params["rounds"]).fit(x_train, y_train)
report = classification_report(y_test, model.predict(x_test), output_dict=True)
for folder in ("models", "reports"):
    Path(folder).mkdir(exist_ok=True)
joblib.dump(model, "models/readmission.joblib")
Path("reports/classification_report.json").write_text(json.dumps(report))
tell(accuracy=report["accuracy"], f1=report["macro avg"]["f1-score"], model=sha256("models/readmission.joblib"))
