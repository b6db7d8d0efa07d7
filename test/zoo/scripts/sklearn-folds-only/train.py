import os
import pickle

from sklearn.datasets import load_iris
from sklearn.model_selection import KFold
from sklearn.svm import SVC

x, y = load_iris(return_X_y=True)
os.makedirs("output", exist_ok=True)
for fold, (train, test) in enumerate(KFold(4, shuffle=True, random_state=2).split(x)):
    model = SVC(C=1.5).fit(x[train], y[train])
    print(f"fold {fold}: {model.score(x[test], y[test]):.3f}")
    with open(f"output/svc_fold{fold}.pkl", "wb") as file:
        pickle.dump(model, file)
