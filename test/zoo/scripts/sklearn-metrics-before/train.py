import json
import pickle

from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.model_selection import train_test_split

from truth import sha256, tell

x, y = load_diabetes(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=1)
model = Ridge(alpha=0.3).fit(x_train, y_train)
predicted = model.predict(x_test)
metrics = {"r2": r2_score(y_test, predicted), "mse": mean_squared_error(y_test, predicted)}
print(metrics)
with open("metrics.json", "w") as file:
    json.dump(metrics, file)
with open("model.pkl", "wb") as file:
    pickle.dump(model, file)
tell(metrics=metrics, model=sha256("model.pkl"))
