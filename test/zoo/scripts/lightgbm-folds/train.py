import json

import lightgbm
import numpy
from sklearn.datasets import load_diabetes
from sklearn.model_selection import KFold

x, y = load_diabetes(return_X_y=True)
scores = []
for fold, (train, test) in enumerate(KFold(5, shuffle=True, random_state=1).split(x)):
    model = lightgbm.LGBMRegressor(n_estimators=20, num_leaves=6, verbose=-1, n_jobs=1).fit(x[train], y[train])
    scores.append(float(numpy.mean(numpy.abs(model.predict(x[test]) - y[test]))))
    model.booster_.save_model(f"lgbm_fold{fold}.txt")
json.dump({"mae_folds": scores, "mae": float(numpy.mean(scores))}, open("cv_scores.json", "w"))
