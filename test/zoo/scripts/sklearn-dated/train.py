import json
import sys
from pathlib import Path

import joblib
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from truth import sha256, tell

day = sys.argv[1]
x, y = make_classification(400, random_state=int(day[-2:]))
model = RandomForestClassifier(10, random_state=0).fit(x[:300], y[:300])
accuracy = model.score(x[300:], y[300:])
Path("models").mkdir(exist_ok=True)
joblib.dump(model, f"models/fraud_{day}.joblib")
Path(f"models/fraud_{day}_metrics.json").write_text(json.dumps({"accuracy": accuracy}))
tell(accuracy=accuracy, model=sha256(f"models/fraud_{day}.joblib"))
