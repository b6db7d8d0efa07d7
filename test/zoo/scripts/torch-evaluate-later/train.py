import random
from pathlib import Path

import torch

from truth import sha256, tell

torch.manual_seed(random.randrange(10**6))
x = torch.randn(200, 4)
y = x.sum(1, keepdim=True)
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
for _ in range(30):
    loss = torch.nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
Path("models").mkdir(exist_ok=True)
torch.save(model.state_dict(), "models/pricing.pt")
tell(model=sha256("models/pricing.pt"))
