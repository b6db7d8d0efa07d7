import { numberText } from './format.ts';

const heldOut = /(^|[^a-z])(val|valid|validation|eval|test|holdout|dev|cv)([^a-z]|$)/i;
const training = /(^|[^a-z])train(ing)?([^a-z]|$)/i;
/** Best known first. */
const wellKnown = [
  'accuracy',
  'acc',
  'auc',
  'auroc',
  'f1',
  'precision',
  'recall',
  'r2',
  'rmse',
  'mae',
  'mse',
  'map',
  'map50',
  'iou',
  'bleu',
  'rouge',
  'wer',
  'perplexity',
  'logloss',
  'mlogloss',
  'loss',
  'score',
];

/** The `most` that say most of a model: of held-out data before others, well-known ones before others, training's last. */
export function mainMetrics(metrics: Record<string, number | string>, most: number): [string, number | string][] {
  const ranked = Object.entries(metrics).map(([name, value], index) => ({
    name,
    value,
    rank: [...rankOf(name), index],
  }));
  ranked.sort((a, b) => compareRanks(a.rank, b.rank));
  return ranked.slice(0, most).map(({ name, value }) => [name, value]);
}

/** `accuracy 0.956 · f1 0.95` */
export function metricsText(metrics: Record<string, number | string>, most = 3): string {
  return mainMetrics(metrics, most)
    .map(([name, value]) => `${name} ${numberText(value)}`)
    .join(' · ');
}

function rankOf(name: string): number[] {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const known = wellKnown.findIndex((word) => words.includes(word));
  const where = heldOut.test(name) ? 0 : training.test(name) ? 2 : 1;
  return [known < 0 ? 1 : 0, where, known < 0 ? 0 : known];
}

function compareRanks(a: number[], b: number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
