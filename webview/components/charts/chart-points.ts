import '../locale-fix.ts';
import uPlot from 'uplot';
import type { Points, SeriesPoint } from '../../../daemon/protocol/series.ts';
import { numberText } from '../../../daemon/shared/format.ts';
import * as l10n from '@vscode/l10n';

/** One curve. */
export interface Line {
  label: string;
  points: Points;
  /** The best point, marked with a ring; null when no direction is known. */
  best: SeriesPoint | null;
  /** Its version's place in the compared set, which gives it its colour. */
  place: number;
  /** True for the curve on training data beside one on held-out data. */
  isTraining?: boolean;
  /** The points of the metric on the x axis, of the same version, when a metric is chosen for that axis. */
  axis?: Points;
  /** Its places on the x axis, for a curve that was computed from others; else they are those of its points. */
  xs?: Float64Array;
  /** The least and the greatest value of the curves whose mean it is, by point. */
  band?: { least: Float64Array; most: Float64Array };
  /** Places of the versions whose mean it is. */
  members?: readonly number[];
}

/** True if a curve shows the version at a place, alone or among others. */
export function isLineOf({ place, members }: Line, version: number): boolean {
  return members ? members.includes(version) : place === version;
}

/** What the x axis shows: the step, the time since the first point or of the day, or a metric such as the epoch. */
export type XAxis = 'step' | 'relative' | 'wall' | `metric:${string}`;

/** How all charts of a page are drawn. */
export interface ChartLook {
  x: XAxis;
  log: boolean;
  /** True for a logarithmic x axis. A time of day has none. */
  logX: boolean;
  /** Weight of the past in the smoothed curve; 0 for no smoothing, null where each chart's noise decides. */
  smoothing: number | null;
  /** True if the few values far beyond the others are cut off, with a mark. */
  clip: boolean;
  /** The part of the x axis that is shown; null for all of it. */
  zoom: readonly [number, number] | null;
}

export const usualChartLook: ChartLook = {
  x: 'step',
  log: false,
  logX: false,
  smoothing: null,
  clip: true,
  zoom: null,
};

/** Returns the metric on the x axis; null for a step or a time. */
export function axisMetric(x: XAxis): string | null {
  return x.startsWith('metric:') ? x.slice('metric:'.length) : null;
}

/** Returns the x value of each point, NaN for one without. A series without steps uses the index of each point. */
export function xsOf({ points, axis, xs }: Pick<Line, 'points' | 'axis' | 'xs'>, x: XAxis): Float64Array {
  if (xs) return xs;
  const { steps, times } = points;
  if (x === 'wall') return times.map((at) => at / 1000);
  if (x === 'relative') {
    const first = times.find((at) => !Number.isNaN(at)) ?? Number.NaN;
    return times.map((at) => (at - first) / 1000);
  }
  const own = steps.some(Number.isNaN) ? steps.map((_, index) => index) : steps;
  if (x === 'step') return own;
  return axis ? own.map((step) => valueAtStep(axis, step)) : own.map(() => Number.NaN);
}

/** Returns the value at a step, between its neighbours if there is none; NaN outside of the series. */
function valueAtStep({ steps, values }: Points, step: number): number {
  let [low, high] = [0, steps.length - 1];
  if (high < 0 || step < steps[0]! || step > steps[high]!) return Number.NaN;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) low = middle;
    else high = middle;
  }
  const [from, to] = [steps[low]!, steps[high]!];
  const share = to === from ? 0 : (step - from) / (to - from);
  return values[low]! + share * (values[high]! - values[low]!);
}

const [noisy, usualSmoothing] = [0.02, 0.6];

/** Returns the smoothing of a chart: the chosen one, else some where a curve jumps from point to point. */
export function smoothingOf(lines: readonly Line[], { smoothing }: Pick<ChartLook, 'smoothing'>): number {
  if (smoothing !== null) return smoothing;
  return lines.some(({ points }) => noiseOf(points.values) > noisy) ? usualSmoothing : 0;
}

/** Returns how far a middling point is from the line between its neighbours, as a share of the range of all. */
function noiseOf(values: Float64Array): number {
  const [low, high] = rangeOf(values);
  if (values.length < 20 || high === low) return 0;
  const bends = values
    .slice(1, -1)
    .map((value, index) => Math.abs(value - (values[index]! + values[index + 2]!) / 2))
    .filter(Number.isFinite)
    .toSorted();
  return (bends[bends.length >> 1] ?? 0) / (high - low);
}

function rangeOf(values: Float64Array): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** A part of the y axis, and how many points lie outside of it. */
export interface ClippedRange {
  low: number;
  high: number;
  outside: number;
}

const margin = 0.05;
/** Values are cut off only if they make the axis longer by this factor. */
const farFactor = 3;

/** Returns the range of 1 to 99 % of the values, if the others would make the axis much longer; undefined for nothing to cut off. */
export function clippedRange(values: Iterable<number> & { length: number }): ClippedRange | undefined {
  const sorted = finiteValues(values).sort();
  if (sorted.length < 20) return undefined;
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  const [least, most, low, high] = [sorted[0]!, sorted.at(-1)!, at(0.01), at(0.99)];
  if (high === low || most - least <= farFactor * (high - low)) return undefined;
  const room = margin * (high - low);
  const [from, to] = [Math.max(least, low - room), Math.min(most, high + room)];
  return { low: from, high: to, outside: sorted.filter((value) => value < from || value > to).length };
}

function finiteValues(values: Iterable<number> & { length: number }): Float64Array {
  const found = new Float64Array(values.length);
  let count = 0;
  for (const value of values) if (Number.isFinite(value)) found[count++] = value;
  return found.subarray(0, count);
}

const clippedByLines = new WeakMap<readonly Line[], { hidden: ReadonlySet<number>; range: ClippedRange | undefined }>();

/** Returns the clipped range of the measured values of the curves that are drawn. It is found once for the same curves. */
export function clippedRangeOf(lines: readonly Line[], hidden: ReadonlySet<number>): ClippedRange | undefined {
  const known = clippedByLines.get(lines);
  if (known?.hidden === hidden) return known.range;
  const shown = lines.filter(({ place }) => !hidden.has(place));
  const all = new Float64Array(shown.reduce((sum, { points }) => sum + points.values.length, 0));
  let at = 0;
  for (const { points } of shown) {
    all.set(points.values, at);
    at += points.values.length;
  }
  const range = clippedRange(all);
  clippedByLines.set(lines, { hidden, range });
  return range;
}

/** Returns the best value and whose it is; the lowest and highest value when there is only one curve without a direction. */
export function bestText(lines: readonly Line[], direction: 'higher' | 'lower' | null): string {
  const best = bestLine(lines, direction);
  if (best?.best) return l10n.t('best {0} ({1})', numberText(best.best.value), best.label);
  const [only] = lines;
  const [least, most] = lines.length === 1 && only ? rangeOf(only.points.values) : [Infinity, -Infinity];
  return least > most ? '' : l10n.t('{0} … {1}', numberText(least), numberText(most));
}

function bestLine(lines: readonly Line[], direction: 'higher' | 'lower' | null): Line | undefined {
  const sign = direction === 'lower' ? -1 : 1;
  const of = ({ best }: Line): number => (best === null || direction === null ? -Infinity : best.value * sign);
  return lines
    .filter(({ isTraining }) => !isTraining)
    .reduce<Line | undefined>((found, line) => (found && of(found) >= of(line) ? found : line), undefined);
}

/** Puts all curves on one axis. uPlot needs one sorted x for all, and null where a curve has no point. */
export function alignLines(lines: readonly Line[], look: ChartLook, smoothing: number): uPlot.AlignedData {
  return uPlot.join(lines.map((line) => tableOf(line, look, smoothing)));
}

/** Returns the edges of all bands on one axis: of each curve with one the least and the greatest values. Undefined without bands. */
export function alignBands(lines: readonly Line[], look: ChartLook): uPlot.AlignedData | undefined {
  const tables = lines.flatMap((line) => {
    if (!line.band) return [];
    const edge = (values: Float64Array): uPlot.AlignedData =>
      tableOf({ ...line, points: { ...line.points, values } }, look, 0);
    return [edge(line.band.least), edge(line.band.most)];
  });
  return tables.length === 0 ? undefined : uPlot.join(tables);
}

/** Returns whose values each series of a chart has: curves, the measured ones behind smoothed ones, then the edges of bands. */
export function linesOfSeries(lines: readonly Line[], smoothing: number): { line: Line; role: SeriesRole }[] {
  const curves = lines.map((line) => ({ line, role: 'curve' as const }));
  const measured = smoothing > 0 ? lines.map((line) => ({ line, role: 'measured' as const })) : [];
  const edges = lines
    .flatMap((line) => (line.band ? [line, line] : []))
    .map((line) => ({ line, role: 'edge' as const }));
  return [...curves, ...measured, ...edges];
}

export type SeriesRole = 'curve' | 'measured' | 'edge';

function tableOf(line: Line, { x, log, logX }: ChartLook, smoothing: number): uPlot.AlignedData {
  const [xs, ys]: [number[], (number | null)[]] = [[], []];
  let smooth: number | undefined;
  let isAscending = true;
  for (const [index, at] of xsOf(line, x).entries()) {
    const value = line.points.values[index] ?? Number.NaN;
    if (Number.isFinite(value)) smooth = smooth === undefined ? value : smooth * smoothing + value * (1 - smoothing);
    const shown = smoothing > 0 && Number.isFinite(value) ? (smooth ?? value) : value;
    if (Number.isFinite(at) && (at > 0 || !logX || x === 'wall')) {
      isAscending &&= xs.length === 0 || at > xs.at(-1)!;
      xs.push(at);
      ys.push(Number.isFinite(shown) && (!log || shown > 0) ? shown : null);
    }
  }
  if (isAscending) return [xs, ys];
  const byX = new Map(xs.map((at, index) => [at, ys[index] ?? null]));
  const sorted = [...byX].toSorted(([a], [b]) => a - b);
  return [sorted.map(([at]) => at), sorted.map(([, value]) => value)];
}

/** Returns the index of the measured value that is nearest to a place on the x axis; null for a curve without values. */
export function nearestIndex(line: Line, x: XAxis, at: number): number | null {
  let [found, least]: [number | null, number] = [null, Infinity];
  for (const [index, own] of xsOf(line, x).entries()) {
    const away = Math.abs(own - at);
    if (away < least && Number.isFinite(line.points.values[index])) [found, least] = [index, away];
  }
  return found;
}

/** Returns the rows of a table of all points, one for each step. */
export function rowsOf(lines: readonly Line[]): string[][] {
  const steps = [...new Set(lines.flatMap((line) => [...xsOf(line, 'step')]))].toSorted((a, b) => a - b);
  const values = lines.map(
    (line) => new Map([...xsOf(line, 'step')].map((step, index) => [step, line.points.values[index]])),
  );
  return steps.map((step) => [
    numberText(step),
    ...values.map((of) => (of.has(step) ? numberText(of.get(step) ?? Number.NaN) : '')),
  ]);
}
