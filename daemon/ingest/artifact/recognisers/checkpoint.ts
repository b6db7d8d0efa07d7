import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts, Tensor } from '../../../protocol/artifact.ts';
import { classOf, entriesOf, entry, isNode, keyText } from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import { numberOf, numbersIn } from './scalars.ts';
import type { OpenStorage } from './scalars.ts';
import { pickleToJson, entriesToJson } from './pickle-to-json.ts';
import { isModule, tensorsInMapping, tensorsInModule } from './weights.ts';

/** Keys under which scripts save the model, most reliable first. */
const modelKeys = [
  'state_dict', 'model_state_dict', 'model_state', 'model', 'net', 'network', 'module', 'weights', 'params', 'policy', 'generator', 'ema',
]; // prettier-ignore
const configKey =
  /^(config|cfg|conf|args|train_args|hparams|hyper_?parameters|hyper_?params|params|opt|options|settings)$/i;
const metricsKey = /^(metrics?|scores?|results?|eval|train_metrics|val_metrics|train_results)$/i;
const metricName =
  /(^|[_/.])(loss|acc\w*|auc|auroc|f1\w*|score|metric|err(or)?|mae|mse|rmse|r2|precision|recall|map\w*|iou|miou|dice|bleu|rouge\w*|wer|cer|perplexity|ppl|fid|psnr|ssim|fitness|reward|return|val|test|eval|train|best)($|[_/.])/i;
const trainerState = /optim|sched|scaler|rng|random_state|amp|grad/i;
const epochKeys = ['epoch', 'current_epoch', 'epochs_trained'];
const stepKeys = ['global_step', 'step', 'iteration', 'iter', 'iter_num', 'steps'];

export type CheckpointFacts = Pick<
  ModelFacts,
  'modelClass' | 'tensors' | 'params' | 'metrics' | 'epoch' | 'step' | 'metadata'
> & { shape: 'state_dict' | 'checkpoint' | 'whole module' };

/** Returns the tensors, epoch and step, metrics and configuration in a mapping that a script saved; undefined if it holds no model. */
export function checkpointFacts(root: PickleValue | undefined, open: OpenStorage): CheckpointFacts | undefined {
  const entries = entriesOf(root) ?? [];
  if (entries.length === 0 || isOptimizer(root)) return undefined;
  const found = findModel(root);
  if (found === undefined) return undefined;
  const shared = { tensors: found.tensors, modelClass: found.modelClass };
  if (found.key === '') {
    return { ...shared, shape: 'state_dict', params: {}, metrics: {}, epoch: null, step: null, metadata: {} };
  }
  const rest = entries.filter(([key, value]) => typeof key === 'string' && key !== found.key && !holdsTensors(value));
  return {
    ...shared,
    shape: 'checkpoint',
    params: paramsIn(rest),
    metrics: metricsIn(rest, open),
    epoch: position(root, epochKeys, open),
    step: position(root, stepKeys, open),
    metadata: {
      checkpointKeys: entries.slice(0, 100).map(([key]) => keyText(key).slice(0, 200)),
    },
  };
}

interface Found {
  /** Key that holds the model; empty if the mapping itself is the model, `*` if several keys are. */
  key: string;
  tensors: Tensor[];
  modelClass: string | null;
}

function findModel(root: PickleValue | undefined): Found | undefined {
  for (const key of modelKeys) {
    const value = entry(root, key);
    if (value === undefined) continue;
    const tensors = isModule(value) ? tensorsInModule(value) : tensorsInMapping(value);
    if (tensors.length > 0)
      return { key, tensors, modelClass: isModule(value) ? (classOf(value)?.name ?? null) : null };
  }
  const entries = entriesOf(root) ?? [];
  const parts = entries.filter(([key]) => typeof key === 'string' && !trainerState.test(key));
  const tensors = tensorsInMapping({ kind: 'dict', entries: parts });
  if (tensors.length === 0) return undefined;
  const plain = parts.length === entries.length && parts.every(([, value]) => holdsTensors(value));
  if (!plain && !tensors.some(({ dtype }) => /float/.test(dtype))) return undefined;
  return { key: plain ? '' : '*', tensors, modelClass: null };
}

/** True for the state of an optimizer. */
function isOptimizer(root: PickleValue | undefined): boolean {
  return entry(root, 'param_groups') !== undefined && entry(root, 'state') !== undefined;
}

function holdsTensors(value: PickleValue): boolean {
  return (
    isNode(value) && tensorsInMapping({ kind: 'dict', entries: [['_', value]] }).some(({ shape }) => shape.length > 0)
  );
}

function paramsIn(entries: readonly [PickleValue, PickleValue][]): Record<string, Json> {
  const params: [string, Json][] = [];
  for (const [key, value] of entries) {
    if (typeof key !== 'string' || trainerState.test(key) || metricsKey.test(key) || isPosition(key)) continue;
    if (configKey.test(key)) params.push(...Object.entries(entriesToJson(value)));
    else if (!isNode(value) && value !== null && !metricName.test(key)) params.push([key, pickleToJson(value) ?? null]);
  }
  return Object.fromEntries(params.filter(([key]) => key !== '__proto__'));
}

function metricsIn(entries: readonly [PickleValue, PickleValue][], open: OpenStorage): Record<string, number> {
  const metrics: [string, number][] = [];
  for (const [key, value] of entries) {
    if (typeof key !== 'string' || trainerState.test(key) || isPosition(key)) continue;
    const number = numberOf(value, open);
    if (number !== undefined && metricName.test(key)) metrics.push([key, number]);
    else if (metricsKey.test(key)) metrics.push(...Object.entries(numbersIn(value, open)));
  }
  return Object.fromEntries(metrics.filter(([key]) => key !== '__proto__'));
}

function isPosition(key: string): boolean {
  return epochKeys.includes(key) || stepKeys.includes(key) || /(^|_)(epoch|step|iter)$/.test(key);
}

function position(root: PickleValue | undefined, keys: readonly string[], open: OpenStorage): number | null {
  for (const key of keys) {
    const number = numberOf(entry(root, key), open);
    if (number !== undefined && Number.isSafeInteger(number) && number >= -1) return number;
  }
  return null;
}
