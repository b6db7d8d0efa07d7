import type { Triples } from '../../formats/text/series-json.ts';
import type { SeriesFacts, SeriesPoint } from '../../protocol/series.ts';

/** Summary of one series. The caller adds the best point, as it knows the metric's direction. */
export type Summary = Omit<SeriesFacts, 'best'>;

/** Summarises a series in one pass. Infinite values are points but no extremes, as a chart cannot show them. */
export function summaryOf(points: Triples): Summary {
  const count = points.length / 3;
  let [least, most, last] = [-1, -1, -1];
  let [gaps, stepless, timeless] = [0, 0, 0];
  let [low, high] = [Infinity, -Infinity];
  for (let index = 0; index < count; index += 1) {
    const value = points[3 * index + 2] as number;
    if (Number.isNaN(points[3 * index])) stepless += 1;
    if (Number.isNaN(points[3 * index + 1])) timeless += 1;
    if (Number.isNaN(value)) gaps += 1;
    if (!Number.isFinite(value)) continue;
    last = index;
    if (value < low) [low, least] = [value, index];
    if (value > high) [high, most] = [value, index];
  }
  const at = (index: number): SeriesPoint | null => (index < 0 ? null : pointAt(points, index));
  const [steps, times] = [count > 0 && stepless === 0, count > 0 && timeless === 0];
  return { count, gaps, steps, times, last: at(last), least: at(least), most: at(most) };
}

export function withBest(summary: Summary, direction: 'higher' | 'lower' | null): SeriesFacts {
  const best = direction === 'higher' ? summary.most : direction === 'lower' ? summary.least : null;
  return { ...summary, best };
}

function pointAt(points: Triples, index: number): SeriesPoint {
  const [step, time, value] = points.subarray(3 * index, 3 * index + 3) as unknown as [number, number, number];
  return { step: Number.isNaN(step) ? null : step, time: Number.isNaN(time) ? null : time, value };
}
