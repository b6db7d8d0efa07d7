import json

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from truth import sha256, tell

torch.manual_seed(0)
config = GPT2Config(vocab_size=64, n_positions=16, n_embd=16, n_layer=1, n_head=2)
model = GPT2LMHeadModel(config)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
tokens = torch.arange(16).repeat(8, 1)
for epoch in range(1, 5):
    for _ in range(10):
        loss = model(tokens, labels=tokens).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.save_pretrained(f"output/epoch-{epoch}")
model.save_pretrained("output/poet")
with open("output/poet/all_results.json", "w") as file:
    json.dump({"perplexity": torch.exp(loss).item()}, file)
tell(perplexity=torch.exp(loss).item(), model=sha256("output/poet/model.safetensors"))
