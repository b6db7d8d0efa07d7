from pathlib import Path

import torch
from torch import nn

from truth import sha256, tell

torch.manual_seed(5)
x, x_val = torch.randn(30, 20), torch.randn(200, 20)
y, y_val = (part[:, :3].sum(1, keepdim=True) + torch.randn(len(part), 1) for part in (x, x_val))
model = nn.Sequential(nn.Linear(20, 64), nn.Tanh(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
Path("checkpoints").mkdir(exist_ok=True)
saved = []
for epoch in range(1, 13):
    for _ in range(4):
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    val_loss = nn.functional.mse_loss(model(x_val), y_val).item()
    path = f"checkpoints/depth_epoch{epoch:02d}_val{val_loss:.3f}.pth"
    torch.save(model.state_dict(), path)
    saved.append((round(val_loss, 3), epoch, path))
best = min(saved)
tell(model=sha256(best[2]), best=best[0])
