import { record, type LoggedValues, type Point } from './types.ts';

/** Points of one metric in columns, which take a quarter of the memory of pairs. An unknown step or time is NaN. */
export interface Series {
  steps: Float64Array;
  times: Float64Array;
  values: Float64Array;
  course: Course;
}

/** Course of the steps over all points that were read, dropped ones included. */
export interface Course {
  /** The value of its first point. */
  value: number;
  /** Step at which it began, or to which it last went back; NaN for none. */
  since: number;
  /** How often its steps went back. */
  restarts: number;
}

/** Values of a file, with series in columns. */
export type KeptValues = Omit<LoggedValues, 'series'> & { series: Record<string, Series> };

/** A series that grows in place. Its columns may be longer than its `length`. */
interface GrowingSeries extends Series {
  length: number;
}

/** Values of a file that is partly read. */
export type GrowingValues = Omit<LoggedValues, 'series'> & { series: Record<string, GrowingSeries> };

/** Points kept of one series; beyond it every second one is dropped. */
const maxPoints = 20_000;
/** Points kept of all series of a file, which are copied to the event loop's thread. */
const maxPointsOfFile = 60_000;
const firstRoom = 64;

export function noValues(): GrowingValues {
  return { params: record(), metrics: record(), series: record(), best: record(), status: null, problems: [] };
}

/** Adds the values of one call of a reader. They override those of earlier calls. */
export function addValues(into: GrowingValues, now: LoggedValues): void {
  for (const [name, points] of Object.entries(now.series)) append((into.series[name] ??= noPoints()), points);
  bound(into.series);
  Object.assign(into.params, now.params);
  Object.assign(into.metrics, now.metrics);
  Object.assign(into.best, now.best);
  if (now.saves) into.saves = record(into.saves ?? {}, now.saves);
  into.status = now.status ?? into.status;
  into.problems = [...new Set([...into.problems, ...now.problems])].slice(0, 20);
}

export function countPoints({ series }: GrowingValues): number {
  return Object.values(series).reduce((sum, { length }) => sum + length, 0);
}

/** Returns the values read so far; with `ends` only the last two points of each series. */
export function valuesOf(grown: GrowingValues, ends: boolean): KeptValues {
  const series = record<Series>();
  for (const [name, { steps, times, values, length, course }] of Object.entries(grown.series)) {
    const from = ends ? Math.max(0, length - 2) : 0;
    const part = (column: Float64Array): Float64Array => column.slice(from, length);
    series[name] = { steps: part(steps), times: part(times), values: part(values), course: { ...course } };
  }
  return { ...grown, series };
}

export function pointsOf({ steps, times, values }: Series): Point[] {
  return Array.from(values, (value, at) => [numberOrNull(steps[at]), numberOrNull(times[at]), value]);
}

function numberOrNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** Returns the value of the last point at or before a step; without a step, or if there is none, the last value. */
export function valueAt({ steps, values }: Series, step: number | null): number | undefined {
  const at = step === null ? -1 : steps.findLastIndex((one) => one <= step);
  return at < 0 ? values.at(-1) : values[at];
}

function noPoints(): GrowingSeries {
  const column = (): Float64Array => new Float64Array(firstRoom);
  const course = { value: NaN, since: NaN, restarts: 0 };
  return { steps: column(), times: column(), values: column(), length: 0, course };
}

function append(series: GrowingSeries, points: readonly Point[]): void {
  for (const [step, time, value] of points) {
    if (series.length === maxPoints) halve(series);
    if (series.length === series.values.length) makeRoom(series);
    noteCourse(series, step ?? NaN, value);
    const at = series.length++;
    series.steps[at] = step ?? NaN;
    series.times[at] = time ?? NaN;
    series.values[at] = value;
  }
}

function noteCourse({ course, steps, length }: GrowingSeries, step: number, value: number): void {
  if (length === 0) course.value = value;
  const goesBack = length > 0 && step <= (steps[length - 1] ?? NaN);
  if (goesBack) course.restarts += 1;
  if (goesBack || Number.isNaN(course.since)) course.since = step;
}

function makeRoom(series: GrowingSeries): void {
  const room = Math.min(maxPoints, series.length * 2);
  const wider = (column: Float64Array): Float64Array => {
    const all = new Float64Array(room);
    all.set(column);
    return all;
  };
  series.steps = wider(series.steps);
  series.times = wider(series.times);
  series.values = wider(series.values);
}

/** Halves the longest series until all together are below the limit. */
function bound(series: Record<string, GrowingSeries>): void {
  const all = Object.values(series);
  let total = all.reduce((sum, { length }) => sum + length, 0);
  while (total > maxPointsOfFile) {
    const longest = all.reduce((most, one) => (one.length > most.length ? one : most));
    if (longest.length <= 2) return;
    total -= longest.length;
    halve(longest);
    total += longest.length;
  }
}

/** Halves a series: of every four points the minimum and the maximum stay, so that no peak is lost, and the last point. */
function halve(series: GrowingSeries): void {
  const { values, length } = series;
  let kept = 0;
  const keep = (at: number): void => {
    series.steps[kept] = series.steps[at] ?? NaN;
    series.times[kept] = series.times[at] ?? NaN;
    values[kept++] = values[at] ?? NaN;
  };
  const last: [number, number, number] = [
    series.steps[length - 1] ?? NaN,
    series.times[length - 1] ?? NaN,
    values[length - 1] ?? NaN,
  ];
  let lastKept = -1;
  for (let from = 0; from < length; from += 4) {
    for (const at of extremes(values, from, Math.min(from + 4, length))) {
      keep(at);
      lastKept = at;
    }
  }
  if (lastKept !== length - 1) [series.steps[kept], series.times[kept], values[kept++]] = last;
  series.length = kept;
}

/** Returns the indices of minimum and maximum in their order; the first index if none is a number. */
function extremes(values: Float64Array, from: number, to: number): number[] {
  let least = -1;
  let most = -1;
  for (let at = from; at < to; at++) {
    const value = values[at] ?? NaN;
    if (Number.isNaN(value)) continue;
    if (least < 0 || value < (values[least] ?? NaN)) least = at;
    if (most < 0 || value > (values[most] ?? NaN)) most = at;
  }
  if (least < 0) return [from];
  if (least === most) return [least];
  return least < most ? [least, most] : [most, least];
}
