import { byText } from './text-order.ts';

/** Judges metrics by their names and selects the one that stands for a model, for every surface. Pure. */

export type Direction = 'higher' | 'lower';
export type Metrics = Readonly<Record<string, number | string>>;

/** The data that a metric was measured on. */
export type Split = 'held-out' | 'training' | 'unknown';

const splitWords: Readonly<Record<string, Split>> = {
  ...each('held-out', 'val valid validation eval evaluation test testing holdout held dev cv oof'),
  ...each('training', 'train training learn trn'),
};

/** Quality metrics, the best known first. A phrase of several words is written with `_`. */
const lowerIsBetter = words(
  'rmse mae mse wer cer perplexity ppl logloss mlogloss log_loss loss nll brier ece error err merror rmsle mape smape rmae l1 l2 deviance divergence hamming fid',
);
const higherIsBetter = words(
  'accuracy acc auc auroc auprc aucpr roc f1 fbeta precision recall r2 map map50 ap iou miou dice bleu rouge ndcg mrr mcc kappa specificity psnr ssim spearman pearson reward score',
);
/** Costs of a model, where less is better and where more is. */
const lowerCosts = words('latency runtime');
const higherCosts = words('throughput fps rps qps samples_per_second steps_per_second tokens_per_second');

/** The order in which quality metrics stand for a model, held out data first. */
const wellKnown = words(
  'accuracy acc auc auroc f1 precision recall r2 rmse mae mse map map50 iou bleu rouge wer perplexity logloss mlogloss loss score',
);

/** Words of what says nothing about quality: costs, times, counts, settings and positions. */
const costWords = new Set([
  ...lowerCosts,
  ...higherCosts,
  ...words(
    'time times seconds sec secs minutes ms duration elapsed timestamp per_second cost costs memory mem rss gpu cpu',
  ),
  ...words(
    'size bytes mb gb flops energy co2 emissions lr learning_rate epoch epochs step steps iteration iterations iter',
  ),
  ...words('global_step count samples batches rounds trees parameters params seed fold'),
]);

/** Tells from a metric's name whether more or less is better; null where the name does not say. */
export function directionOf(metric: string): Direction | null {
  const phrase = phraseOf(metric);
  if (hasWord(phrase, [...lowerIsBetter, ...lowerCosts])) return 'lower';
  if (hasWord(phrase, [...higherIsBetter, ...higherCosts])) return 'higher';
  return null;
}

/** `held-out` for `val_auc` and `test/f1`, `training` for `train_loss`; the last such word of a name counts. */
export function splitOf(name: string): Split {
  const named = wordsOf(name).findLast((word) => Object.hasOwn(splitWords, word));
  return (named === undefined ? undefined : splitWords[named]) ?? 'unknown';
}

/** False for runtimes, costs, counts and positions such as `eval_runtime`, `accumulated_cost`, `epoch`. */
export function isQuality(metric: string): boolean {
  const phrase = phraseOf(metric);
  return !hasWord(phrase, [...costWords]);
}

const splitOrder: readonly Split[] = ['held-out', 'unknown', 'training'];

/** Orders names so that the one that says most about a model comes first. */
export function compareMetricNames(a: string, b: string): number {
  return (
    Number(!isQuality(a)) - Number(!isQuality(b)) ||
    splitOrder.indexOf(splitOf(a)) - splitOrder.indexOf(splitOf(b)) ||
    Number(directionOf(a) === null) - Number(directionOf(b) === null) ||
    fameOf(a) - fameOf(b) ||
    byText(a, b)
  );
}

/** Entries of metrics, the primary one first, then by how much each says. */
export function orderMetrics<T>(metrics: Readonly<Record<string, T>>, primary: string | null = null): [string, T][] {
  return Object.entries(metrics).toSorted(
    ([a], [b]) => Number(b === primary) - Number(a === primary) || compareMetricNames(a, b),
  );
}

/** Names of all metrics of some versions, the primary one first, then those that say most. */
export function orderMetricNames(versions: readonly { metrics: Metrics }[], primary: string | null): string[] {
  const all = Object.assign({}, ...versions.map(({ metrics }) => metrics)) as Metrics;
  return orderMetrics(all, primary).map(([name]) => name);
}

/** Selects the metric of a single set without a model, such as a candidate's; null where nothing says how good it is. */
export function mostInformativeMetric(metrics: Metrics): string | null {
  return selectPrimaryMetric([metrics]);
}

/**
 * The metric that stands for a model when nobody chose one: the most common held-out metric that varies over its versions.
 * Never a runtime, a cost or a position, and no constant unless its name is known as a measure of quality. Null where there
 * is none. The order of the versions does not matter.
 */
export function selectPrimaryMetric(versions: readonly Metrics[]): string | null {
  const seen = new Map<string, number[]>();
  for (const metrics of versions)
    for (const [name, value] of Object.entries(metrics))
      if (typeof value === 'number' && isQuality(name)) seen.set(name, [...(seen.get(name) ?? []), value]);
  const candidates = [...seen].map(([name, values]) => ({
    name,
    count: values.length,
    isConstant: values.length > 1 && new Set(values).size === 1,
  }));
  const [best] = candidates
    .filter(({ name, isConstant }) => !isConstant || directionOf(name) !== null)
    .toSorted(
      (a, b) =>
        Number(a.isConstant) - Number(b.isConstant) ||
        splitOrder.indexOf(splitOf(a.name)) - splitOrder.indexOf(splitOf(b.name)) ||
        b.count - a.count ||
        compareMetricNames(a.name, b.name),
    );
  return best?.name ?? null;
}

/** A metric of an object that may come from outside: own keys only. */
export function metricOf(metrics: Metrics, name: string | null): number | string | undefined {
  return name !== null && Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}

function fameOf(name: string): number {
  const phrase = phraseOf(name);
  const at = wellKnown.findIndex((word) => hasWord(phrase, [word]));
  return at < 0 ? wellKnown.length : at;
}

/** `valAuc/log_loss` → `val`, `auc`, `log`, `loss`, and words in camel case also as they stand: `mAP` is `map`. */
function wordsOf(name: string): string[] {
  return name
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== '')
    .flatMap((part) => {
      const pieces = part.split(/(?<=[a-z0-9])(?=[A-Z])/);
      return pieces.length > 1
        ? [part.toLowerCase(), ...pieces.map((piece) => piece.toLowerCase())]
        : [part.toLowerCase()];
    });
}

function phraseOf(name: string): string {
  return `_${wordsOf(name).join('_')}_`;
}

function hasWord(phrase: string, list: readonly string[]): boolean {
  return list.some((word) => phrase.includes(`_${word}_`));
}

function words(text: string): string[] {
  return text.split(' ');
}

function each(split: Split, text: string): Record<string, Split> {
  return Object.fromEntries(words(text).map((word) => [word, split]));
}
