import json
import time

import torch
from torch import nn

from truth import sha256, tell

torch.manual_seed(0)
x = torch.randn(512, 8)
y = (x.sum(1, keepdim=True) > 0).float()
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
loss_function = nn.BCEWithLogitsLoss()
for epoch in range(8):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    torch.save(model.state_dict(), "model.pt")
    if epoch == 0:
        tell(first=sha256("model.pt"))
    time.sleep(2)
tell(last=sha256("model.pt"), loss=loss.item())
