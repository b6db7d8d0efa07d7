import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

from truth import sha256, tell

torch.manual_seed(0)
tokens = torch.randint(5, 100, (96, 12))
labels = (tokens[:, 0] > 50).long()
rows = [{"input_ids": row, "labels": label} for row, label in zip(tokens, labels)]
config = BertConfig(vocab_size=100, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
model = BertForSequenceClassification(config)
args = TrainingArguments("bert-router", max_steps=12, save_steps=4, logging_steps=4, learning_rate=0.001, report_to=[], use_cpu=True)
trainer = Trainer(model, args, train_dataset=rows)
trainer.train()
losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
tell(loss=losses[-1], model=sha256("bert-router/checkpoint-12/model.safetensors"))
