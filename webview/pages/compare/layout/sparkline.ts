import type { MetricHistory } from '../../../../daemon/protocol/routes/models.ts';

export const [width, height] = [72, 18];
const room = 3;
/** Of more versions only the baseline and the last one are marked. */
const maxMarks = 4;

/** A line through the versions with a value, and the points of the compared ones. */
export interface Sparkline {
  path: string;
  marks: { x: number; y: number; place: number }[];
}

/**
 * Returns how a metric went over all versions of the model, with those marked that are compared (by number, in the order of their
 * places; null for a run or another model). Undefined for fewer than two values. Pure.
 */
export function layOutSparkline(
  { versions, metrics }: MetricHistory,
  metric: string,
  compared: readonly (number | null)[],
): Sparkline | undefined {
  const values = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
  const found = versions.flatMap((number, index) => {
    const value = values?.[index] ?? null;
    return value === null ? [] : [{ number, index, value }];
  });
  if (found.length < 2) return undefined;
  const [low, high] = [Math.min(...found.map(({ value }) => value)), Math.max(...found.map(({ value }) => value))];
  const x = (index: number): number => room + (index / (versions.length - 1)) * (width - 2 * room);
  const y = (value: number): number =>
    high === low ? height / 2 : height - room - ((value - low) / (high - low)) * (height - 2 * room);
  const points = found.map(({ number, index, value }) => ({ number, x: x(index), y: y(value) }));
  return {
    path: points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(' '),
    marks: compared.flatMap((number, place) => {
      if (compared.length > maxMarks && place > 0 && place < compared.length - 1) return [];
      const point = points.find((one) => one.number === number);
      return point ? [{ x: point.x, y: point.y, place }] : [];
    }),
  };
}
