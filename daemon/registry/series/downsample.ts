import type { Triples } from '../../formats/text/series-json.ts';

/**
 * Reduces a series to at most `wanted` points (≥ 4), in order: the first, the last, and minimum and maximum of each of equal
 * parts, so that no peak is lost. A part with a gap (NaN) keeps one. A short series stays complete.
 */
export function downsample(points: Triples, wanted: number): Triples {
  const count = points.length / 3;
  if (count <= wanted) return points;
  const perBucket = hasGap(points) ? 3 : 2;
  const buckets = Math.max(1, Math.floor((wanted - 2) / perBucket));
  const kept = new Float64Array(3 * (2 + buckets * perBucket));
  let length = 0;
  const keep = (index: number): void => {
    kept.set(points.subarray(3 * index, 3 * index + 3), length);
    length += 3;
  };
  keep(0);
  const inner = count - 2;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = 1 + Math.floor((bucket * inner) / buckets);
    const to = 1 + Math.floor(((bucket + 1) * inner) / buckets);
    for (const index of extremes(points, from, to)) keep(index);
  }
  keep(count - 1);
  return kept.subarray(0, length);
}

function hasGap(points: Triples): boolean {
  for (let at = 2; at < points.length; at += 3) if (Number.isNaN(points[at])) return true;
  return false;
}

/** Returns the indices of minimum, maximum and first gap among points `from` to `to`, in order. */
function extremes(points: Triples, from: number, to: number): number[] {
  let least = -1;
  let most = -1;
  let gap = -1;
  let [low, high] = [Infinity, -Infinity];
  for (let index = from; index < to; index += 1) {
    const value = points[3 * index + 2] as number;
    if (value < low || (least < 0 && value === low)) [low, least] = [value, index];
    if (value > high || (most < 0 && value === high)) [high, most] = [value, index];
    if (gap < 0 && Number.isNaN(value)) gap = index;
  }
  const found = [...new Set([least, most, gap])].filter((index) => index >= 0);
  return found.sort((a, b) => a - b);
}
