"""What a script says of itself: the truth that its expectations name, in lines apart from the training's own output."""

import hashlib
import json


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def tell(**truth):
    print("TRUTH " + json.dumps(truth), flush=True)
