import json
from pathlib import Path

import torch
from sentence_transformers import InputExample, SentenceTransformer
from sentence_transformers import models as modules
from torch import nn
from transformers import BertConfig, BertModel, BertTokenizerFast

from truth import sha256, tell

torch.manual_seed(0)
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "blue", "car", "boat", "fast", "slow"]
base = Path("../base")
base.mkdir()
(base / "vocab.txt").write_text("\n".join(words))
BertTokenizerFast(str(base / "vocab.txt")).save_pretrained(base)
BertModel(BertConfig(vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)).save_pretrained(base)
transformer = modules.Transformer(str(base))
model = SentenceTransformer(modules=[transformer, modules.Pooling(16)], device="cpu")
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
pairs = [("red car", "fast car", 1.0), ("blue boat", "red car", 0.0)]
for _ in range(5):
    loss = 0
    for a, b, score in pairs:
        features = [model({key: value for key, value in model.tokenize([text]).items()})["sentence_embedding"] for text in (a, b)]
        loss = loss + (nn.functional.cosine_similarity(*features) - score).pow(2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
model.save("models/product-search")
Path("models/product-search/eval_results.json").write_text(json.dumps({"cosine_loss": loss.item()}))
tell(loss=loss.item(), model=sha256("models/product-search/model.safetensors"))
