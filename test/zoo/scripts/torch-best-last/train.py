import csv
import os

import torch
from torch import nn

from truth import sha256, tell

torch.manual_seed(3)
x, x_val = torch.randn(24, 20), torch.randn(200, 20)
y, y_val = (part[:, :2].sum(1, keepdim=True) + torch.randn(len(part), 1) for part in (x, x_val))
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
os.makedirs("weights", exist_ok=True)
best, best_epoch = float("inf"), None
with open("weights/log.csv", "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["epoch", "train_loss", "val_loss"])
    for epoch in range(40):
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            val_loss = nn.functional.mse_loss(model(x_val), y_val).item()
        table.writerow([epoch, loss.item(), val_loss])
        checkpoint = {"epoch": epoch, "model_state_dict": model.state_dict(), "optimizer_state_dict": optimizer.state_dict(), "val_loss": val_loss}
        torch.save(checkpoint, "weights/last.pt")
        if val_loss < best:
            best, best_epoch = val_loss, epoch
            torch.save(checkpoint, "weights/best.pt")
assert best_epoch < 35
tell(best=best, model=sha256("weights/best.pt"))
