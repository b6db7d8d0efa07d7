import os
from pathlib import Path

import ray
import torch
from ray import tune

from truth import sha256, tell


def train(config):
    torch.manual_seed(0)
    x = torch.randn(100, 3)
    y = x.sum(1, keepdim=True)
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=config["lr"])
    for epoch in range(3):
        loss = torch.nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        folder = Path("checkpoint")
        folder.mkdir(exist_ok=True)
        torch.save(model.state_dict(), folder / "model.pt")
        tune.report({"loss": loss.item()}, checkpoint=tune.Checkpoint.from_directory(folder))


ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
tuner = tune.Tuner(
    train,
    param_space={"lr": tune.grid_search([0.001, 0.3])},
    run_config=tune.RunConfig(name="sums", storage_path=os.path.abspath("ray_results"), verbose=0),
)
best = tuner.fit().get_best_result("loss", "min")
for result in tuner.get_results():
    print(result.config, result.metrics["loss"])
tell(loss=best.metrics["loss"], lr=best.config["lr"], model=sha256(Path(best.checkpoint.path) / "model.pt"))
