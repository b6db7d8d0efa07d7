import pandas
from fastai.callback.progress import CSVLogger
from fastai.callback.tracker import SaveModelCallback
from fastai.tabular.all import CategoryBlock, Categorify, Normalize, TabularDataLoaders, accuracy, set_seed, tabular_learner

from truth import sha256, tell

set_seed(1)
frame = pandas.DataFrame({"age": range(200), "income": [index * 37 % 101 for index in range(200)]})
frame["buys"] = (frame.age + frame.income > 150).map({True: "yes", False: "no"})
data = TabularDataLoaders.from_df(frame, procs=[Categorify, Normalize], cont_names=["age", "income"], y_names="buys", y_block=CategoryBlock(), bs=32, valid_idx=list(range(0, 200, 5)))
learner = tabular_learner(data, layers=[16], metrics=accuracy)
learner.fit(4, 0.02, cbs=[SaveModelCallback(monitor="valid_loss", fname="best"), CSVLogger("history.csv")])
learner.export("buyers.pkl")
tell(model=sha256("buyers.pkl"), accuracy=float(pandas.read_csv("history.csv").accuracy.iloc[-1]))
