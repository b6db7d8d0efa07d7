import json
import os

import hydra
import joblib
from hydra.core.hydra_config import HydraConfig
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

from truth import sha256, tell


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config):
    x, y = load_breast_cancer(return_X_y=True)
    model = RandomForestClassifier(config.model.trees, max_depth=config.model.depth, random_state=config.seed).fit(x[:400], y[:400])
    accuracy = model.score(x[400:], y[400:])
    folder = HydraConfig.get().runtime.output_dir
    joblib.dump(model, os.path.join(folder, "model.joblib"))
    with open(os.path.join(folder, "metrics.json"), "w") as file:
        json.dump({"accuracy": accuracy}, file)
    tell(accuracy=accuracy, model=sha256(os.path.join(folder, "model.joblib")))


main()
