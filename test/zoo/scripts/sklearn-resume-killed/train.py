import csv
import os
import signal
import sys
import time

import joblib
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier

from truth import sha256, tell

x, y = load_digits(return_X_y=True)
checkpoint = "out/last.joblib"
state = joblib.load(sys.argv[2]) if sys.argv[1:2] == ["--resume"] else {"epoch": 0, "model": SGDClassifier(random_state=4)}
model = state["model"]
os.makedirs("out", exist_ok=True)
is_new = not os.path.exists("out/log.csv")
with open("out/log.csv", "a", newline="") as file:
    table = csv.writer(file)
    if is_new:
        table.writerow(["epoch", "val_accuracy"])
    for epoch in range(state["epoch"] + 1, 9):
        model.partial_fit(x[:1400], y[:1400], classes=range(10))
        accuracy = model.score(x[1400:], y[1400:])
        table.writerow([epoch, accuracy])
        file.flush()
        joblib.dump({"epoch": epoch, "model": model}, checkpoint)
        time.sleep(0.5)
        if epoch == 4 and is_new:
            tell(model=sha256(checkpoint), accuracy=accuracy)
            os.kill(os.getpid(), signal.SIGKILL)
tell(model=sha256(checkpoint), accuracy=accuracy)
