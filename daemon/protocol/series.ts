/** One point of a series. Step and time (epoch ms) are null if its source has none. */
export interface SeriesPoint {
  step: number | null;
  time: number | null;
  value: number;
}

/** Summary of one column's series of a metric. */
export interface SeriesFacts {
  /** Number of points, those without a value included. */
  count: number;
  /** Number of points whose value is NaN, which are gaps in the curve. */
  gaps: number;
  /** True if every point has a step, or a time. If neither holds, x is the point's index. */
  steps: boolean;
  times: boolean;
  /** Last finite point; null for none. */
  last: SeriesPoint | null;
  least: SeriesPoint | null;
  most: SeriesPoint | null;
  /** `least` or `most` by the metric's direction; null if that is unknown. */
  best: SeriesPoint | null;
}

/** A metric with series. */
export interface SeriesRow {
  metric: string;
  direction: 'higher' | 'lower' | null;
  /** By column; null for a column without this series. */
  of: (SeriesFacts | null)[];
}

export interface SeriesReply {
  /** References of the columns. */
  versions: string[];
  /** Sorted by name. */
  metrics: SeriesRow[];
}

/**
 * `GET /series/points?versions=a,b&metric=auc&points=1000` replies with `application/octet-stream`: little-endian Float64 triples
 * of step, time (epoch ms) and value, column after column. This header has the number of points of each column, `1000,0`;
 * `pointsTotalHeader` has that of the whole series. A missing step or time is NaN; a NaN value is a gap.
 */
export const pointsCountHeader = 'x-plinth-points';
export const pointsTotalHeader = 'x-plinth-points-total';

/** Number of points to which a column is reduced by default, and at most. */
export const usualPoints = 1000;
export const maxPoints = 1_000_000;

/** The points of one column, in the form that a chart needs. */
export interface Points {
  steps: Float64Array;
  times: Float64Array;
  values: Float64Array;
  /** Number of points in the whole series. */
  total: number;
}

/** Splits the body of `GET /series/points` by its two headers. Throws RangeError if they do not fit. */
export function decodePoints(body: Uint8Array, counts: string, totals: string): Points[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const whole = totals.split(',').map(Number);
  let at = 0;
  return counts.split(',').map((text, column) => {
    const count = Number(text);
    const part = { steps: new Float64Array(count), times: new Float64Array(count), values: new Float64Array(count) };
    for (let index = 0; index < count; index += 1, at += 24) {
      part.steps[index] = view.getFloat64(at, true);
      part.times[index] = view.getFloat64(at + 8, true);
      part.values[index] = view.getFloat64(at + 16, true);
    }
    return { ...part, total: whole[column] ?? count };
  });
}
