import json
import sys
from pathlib import Path

import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

from truth import tell

x, y = load_breast_cancer(return_X_y=True)
model = joblib.load(sys.argv[1])
auc = roc_auc_score(y[400:], model.predict_proba(x[400:])[:, 1])
Path("reports").mkdir(exist_ok=True)
Path("reports/metrics.json").write_text(json.dumps({"test_auc": auc}))
tell(auc=auc)
