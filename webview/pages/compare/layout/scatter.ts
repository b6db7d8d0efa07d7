/** A version in a scatter plot, 0 to 1 from left and bottom. */
export interface ScatterPoint {
  place: number;
  x: number;
  y: number;
}

type Better = 'higher' | 'lower' | null;

export interface ScatterLayout {
  points: ScatterPoint[];
  /** Places of versions that no other one beats in both metrics, from left to right; empty if a direction is unknown. */
  front: number[];
  x: [number, number];
  y: [number, number];
}

/** Returns where versions with both values lie; undefined for fewer than two. */
export function layOutScatter(
  xs: readonly unknown[],
  ys: readonly unknown[],
  better: { x: Better; y: Better },
): ScatterLayout | undefined {
  const found = xs.flatMap((x, place) => {
    const y = ys[place];
    return typeof x === 'number' && typeof y === 'number' ? [{ place, x, y }] : [];
  });
  if (found.length < 2) return undefined;
  const [x, y] = [rangeOf(found.map((one) => one.x)), rangeOf(found.map((one) => one.y))];
  const share = (value: number, [low, high]: [number, number]): number =>
    high === low ? 0.5 : (value - low) / (high - low);
  const points = found.map((one) => ({ place: one.place, x: share(one.x, x), y: share(one.y, y) }));
  return { points, front: frontOf(found, better), x, y };
}

function rangeOf(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** Returns the Pareto front. */
function frontOf(points: readonly ScatterPoint[], { x, y }: { x: Better; y: Better }): number[] {
  if (x === null || y === null) return [];
  const [signX, signY] = [x === 'higher' ? 1 : -1, y === 'higher' ? 1 : -1];
  const beats = (a: ScatterPoint, b: ScatterPoint): boolean =>
    a.x * signX >= b.x * signX && a.y * signY >= b.y * signY && (a.x !== b.x || a.y !== b.y);
  return points
    .filter((one) => !points.some((other) => beats(other, one)))
    .toSorted((a, b) => a.x - b.x || a.y - b.y)
    .map(({ place }) => place);
}

/** A label beside a point, in pixels. */
export interface Label {
  place: number;
  x: number;
  y: number;
  width: number;
}

const labelHeight = 12;

/** Returns the labels that do not cover an earlier one; those of `first` are preferred. */
export function freeLabels(labels: readonly Label[], first: ReadonlySet<number>): Label[] {
  const ordered = labels.toSorted((a, b) => Number(first.has(b.place)) - Number(first.has(a.place)));
  const kept: Label[] = [];
  for (const label of ordered) {
    const covers = (other: Label): boolean =>
      label.x < other.x + other.width && other.x < label.x + label.width && Math.abs(label.y - other.y) < labelHeight;
    if (!kept.some(covers)) kept.push(label);
  }
  return kept;
}
