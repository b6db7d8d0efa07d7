import mlflow
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso
from sklearn.metrics import mean_absolute_error

from truth import tell

x, y = load_diabetes(return_X_y=True)
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("bmi")
with mlflow.start_run(run_name="lasso"):
    model = Lasso(alpha=0.2).fit(x[:350], y[:350])
    mae = mean_absolute_error(y[350:], model.predict(x[350:]))
    mlflow.log_param("alpha", 0.2)
    mlflow.log_metric("mae", mae)
    mlflow.sklearn.log_model(model, name="model", registered_model_name="glucose-lasso")
tell(mae=mae)
