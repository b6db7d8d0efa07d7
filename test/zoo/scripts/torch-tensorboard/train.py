import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from truth import sha256, tell

torch.manual_seed(2)
x = torch.randn(200, 4)
y = (x[:, 0] * x[:, 1] > 0).float().unsqueeze(1)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
writer = SummaryWriter("runs/xor")
for step in range(30):
    loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    writer.add_scalar("loss/train", loss.item(), step)
accuracy = ((model(x) > 0) == (y > 0)).float().mean().item()
writer.add_scalar("accuracy/train", accuracy, 30)
writer.close()
torch.save(model, "xor_net.pt")
tell(loss=loss.item(), accuracy=accuracy, model=sha256("xor_net.pt"))
