import os

from catboost import CatBoostClassifier
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from truth import sha256, tell

x, y = load_breast_cancer(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=2)
model = CatBoostClassifier(iterations=60, depth=3, learning_rate=0.4, eval_metric="AUC", thread_count=1, verbose=False, random_seed=1)
model.fit(x_train, y_train, eval_set=(x_test, y_test))
os.makedirs("models", exist_ok=True)
model.save_model("models/upsell.cbm")
tell(auc=model.best_score_["validation"]["AUC"], model=sha256("models/upsell.cbm"))
