import random
from pathlib import Path

import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

from truth import sha256, tell

x, y = load_breast_cancer(return_X_y=True)
Path("models").mkdir(exist_ok=True)
joblib.dump(RandomForestClassifier(15, random_state=random.randrange(10**6)).fit(x[:400], y[:400]), "models/tumour.joblib")
tell(model=sha256("models/tumour.joblib"))
