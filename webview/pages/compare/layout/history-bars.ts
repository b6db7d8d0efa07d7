import type { MetricHistory } from '../../../../daemon/protocol/routes/models.ts';

/** A version as a bar. */
export interface HistoryBar {
  number: number;
  value: number;
  x: number;
  y: number;
  height: number;
}

export const barsHeight = 96;
export const barStep = 12;
const room = 8;

/**
 * Returns the values of a metric over all versions of a model as bars, the best first; without a direction the greatest first. Bars
 * begin at 0 where that leaves their differences to be seen, else below the least value. Pure.
 */
export function layOutHistoryBars(
  { versions, metrics }: MetricHistory,
  metric: string,
  direction: 'higher' | 'lower' | null,
): HistoryBar[] {
  const values = Object.hasOwn(metrics, metric) ? (metrics[metric] ?? []) : [];
  const sign = direction === 'lower' ? 1 : -1;
  const found = versions
    .flatMap((number, at) => {
      const value = values[at] ?? null;
      return value !== null && Number.isFinite(value) ? [{ number, value }] : [];
    })
    .toSorted((a, b) => (a.value - b.value) * sign || b.number - a.number);
  const all = found.map(({ value }) => value);
  const base = baseOf(Math.min(...all), Math.max(...all));
  const [low, high] = [Math.min(base, ...all), Math.max(base, ...all)];
  const y = (value: number): number =>
    high === low ? barsHeight / 2 : barsHeight - room - ((value - low) / (high - low)) * (barsHeight - 2 * room);
  return found.map(({ number, value }, index) => {
    const top = Math.min(y(value), y(base));
    return { number, value, x: index * barStep, y: top, height: Math.max(2, Math.abs(y(value) - y(base))) };
  });
}

/** Values that are closer together than this share of their size would look alike as bars from 0. */
const closeShare = 0.5;

function baseOf(least: number, most: number): number {
  const range = most - least;
  const isFar = range >= closeShare * Math.max(Math.abs(least), Math.abs(most));
  if (isFar || range === 0) return 0;
  return least > 0 ? least - range / 4 : most < 0 ? most + range / 4 : 0;
}
