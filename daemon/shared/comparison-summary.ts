import * as l10n from '@vscode/l10n';
import type { CompareRow, MetricRow } from '../protocol/comparison.ts';
import { numberText } from './format.ts';
import { byText } from './text-order.ts';

/** So many versions, and no more, are compared at once. */
export const maxCompared = 20;

/** The parts of a comparison that a summary needs. */
export interface ComparedMetrics {
  versions: readonly string[];
  metrics: readonly (CompareRow & Partial<Pick<MetricRow, 'notComparable' | 'spread'>>)[];
}

/** How a value compares with the baseline's. `unjudged`: it differs, and nobody said which way is better. */
export type Judgement = 'better' | 'worse' | 'within-noise' | 'not-comparable' | 'unjudged' | 'equal' | 'missing';

/** Judges column `at` of a row against the baseline. Summaries and every table use this one rule. */
export function judge(row: ComparedMetrics['metrics'][number], at: number): Judgement {
  const [value, base] = [row.values[at] ?? null, row.values[0] ?? null];
  if (value === null || base === null) return 'missing';
  if (row.notComparable?.[at]) return 'not-comparable';
  if (value === base) return 'equal';
  const isBetter = row.better[at] ?? null;
  if (isBetter === null) return 'unjudged';
  return isWithinSpread(row, at) ? 'within-noise' : isBetter ? 'better' : 'worse';
}

/** How a value compares with the baseline's, and by how much. */
export interface Change {
  judgement: Judgement;
  /** The difference as a share of the baseline, positive if it is better; null if it is not judged or the baseline is 0. */
  gain: number | null;
}

/** Returns how column `at` of a row changed against the baseline, by the same rule as `judge`. */
export function changeOf(row: ComparedMetrics['metrics'][number], at: number): Change {
  const judgement = judge(row, at);
  const [base, delta] = [row.values[0], row.deltas[at]];
  const isJudged = judgement === 'better' || judgement === 'worse' || judgement === 'within-noise';
  if (!isJudged || typeof base !== 'number' || typeof delta !== 'number' || base === 0)
    return { judgement, gain: null };
  return { judgement, gain: Math.abs(delta / base) * (row.better[at] === true ? 1 : -1) };
}

/** Returns the changes of column `at` that are better, worse or within noise, from the worst to the best. */
export function judgedChanges(metrics: ComparedMetrics['metrics'], at: number): (Change & { name: string })[] {
  const changes = metrics.map((row) => ({ name: row.name, ...changeOf(row, at) }));
  const worth = ({ judgement, gain }: Change): number =>
    gain ?? (judgement === 'better' ? Infinity : judgement === 'worse' ? -Infinity : 0);
  return changes
    .filter(({ judgement }) => judgement === 'better' || judgement === 'worse' || judgement === 'within-noise')
    .toSorted((a, b) => (worth(a) === worth(b) ? 0 : worth(a) - worth(b)) || byText(a.name, b.name));
}

const maxNamed = 3;

/**
 * Summarises a comparison in one sentence: column `at` (by default the last) against the first. Metrics that are not
 * comparable, and differences within the spread of either side, are named apart. Pure.
 */
export function summarizeComparison({ metrics, versions }: ComparedMetrics, at = versions.length - 1): string {
  const of = (...kinds: Judgement[]): ComparedMetrics['metrics'] =>
    metrics.filter((row) => kinds.includes(judge(row, at)));
  const close = of('within-noise');
  const parts = [mainPart(of('better', 'worse', 'within-noise'), close, versions[at] ?? '', at)];
  const apart = of('not-comparable');
  if (close.length > 0) parts.push(l10n.t('within noise: {0}', listNames(close.map(({ name }) => name))));
  if (apart.length > 0) parts.push(l10n.t('not comparable: {0}', listNames(apart.map(({ name }) => name))));
  return `${parts.join('; ')}.`;
}

function mainPart(judged: readonly CompareRow[], close: readonly CompareRow[], version: string, at: number): string {
  if (judged.length === 0) return l10n.t('No judged metric differs');
  const clear = judged.filter((row) => !close.includes(row));
  const better = clear.filter((row) => row.better[at] === true).length;
  const worse = clear.filter((row) => row.better[at] === false).map((row) => `${row.name} ${change(row, at)}`.trim());
  const head = l10n.t('{0} is better on {1} of {2} metrics', version, better, judged.length);
  return worse.length === 0 ? head : `${head}; ${l10n.t('worse: {0}', listNames(worse))}`;
}

function listNames(texts: readonly string[]): string {
  return texts.slice(0, maxNamed).join(', ') + (texts.length > maxNamed ? ', …' : '');
}

function isWithinSpread(row: ComparedMetrics['metrics'][number], at: number): boolean {
  const delta = Math.abs(row.deltas[at] ?? Infinity);
  return [row.spread?.[0], row.spread?.[at]].some((spread) => spread && delta <= spread.most - spread.least);
}

/** Formats a change: `by 12 %`, or the absolute difference if the baseline is 0 or no number. */
function change(row: CompareRow, at: number): string {
  const delta = row.deltas[at];
  const base = row.values[0];
  if (typeof delta !== 'number') return '';
  if (typeof base !== 'number' || base === 0) return l10n.t('by {0}', numberText(Math.abs(delta)));
  return l10n.t('by {0} %', numberText(Math.abs((100 * delta) / base)));
}
