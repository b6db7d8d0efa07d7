import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from truth import sha256, tell


class Net(lightning.LightningModule):
    def __init__(self, lr=0.05, width=32):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Linear(width, 1))

    def training_step(self, batch):
        loss = nn.functional.mse_loss(self.net(batch[0]), batch[1])
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch):
        self.log("val_loss", nn.functional.mse_loss(self.net(batch[0]), batch[1]))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), self.hparams.lr)


def data(count, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 10, generator=generator)
    y = x[:, :2].sum(1, keepdim=True) + torch.randn(count, 1, generator=generator)
    return DataLoader(TensorDataset(x, y), batch_size=16)


lightning.seed_everything(4)
best = ModelCheckpoint("checkpoints", "{epoch:02d}-{val_loss:.2f}", monitor="val_loss", save_top_k=3)
trainer = lightning.Trainer(max_epochs=12, accelerator="cpu", logger=False, callbacks=[best], enable_progress_bar=False)
trainer.fit(Net(), data(32, 1), data(64, 2))
trainer.save_checkpoint("checkpoints/final.ckpt")
tell(model=sha256("checkpoints/final.ckpt"), best=best.best_model_score.item())
