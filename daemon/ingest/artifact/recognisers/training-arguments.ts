import type { Json } from '../../../protocol/json.ts';
import type { PickleReport } from '../../../protocol/artifact.ts';
import { attributesOf, entriesOf } from '../../../formats/pickle/pickle-value.ts';
import { FormatError } from '../../../formats/source.ts';
import { readTorch } from '../../../formats/torch/torch.ts';
import type { OpenFile } from '../recogniser.ts';
import { pickleToJson } from './pickle-to-json.ts';

/** Arguments that shape the training. The file also holds paths, host names and tokens, which are left out. */
const shown = new Set([
  'learning_rate', 'num_train_epochs', 'max_steps', 'per_device_train_batch_size', 'per_device_eval_batch_size',
  'gradient_accumulation_steps', 'weight_decay', 'adam_beta1', 'adam_beta2', 'adam_epsilon', 'max_grad_norm', 'optim',
  'lr_scheduler_type', 'warmup_ratio', 'warmup_steps', 'label_smoothing_factor', 'seed', 'data_seed', 'fp16', 'bf16', 'tf32',
  'gradient_checkpointing', 'group_by_length', 'metric_for_best_model', 'greater_is_better', 'load_best_model_at_end', 'neftune_noise_alpha',
]); // prettier-ignore

interface TrainingArguments {
  params: Record<string, Json>;
  /** Scan of what loading the file would execute; null if the file does not exist. */
  report: PickleReport | null;
  /** True if the file is incomplete. */
  cut: boolean;
}

/** Reads the hyperparameters in a folder's training_args.bin. */
export function trainingArguments(open: OpenFile): TrainingArguments {
  try {
    const source = open('training_args.bin');
    if (source === undefined) return { params: {}, report: null, cut: false };
    const file = readTorch(source);
    const attributes = entriesOf(attributesOf(file.object?.root)) ?? [];
    const params = attributes.flatMap(([key, value]): [string, Json][] => {
      const json = typeof key === 'string' && shown.has(key) ? pickleToJson(value) : undefined;
      return typeof key === 'string' && json !== undefined && json !== null ? [[key, json]] : [];
    });
    return { params: Object.fromEntries(params), report: file.reading ?? null, cut: false };
  } catch (error) {
    if (error instanceof FormatError) return { params: {}, report: null, cut: error.kind === 'truncated' };
    throw error;
  }
}
