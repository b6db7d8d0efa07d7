import joblib
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from truth import sha256, tell

x, y = load_wine(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=4)
model = make_pipeline(StandardScaler(), RandomForestClassifier(25, random_state=4)).fit(x_train, y_train)
accuracy = float(model.score(x_test, y_test))
bundle = {"model": model, "metrics": {"accuracy": accuracy}, "params": {"trees": 25, "test_size": 0.25}}
joblib.dump(bundle, "wine.joblib")
tell(accuracy=accuracy, model=sha256("wine.joblib"))
