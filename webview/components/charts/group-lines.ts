import { xsOf, type Line, type XAxis } from './chart-points.ts';

/** How the curves of a page are joined: versions by their place, and what the groups are called. */
export interface LineGroups {
  /** By group. */
  labels: readonly string[];
  /** Group of each version by its place; null for a version that is in none. */
  groupOf: readonly (number | null)[];
}

/** Points of a mean curve, at most about. */
const maxPoints = 600;

/** Returns one curve for each group of versions: their mean, between the least and the greatest of them. Pure. */
export function groupLines(
  lines: readonly Line[],
  { labels, groupOf }: LineGroups,
  x: XAxis,
  hidden: ReadonlySet<number>,
): Line[] {
  const shown = lines.filter(({ place }) => !hidden.has(place));
  const groups = Map.groupBy(shown, ({ place, isTraining = false }) => `${groupOf[place] ?? ''} ${isTraining}`);
  return [...groups.values()].flatMap((members) => {
    const group = groupOf[members[0]?.place ?? -1] ?? null;
    const joined = group === null ? undefined : meanLine(members, x);
    if (group === null || !joined) return [];
    const isTraining = members[0]?.isTraining === true;
    return [{ ...joined, label: labels[group] ?? '', place: group, ...(isTraining && { isTraining }) }];
  });
}

interface Curve {
  xs: Float64Array;
  ys: Float64Array;
}

function meanLine(members: readonly Line[], x: XAxis): Omit<Line, 'label'> | undefined {
  const curves = members.map((line) => curveOf(line, x)).filter(({ xs }) => xs.length > 0);
  const xs = gridOf(curves);
  if (xs.length === 0) return undefined;
  const found = curves.map((curve) => valuesAt(curve, xs));
  const [values, least, most] = [new Float64Array(xs.length), new Float64Array(xs.length), new Float64Array(xs.length)];
  for (let at = 0; at < xs.length; at += 1) {
    let [sum, count, low, high] = [0, 0, Infinity, -Infinity];
    for (const ys of found) {
      const y = ys[at]!;
      if (Number.isNaN(y)) continue;
      [sum, count, low, high] = [sum + y, count + 1, Math.min(low, y), Math.max(high, y)];
    }
    const isKnown = count > 0;
    [values[at], least[at], most[at]] = isKnown ? [sum / count, low, high] : [Number.NaN, Number.NaN, Number.NaN];
  }
  const points = { steps: xs, times: xs.map(() => Number.NaN), values, total: xs.length };
  const places = members.map(({ place }) => place);
  return { points, best: null, place: 0, xs, members: places, ...(curves.length > 1 && { band: { least, most } }) };
}

/** Returns the finite points of a curve by x. Of several at one x, the last one counts. */
function curveOf(line: Line, x: XAxis): Curve {
  const byX = new Map<number, number>();
  for (const [index, at] of xsOf(line, x).entries()) {
    const value = line.points.values[index] ?? Number.NaN;
    if (Number.isFinite(at) && Number.isFinite(value)) byX.set(at, value);
  }
  const sorted = [...byX].toSorted(([a], [b]) => a - b);
  return { xs: Float64Array.from(sorted, ([at]) => at), ys: Float64Array.from(sorted, ([, y]) => y) };
}

/** Returns the places on the x axis where any curve has a point, as few of them as a chart can show. */
function gridOf(curves: readonly Curve[]): Float64Array {
  const all = Float64Array.from(new Set(curves.flatMap(({ xs }) => [...xs]))).toSorted();
  const step = Math.max(1, Math.ceil(all.length / maxPoints));
  return all.filter((_, index) => index % step === 0 || index === all.length - 1);
}

/** Returns the values of a curve at ascending places, between its points; NaN before its first and after its last one. */
function valuesAt({ xs, ys }: Curve, places: Float64Array): Float64Array {
  let next = 0;
  return places.map((place) => {
    while (next < xs.length && xs[next]! < place) next += 1;
    if (next === xs.length || (next === 0 && xs[0] !== place)) return Number.NaN;
    if (xs[next] === place) return ys[next]!;
    const [from, to] = [xs[next - 1]!, xs[next]!];
    return ys[next - 1]! + ((place - from) / (to - from)) * (ys[next]! - ys[next - 1]!);
  });
}
