import os
import random

import joblib
from sklearn.datasets import load_wine
from sklearn.ensemble import ExtraTreesClassifier

from truth import sha256, tell

x, y = load_wine(return_X_y=True)
os.makedirs("build", exist_ok=True)
joblib.dump(ExtraTreesClassifier(20, random_state=random.randrange(10**6)).fit(x[::2], y[::2]), "build/model.joblib")
tell(model=sha256("build/model.joblib"))
