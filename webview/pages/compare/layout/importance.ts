import type { Json } from '../../../../daemon/protocol/json.ts';
import { canExplain, type AxisSource } from './parallel.ts';

/** How strongly a param goes with a metric over the compared versions. */
export interface Importance {
  name: string;
  /** The two values of a param that is no number, the first as the lower one; null for numbers. */
  words: [string, string] | null;
  /** Spearman's rank correlation, −1 to 1. */
  correlation: number;
  /** Number of versions with both values. */
  count: number;
}

const leastVersions = 8;
const maxShown = 10;

/** Returns the params that go with a metric, the strongest first. None for fewer than eight versions with both values. */
export function paramImportance(params: readonly AxisSource[], metric: AxisSource): Importance[] {
  const found = params.filter(canExplain).flatMap(({ name, values }): Importance[] => {
    const { numbers, words } = numbersOf(values);
    const pairs = numbers.flatMap((x, place): [number, number][] => {
      const y = metric.values[place];
      return x !== null && typeof y === 'number' && Number.isFinite(y) ? [[x, y]] : [];
    });
    const correlation = pairs.length < leastVersions ? undefined : spearman(pairs);
    return correlation === undefined ? [] : [{ name, words, correlation, count: pairs.length }];
  });
  return found.toSorted((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation)).slice(0, maxShown);
}

/** Returns values as numbers; of two other values one is 0 and one is 1. More have no order. */
function numbersOf(values: readonly (Json | null)[]): { numbers: (number | null)[]; words: [string, string] | null } {
  const known = values.filter((value) => value !== null);
  if (known.every((value) => typeof value === 'number')) return { numbers: values as (number | null)[], words: null };
  const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
  const [low, high, ...more] = [...new Set(known.map(textOf))].toSorted();
  if (low === undefined || high === undefined || more.length > 0)
    return { numbers: values.map(() => null), words: null };
  return {
    numbers: values.map((value) => (value === null ? null : Number(textOf(value) === high))),
    words: [low, high],
  };
}

/** Returns Spearman's rank correlation; undefined if one side does not vary. */
export function spearman(pairs: readonly (readonly [number, number])[]): number | undefined {
  const [xs, ys] = [ranksOf(pairs.map(([x]) => x)), ranksOf(pairs.map(([, y]) => y))];
  const mean = (pairs.length + 1) / 2;
  let [both, ofX, ofY] = [0, 0, 0];
  for (const [index, x] of xs.entries()) {
    const [dx, dy] = [x - mean, ys[index]! - mean];
    both += dx * dy;
    ofX += dx * dx;
    ofY += dy * dy;
  }
  return ofX === 0 || ofY === 0 ? undefined : both / Math.sqrt(ofX * ofY);
}

/** Returns the rank of each value, counted from 1. Equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2 + 1);
}
