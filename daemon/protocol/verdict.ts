import type { CompareRow, MetricRow } from './comparison.ts';

/** Puts words into the person's language: the English text, with `{0}`, `{1}` … for what is filled in. */
export type Say = (text: string, ...values: (string | number)[]) => string;

/** What a verdict is told from: a comparison has it. */
export interface Judged {
  versions: readonly string[];
  metrics: readonly (CompareRow & Partial<Pick<MetricRow, 'notComparable' | 'spread'>>)[];
}

const mostNamed = 3;

export const inEnglish: Say = (text, ...values) =>
  text.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));

/**
 * What a comparison comes to, in words: how the column `at` (the last, where none is said) stands against the first.
 * Metrics that may not be weighed, and differences within the spread of either side, are counted apart. Pure.
 */
export function verdictOf({ metrics, versions }: Judged, say: Say = inEnglish, at = versions.length - 1): string {
  const shared = metrics.filter((row) => typeof row.better[at] === 'boolean');
  const judged = shared.filter((row) => !row.notComparable?.[at]);
  const close = judged.filter((row) => isWithinSpread(row, at));
  const parts = [mainPart(judged, close, versions[at] ?? '', say, at)];
  const apart = metrics.filter((row) => row.notComparable?.[at] && row.values[at] !== null && row.values[0] !== null);
  if (close.length > 0) parts.push(say('within the spread: {0}', named(close.map(({ name }) => name))));
  if (apart.length > 0) parts.push(say('not comparable: {0}', named(apart.map(({ name }) => name))));
  return `${parts.join('; ')}.`;
}

function mainPart(
  judged: readonly CompareRow[],
  close: readonly CompareRow[],
  version: string,
  say: Say,
  at: number,
): string {
  if (judged.length === 0) return say('No metric that both have and whose direction is known differs');
  const clear = judged.filter((row) => !close.includes(row));
  const better = clear.filter((row) => row.better[at] === true).length;
  const worse = clear
    .filter((row) => row.better[at] === false)
    .map((row) => `${row.name} ${change(row, at, say)}`.trim());
  const head = say('{0} is better on {1} of {2} metrics', version, better, judged.length);
  return worse.length === 0 ? head : `${head}; ${say('worse: {0}', named(worse))}`;
}

function named(texts: readonly string[]): string {
  return texts.slice(0, mostNamed).join(', ') + (texts.length > mostNamed ? ', …' : '');
}

function isWithinSpread(row: Judged['metrics'][number], at: number): boolean {
  const delta = Math.abs(row.deltas[at] ?? Infinity);
  return [row.spread?.[0], row.spread?.[at]].some((spread) => spread && delta <= spread.most - spread.least);
}

/** `by 12 %`, or the difference where there is no baseline to be a part of. */
function change(row: CompareRow, at: number, say: Say): string {
  const delta = row.deltas[at];
  const base = row.values[0];
  if (typeof delta !== 'number') return '';
  if (typeof base !== 'number' || base === 0) return say('by {0}', shortNumber(Math.abs(delta)));
  return say('by {0} %', shortNumber(Math.abs((100 * delta) / base)));
}

/** Four significant digits, whole numbers below a million whole. */
function shortNumber(value: number): string {
  return String(Number.isInteger(value) && Math.abs(value) < 1e6 ? value : Number(value.toPrecision(4)));
}
