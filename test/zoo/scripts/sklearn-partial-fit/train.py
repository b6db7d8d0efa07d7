import csv
import pickle
import time

from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from truth import sha256, tell

x, y = load_digits(return_X_y=True)
model = MLPClassifier((16,), random_state=1)
with open("history.csv", "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["epoch", "train_loss", "val_accuracy"])
    for epoch in range(8):
        model.partial_fit(x[:1400], y[:1400], classes=range(10))
        accuracy = model.score(x[1400:], y[1400:])
        table.writerow([epoch, model.loss_, accuracy])
        file.flush()
        with open("digits.pkl", "wb") as target:
            pickle.dump(model, target)
        if epoch == 0:
            tell(first=sha256("digits.pkl"))
        time.sleep(2)
tell(last=sha256("digits.pkl"), loss=model.loss_, accuracy=accuracy)
