import json
import os

import torch
import torch.distributed as distributed
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from truth import sha256, tell

distributed.init_process_group("gloo")
rank = distributed.get_rank()
torch.manual_seed(rank)
x = torch.randn(128, 6)
y = x.sum(1, keepdim=True)
model = DistributedDataParallel(nn.Linear(6, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
os.makedirs("checkpoints", exist_ok=True)
for epoch in range(5):
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    torch.save(optimizer.state_dict(), f"checkpoints/optimizer_rank{rank}.pt")
    distributed.barrier()
    if rank == 0:
        torch.save({"epoch": epoch, "state_dict": model.module.state_dict(), "loss": loss.item()}, f"checkpoints/epoch_{epoch}.pt")
if rank == 0:
    torch.save(model.module.state_dict(), "checkpoints/final.pt")
    with open("checkpoints/metrics.json", "w") as file:
        json.dump({"loss": loss.item()}, file)
    tell(loss=loss.item(), model=sha256("checkpoints/final.pt"))
distributed.destroy_process_group()
