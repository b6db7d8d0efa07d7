import json
from pathlib import Path

import torch

from truth import tell

model = torch.nn.Linear(4, 1)
model.load_state_dict(torch.load("models/pricing.pt"))
torch.manual_seed(99)
x = torch.randn(100, 4)
mse = torch.nn.functional.mse_loss(model(x), x.sum(1, keepdim=True)).item()
Path("results").mkdir(exist_ok=True)
Path("results/evaluation.json").write_text(json.dumps({"test_mse": mse}))
tell(mse=mse)
