import csv
from pathlib import Path

import numpy
from PIL import Image
from ultralytics import YOLO, settings

from truth import sha256, tell

generator = numpy.random.default_rng(0)
for split in ("train", "val"):
    for index in range(4):
        image = generator.integers(0, 80, (64, 64, 3), dtype=numpy.uint8)
        left, top = generator.integers(4, 30, 2)
        image[top : top + 28, left : left + 28] = 255
        for folder in ("images", "labels"):
            Path(f"data/{folder}/{split}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(f"data/images/{split}/{index}.png")
        label = f"0 {(left + 14) / 64} {(top + 14) / 64} {28 / 64} {28 / 64}\n"
        Path(f"data/labels/{split}/{index}.txt").write_text(label)
Path("boxes.yaml").write_text(f"path: {Path('data').resolve()}\ntrain: images/train\nval: images/val\nnames:\n  0: box\n")
settings.update({"tensorboard": False, "mlflow": False, "raytune": False, "dvc": False, "wandb": False})
model = YOLO("yolov8n.yaml")
model.train(data="boxes.yaml", epochs=3, imgsz=64, batch=2, workers=0, device="cpu", project=str(Path("runs/detect").resolve()), name="train", plots=False, amp=False)
rows = [{key.strip(): value for key, value in row.items()} for row in csv.DictReader(open("runs/detect/train/results.csv"))]
tell(box_loss=[float(row["train/box_loss"]) for row in rows], model=sha256("runs/detect/train/weights/best.pt"))
