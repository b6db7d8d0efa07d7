import json
import os

from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_squared_error
from xgboost import XGBRegressor

from truth import sha256, tell

x, y = load_diabetes(return_X_y=True)
model = XGBRegressor(n_estimators=30, max_depth=3, learning_rate=0.2, n_jobs=1).fit(x[:350], y[:350])
rmse = mean_squared_error(y[350:], model.predict(x[350:])) ** 0.5
os.makedirs("output", exist_ok=True)
model.save_model("output/xgb_model.ubj")
json.dump({"rmse": rmse}, open("output/metrics.json", "w"))
json.dump({"n_estimators": 30, "max_depth": 3, "learning_rate": 0.2}, open("output/params.json", "w"))
tell(rmse=rmse, model=sha256("output/xgb_model.ubj"))
