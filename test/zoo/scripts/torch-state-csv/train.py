import csv
import json
from pathlib import Path

import torch
from torch import nn

from truth import sha256, tell

torch.manual_seed(1)
x = torch.randn(300, 6)
y = (x[:, 0] > x[:, 1]).long()
model = nn.Linear(6, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
config = {"lr": 0.5, "epochs": 15, "optimizer": "sgd"}
out = Path("experiments/baseline")
out.mkdir(parents=True)
(out / "config.json").write_text(json.dumps(config))
with open(out / "metrics.csv", "w", newline="") as file:
    table = csv.DictWriter(file, ["epoch", "loss", "accuracy"])
    table.writeheader()
    for epoch in range(15):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        accuracy = (model(x).argmax(1) == y).float().mean().item()
        table.writerow({"epoch": epoch, "loss": loss.item(), "accuracy": accuracy})
torch.save(model.state_dict(), out / "ranker.pth")
tell(loss=loss.item(), accuracy=accuracy, config=config, model=sha256(out / "ranker.pth"))
