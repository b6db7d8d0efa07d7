import argparse
import csv
import os

import torch
from torch import nn

from truth import sha256, tell

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
parser.add_argument("--resume")
args = parser.parse_args()
torch.manual_seed(1)
x = torch.randn(200, 5)
y = x.sum(1, keepdim=True)
model = nn.Linear(5, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
start = 0
if args.resume:
    state = torch.load(args.resume)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    start = state["epoch"] + 1
os.makedirs("out", exist_ok=True)
with open("out/log.csv", "a", newline="") as file:
    table = csv.writer(file)
    if start == 0:
        table.writerow(["epoch", "loss"])
    for epoch in range(start, args.epochs):
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        table.writerow([epoch, loss.item()])
        torch.save({"epoch": epoch, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "loss": loss.item()}, "out/checkpoint.pt")
tell(loss=loss.item(), model=sha256("out/checkpoint.pt"))
