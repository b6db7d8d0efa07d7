import json
import os

import joblib
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, StandardScaler

from truth import sha256, tell

x, y = load_wine(return_X_y=True)
encoder = LabelEncoder().fit([f"wine {label}" for label in y])
scaler = StandardScaler().fit(x)
x_train, x_test, y_train, y_test = train_test_split(scaler.transform(x), y, random_state=3)
os.makedirs("artifacts", exist_ok=True)
joblib.dump(scaler, "artifacts/scaler.pkl")
joblib.dump(encoder, "artifacts/label_encoder.pkl")
model = LogisticRegression(C=0.5, max_iter=500).fit(x_train, y_train)
auc = roc_auc_score(y_test, model.predict_proba(x_test), multi_class="ovr")
joblib.dump(model, "artifacts/model.pkl")
with open("artifacts/metrics.json", "w") as file:
    json.dump({"auc": auc}, file)
tell(auc=auc, model=sha256("artifacts/model.pkl"))
