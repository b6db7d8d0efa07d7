/** One point of a series. Step and time (epoch ms) are null where its source has none. */
export interface SeriesPoint {
  step: number | null;
  time: number | null;
  value: number;
}

/** What one column has of a metric over time. */
export interface SeriesFacts {
  /** Points, those without a value included. */
  count: number;
  /** Points whose value is NaN: gaps in the curve. */
  gaps: number;
  /** Whether every point has one; x can be nothing else but its number where neither is so. */
  steps: boolean;
  times: boolean;
  /** The last finite point; null where none is. */
  last: SeriesPoint | null;
  least: SeriesPoint | null;
  most: SeriesPoint | null;
  /** The least or most by the metric's direction; null where that is not known. */
  best: SeriesPoint | null;
}

/** Which metric has series, and where. */
export interface SeriesRow {
  metric: string;
  direction: 'higher' | 'lower' | null;
  /** By column; null where it has no series of this metric. */
  of: (SeriesFacts | null)[];
}

export interface SeriesReply {
  /** References of the columns. */
  versions: string[];
  /** Sorted by name. */
  metrics: SeriesRow[];
}

/**
 * `GET /series/points?versions=a,b&metric=auc&points=1000` answers `application/octet-stream`: little-endian Float64
 * triples of step, time (epoch ms) and value, column after column. This header says how many points each column has,
 * `1000,0`; `pointsTotalHeader` how many its whole series has. A missing step or time is NaN; a NaN value is a gap.
 */
export const pointsCountHeader = 'x-plinth-points';
export const pointsTotalHeader = 'x-plinth-points-total';

/** How many points a column is cut to where the request does not say, and at most. */
export const usualPoints = 1000;
export const maxPoints = 1_000_000;

/** The points of one column, as a chart wants them. */
export interface Points {
  steps: Float64Array;
  times: Float64Array;
  values: Float64Array;
  /** Of the whole series. */
  total: number;
}

/** Splits the body of `GET /series/points` by its two headers. Throws RangeError where they do not fit. */
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
