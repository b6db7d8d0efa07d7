import { byText } from './text-order.ts';

/** Judges metrics by name and selects a model's primary metric, for every surface. Pure. */

export type Direction = 'higher' | 'lower';
export type Metrics = Readonly<Record<string, number | string>>;

/** Data on which a metric was measured. */
export type Split = 'held-out' | 'training' | 'unknown';

const splitWords: Readonly<Record<string, Split>> = {
  ...each('held-out', 'val valid validation eval evaluation test testing holdout held dev cv oof'),
  ...each('training', 'train training learn trn'),
};

/** Quality metrics, best known first. Phrases of several words are written with `_`. */
const lowerIsBetter = words(
  'rmse mae mse wer cer perplexity ppl logloss mlogloss log_loss loss nll brier ece error err merror rmsle mape smape rmae l1 l2 deviance divergence hamming fid',
);
const higherIsBetter = words(
  'accuracy acc auc auroc auprc aucpr roc f1 fbeta precision recall r2 map map50 ap iou miou dice bleu rouge ndcg mrr mcc kappa specificity psnr ssim spearman pearson reward score',
);
/** Cost metrics, for which less is better, and those for which more is. */
const lowerCosts = words('latency runtime');
const higherCosts = words('throughput fps rps qps samples_per_second steps_per_second tokens_per_second');

/** Order in which quality metrics are preferred, after held-out data. */
const wellKnown = words(
  'accuracy acc auc auroc f1 precision recall r2 rmse mae mse map map50 iou bleu rouge wer perplexity logloss mlogloss loss score',
);

/** Words in names of metrics that are no quality: costs, times, counts, hyperparameters and positions. */
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

/** Returns the direction that a metric's name implies; null if it does not. */
export function directionOf(metric: string): Direction | null {
  const phrase = phraseOf(metric);
  if (hasWord(phrase, [...lowerIsBetter, ...lowerCosts])) return 'lower';
  if (hasWord(phrase, [...higherIsBetter, ...higherCosts])) return 'higher';
  return null;
}

/** Returns the split that a metric's name implies: `held-out` for `val_auc` and `test/f1`, `training` for `train_loss`. The last such word counts. */
export function splitOf(name: string): Split {
  const named = wordsOf(name).findLast((word) => Object.hasOwn(splitWords, word));
  return (named === undefined ? undefined : splitWords[named]) ?? 'unknown';
}

/** Returns a name without the word for its split: `auc` for `val/auc`, `loss` for `train_loss`. Unchanged if it has none, or is nothing else. */
export function withoutSplit(name: string): string {
  const parts = name.split(/([^\p{L}\p{N}]+)/u);
  const at = parts.findLastIndex((part) => Object.hasOwn(splitWords, part.toLowerCase()));
  if (at < 0 || parts.length === 1) return name;
  return parts.toSpliced(at === parts.length - 1 ? at - 1 : at, 2).join('');
}

/** Returns false for names of runtimes, costs, counts and positions such as `eval_runtime`, `accumulated_cost`, `epoch`. */
export function isQuality(metric: string): boolean {
  const phrase = phraseOf(metric);
  return !hasWord(phrase, [...costWords]);
}

const splitOrder: readonly Split[] = ['held-out', 'unknown', 'training'];

/** Compares names for sorting, the most informative metric first. */
export function compareMetricNames(a: string, b: string): number {
  return (
    Number(!isQuality(a)) - Number(!isQuality(b)) ||
    splitOrder.indexOf(splitOf(a)) - splitOrder.indexOf(splitOf(b)) ||
    Number(directionOf(a) === null) - Number(directionOf(b) === null) ||
    fameOf(a) - fameOf(b) ||
    byText(a, b)
  );
}

/** Returns the metrics of a model that come first on every surface: the pinned ones, or the primary one if none is. */
export function leadingMetrics(
  model: { pinnedMetrics: readonly string[]; primaryMetric: { name: string } | null } | null | undefined,
): readonly string[] {
  if (!model) return [];
  if (model.pinnedMetrics.length > 0) return model.pinnedMetrics;
  return model.primaryMetric === null ? [] : [model.primaryMetric.name];
}

/** Compares names for sorting: leading metrics in their order, then by informativeness. */
export function compareMetrics(a: string, b: string, leading: readonly string[]): number {
  const rank = (name: string): number => (leading.includes(name) ? leading.indexOf(name) : leading.length);
  return rank(a) - rank(b) || compareMetricNames(a, b);
}

/** Returns the entries of metrics, leading ones first, then by informativeness. */
export function orderMetrics<T>(metrics: Readonly<Record<string, T>>, leading: readonly string[] = []): [string, T][] {
  return Object.entries(metrics).toSorted(([a], [b]) => compareMetrics(a, b, leading));
}

/** Returns the names of all metrics of some versions, leading ones first, then by informativeness. */
export function orderMetricNames(versions: readonly { metrics: Metrics }[], leading: readonly string[]): string[] {
  const all = Object.assign({}, ...versions.map(({ metrics }) => metrics)) as Metrics;
  return orderMetrics(all, leading).map(([name]) => name);
}

/** Returns the most informative metric of a single set without a model, such as a candidate's; null for none. */
export function mostInformativeMetric(metrics: Metrics): string | null {
  return selectPrimaryMetric([metrics]);
}

/**
 * Returns the primary metric of a model for which nobody chose one: the most common held-out metric that varies between versions.
 * Never a runtime, cost or position, and no constant unless its name is a known quality metric. Null for none. The order of
 * versions does not matter.
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

/** Returns a metric by name; undefined for none. Only own keys count, as the object may come from outside. */
export function metricOf(metrics: Metrics, name: string | null): number | string | undefined {
  return name !== null && Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}

function fameOf(name: string): number {
  const phrase = phraseOf(name);
  const at = wellKnown.findIndex((word) => hasWord(phrase, [word]));
  return at < 0 ? wellKnown.length : at;
}

/** Splits a name into lower-case words: `val`, `auc`, `log`, `loss` for `valAuc/log_loss`; words in camel case also unsplit, `map` for `mAP`. */
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
