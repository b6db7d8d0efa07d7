import json
from pathlib import Path

import torch
from accelerate import Accelerator

from truth import sha256, tell

torch.manual_seed(2)
accelerator = Accelerator(cpu=True)
x = torch.randn(128, 6)
y = x.mean(1, keepdim=True)
model = torch.nn.Linear(6, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model, optimizer = accelerator.prepare(model, optimizer)
for epoch in range(4):
    loss = torch.nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    accelerator.backward(loss)
    optimizer.step()
    accelerator.save_state(f"output/epoch_{epoch}")
accelerator.save_model(model, "output/final")
Path("output/final/metrics.json").write_text(json.dumps({"loss": loss.item()}))
tell(loss=loss.item(), model=sha256("output/final/model.safetensors"))
