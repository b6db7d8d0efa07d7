import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import { entriesOf, entry, isNode } from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import { numberOf } from './scalars.ts';
import type { OpenStorage } from './scalars.ts';
import { jsonNumber, entriesToJson } from './pickle-to-json.ts';
import { tensorsInMapping } from './weights.ts';

type LightningFacts = Pick<
  ModelFacts,
  'framework' | 'frameworkVersion' | 'tensors' | 'params' | 'metrics' | 'epoch' | 'step' | 'metadata'
>;

/** Returns the facts of a Lightning checkpoint; undefined for others. Source: lightning's CheckpointConnector.dump_checkpoint. */
export function lightningFacts(
  root: PickleValue | undefined,
  open: OpenStorage,
  fileName: string,
): LightningFacts | undefined {
  const version = entry(root, 'pytorch-lightning_version');
  if (version === undefined) return undefined;
  const monitored = monitorIn(entry(root, 'callbacks'), open);
  const keys = entriesOf(root)?.flatMap(([key]) => (typeof key === 'string' ? [key.slice(0, 200)] : [])) ?? [];
  return {
    framework: 'lightning',
    frameworkVersion: typeof version === 'string' ? version.slice(0, 50) : null,
    tensors: tensorsInMapping(entry(root, 'state_dict')),
    params: entriesToJson(entry(root, 'hyper_parameters')),
    metrics: { ...metricsInName(fileName), ...currentScore(monitored) },
    epoch: numberOf(entry(root, 'epoch')) ?? null,
    step: numberOf(entry(root, 'global_step')) ?? null,
    metadata: { checkpointKeys: keys.slice(0, 100), ...(monitored === undefined ? {} : { checkpoint: monitored }) },
  };
}

/** Returns the metrics that Lightning writes into a checkpoint's name: `val_loss` of `epoch=7-step=72-val_loss=0.171.ckpt`. */
export function metricsInName(fileName: string): Record<string, number> {
  const pairs = [...fileName.matchAll(/([A-Za-z][\w./]*)=(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/g)];
  const metrics = pairs.map((pair): [string, number] => [pair[1] as string, Number(pair[2])]);
  return Object.fromEntries(metrics.filter(([key]) => !/^(epoch|step|v)$|^__proto__$/.test(key)));
}

/**
 * Returns the state of the first ModelCheckpoint that monitors a metric: the metric, its scores, and the base name of the best
 * file; undefined for none.
 */
function monitorIn(callbacks: PickleValue | undefined, open: OpenStorage): Record<string, Json> | undefined {
  for (const [key, state] of entriesOf(callbacks) ?? []) {
    const monitor = entry(state, 'monitor');
    if (typeof monitor !== 'string' || entry(state, 'best_model_path') === undefined) continue;
    const mode = typeof key === 'string' ? /'mode': '(min|max)'/.exec(key)?.[1] : undefined;
    const path = entry(state, 'best_model_path');
    return {
      monitor: monitor.slice(0, 200),
      mode: mode ?? null,
      bestModelScore: score(entry(state, 'best_model_score'), open),
      currentScore: score(entry(state, 'current_score'), open),
      bestModelPath: typeof path === 'string' ? (path.split(/[\\/]/).at(-1) ?? null) : null,
    };
  }
  return undefined;
}

function score(value: PickleValue | undefined, open: OpenStorage): Json {
  const number = isNode(value) || typeof value === 'number' ? numberOf(value, open) : undefined;
  return number === undefined ? null : jsonNumber(number);
}

function currentScore(monitored: Record<string, Json> | undefined): Record<string, number> {
  const monitor = monitored?.['monitor'];
  const current = monitored?.['currentScore'];
  return typeof monitor === 'string' && typeof current === 'number' ? { [monitor]: current } : {};
}
