import joblib
from dvclive import Live
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier

from truth import sha256, tell

x, y = load_digits(return_X_y=True)
model = SGDClassifier(loss="log_loss", alpha=0.001, random_state=3)
with Live(save_dvc_exp=False, report=None) as live:
    live.log_params({"alpha": 0.001, "epochs": 6})
    for epoch in range(6):
        model.partial_fit(x[:1400], y[:1400], classes=range(10))
        accuracy = model.score(x[1400:], y[1400:])
        live.log_metric("accuracy", accuracy)
        live.next_step()
    joblib.dump(model, "model.pkl")
    live.summary["final_accuracy"] = accuracy
tell(accuracy=accuracy, model=sha256("model.pkl"))
