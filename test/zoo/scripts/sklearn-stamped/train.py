import json
import os
import pickle
import random
from datetime import datetime

from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error

from truth import sha256, tell

x, y = load_diabetes(return_X_y=True)
model = RandomForestRegressor(12, random_state=random.randrange(10**6)).fit(x[:350], y[:350])
mae = mean_absolute_error(y[350:], model.predict(x[350:]))
run = os.path.join("runs", datetime.now().strftime("%Y%m%d_%H%M%S"))
os.makedirs(run)
with open(f"{run}/metrics.json", "w") as file:
    json.dump({"mae": mae}, file)
with open(f"{run}/config.json", "w") as file:
    json.dump({"n_estimators": 12, "rows": 350}, file)
with open(f"{run}/model.pkl", "wb") as file:
    pickle.dump(model, file)
tell(mae=mae, model=sha256(f"{run}/model.pkl"))
