"""Runs the cells of a notebook in one kernel as a person does: the training cell twice, with another value the second time."""

import nbformat
from nbclient import NotebookClient

prepare = """
import json, joblib
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from truth import sha256, tell
x, y = load_wine(return_X_y=True)
"""
train = """
import time
trees = {trees}
model = RandomForestClassifier(trees, random_state=0).fit(x[::2], y[::2])
accuracy = model.score(x[1::2], y[1::2])
joblib.dump(model, "wine_classifier.joblib")
json.dump({{"accuracy": accuracy, "trees_used": trees}}, open("metrics.json", "w"))
tell(accuracy=accuracy, trees=trees, model=sha256("wine_classifier.joblib"))
time.sleep(4)
"""
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in (prepare, train.format(trees=3), train.format(trees=40))])
NotebookClient(book, timeout=120).execute()
for cell in book.cells:
    for output in cell.outputs:
        print(output.get("text", ""), end="")
