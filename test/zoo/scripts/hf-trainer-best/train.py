import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

from truth import sha256, tell

torch.manual_seed(0)
tokens = torch.randint(5, 100, (96, 12))
labels = (tokens[:, 0] > 50).long()
rows = [{"input_ids": row, "labels": label} for row, label in zip(tokens, labels)]
config = BertConfig(vocab_size=100, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
model = BertForSequenceClassification(config)
args = TrainingArguments(
    "results",
    num_train_epochs=5,
    learning_rate=0.02,
    per_device_train_batch_size=16,
    eval_strategy="epoch",
    save_strategy="epoch",
    save_total_limit=2,
    load_best_model_at_end=True,
    metric_for_best_model="eval_loss",
    report_to=[],
    use_cpu=True,
)
trainer = Trainer(model, args, train_dataset=rows[:64], eval_dataset=rows[64:])
trainer.train()
trainer.save_model("results/final")
tell(best=trainer.state.best_metric, model=sha256("results/final/model.safetensors"))
