import pickle

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from truth import sha256, tell

x, y = load_iris(return_X_y=True)
model = LogisticRegression(C=2.0, max_iter=300).fit(x, y)
filename = "finalized_model.sav"
pickle.dump(model, open(filename, "wb"))
tell(model=sha256(filename))
