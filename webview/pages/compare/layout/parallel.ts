import type { Json } from '../../../../daemon/protocol/json.ts';
import { isSeed } from '../../../../daemon/shared/params.ts';

/** The parts of a row that an axis needs. */
export interface AxisSource {
  name: string;
  values: readonly (Json | null)[];
}

/** An axis of parallel coordinates. */
export interface Axis {
  name: string;
  /** Where each version's value lies, 0 at the bottom and 1 at the top; null for one without a value. */
  positions: (number | null)[];
  /** Labels and where they stand, from the bottom. */
  ticks: { at: number; label: string }[];
  isLog: boolean;
}

const maxParams = 7;
/** Of these, at least so many are numbers, if there are. */
const ofNumbers = 4;
const maxCategories = 12;
/** So many different numbers are all labelled. */
const fewValues = 4;
/** Positive values that differ by this factor or more are put on a logarithmic axis. */
const logFactor = 50;

/** True if a param can explain a result: seeds cannot, and lists and objects have no order. */
export function canExplain({ name, values }: AxisSource): boolean {
  return !isSeed(name) && values.every((value) => value === null || typeof value !== 'object');
}

/**
 * Returns an axis for each param that varies most, at most seven, in the order of the params. Numbers have some of the places
 * for themselves, because words, of which each is at an end of its axis, seem to vary more.
 */
export function paramAxes(params: readonly AxisSource[]): Axis[] {
  const all = params.filter(canExplain).flatMap((row) => {
    const axis = axisOf(row);
    return axis ? [{ axis, isNumber: row.values.some((value) => typeof value === 'number') }] : [];
  });
  const rows = all.filter(({ axis }, at) => !all.slice(at + 1).some((other) => isCopy(axis, other.axis)));
  const byVariance = rows.toSorted((a, b) => spreadOf(b.axis) - spreadOf(a.axis));
  const numbers = byVariance.filter(({ isNumber }) => isNumber).slice(0, ofNumbers);
  const chosen = new Set([...new Set([...numbers, ...byVariance])].slice(0, maxParams));
  return rows.filter((row) => chosen.has(row)).map(({ axis }) => axis);
}

/** Returns an axis for a row; undefined if fewer than two different values are known, or too many that are no numbers. */
export function axisOf({ name, values }: AxisSource): Axis | undefined {
  const known = values.filter((value) => value !== null && value !== 'NaN');
  if (known.length < 2) return undefined;
  return known.every((value) => typeof value === 'number' && Number.isFinite(value))
    ? numberAxis(name, values as (number | null)[])
    : categoryAxis(name, values);
}

/** True if an axis shows the same as another one: such as `C` of the model itself, which its script computes from `lr`. */
function isCopy({ positions }: Axis, other: Axis): boolean {
  return (
    new Set(positions).size > fewValues && positions.every((at, place) => isSame(at, other.positions[place] ?? null))
  );
}

function isSame(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) < 0.001;
}

function numberAxis(name: string, values: readonly (number | null)[]): Axis | undefined {
  const known = values.filter((value) => typeof value === 'number');
  const [low, high] = [Math.min(...known), Math.max(...known)];
  if (low === high) return undefined;
  const isLog = low > 0 && high / low >= logFactor;
  const scale = (value: number): number => (isLog ? Math.log(value) : value);
  const position = (value: number): number => (scale(value) - scale(low)) / (scale(high) - scale(low));
  const distinct = [...new Set(known)].toSorted((a, b) => a - b);
  const shown = distinct.length <= fewValues ? distinct : [low, isLog ? Math.sqrt(low * high) : (low + high) / 2, high];
  return {
    name,
    positions: values.map((value) => (typeof value === 'number' ? position(value) : null)),
    ticks: shown.map((value) => ({ at: position(value), label: String(Number(value.toPrecision(3))) })),
    isLog,
  };
}

function categoryAxis(name: string, values: readonly (Json | null)[]): Axis | undefined {
  const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
  const labels = [...new Set(values.flatMap((value) => (value === null ? [] : textOf(value))))].toSorted();
  if (labels.length < 2 || labels.length > maxCategories) return undefined;
  const place = (label: string): number => labels.indexOf(label) / (labels.length - 1);
  return {
    name,
    positions: values.map((value) => (value === null ? null : place(textOf(value)))),
    ticks: labels.map((label) => ({ at: place(label), label })),
    isLog: false,
  };
}

/** Returns the variance of the positions. */
function spreadOf({ positions }: Axis): number {
  const known = positions.filter((at) => at !== null);
  const mean = known.reduce((sum, at) => sum + at, 0) / known.length;
  return known.reduce((sum, at) => sum + (at - mean) ** 2, 0) / known.length;
}

/** A chosen part of an axis, from the bottom. */
export type Brush = readonly [number, number];

/** Returns the places of versions that lie outside of a brush. One without a value lies outside of any. */
export function outsideBrushes(axes: readonly Axis[], brushes: ReadonlyMap<string, Brush>): Set<number> {
  const outside = new Set<number>();
  for (const { name, positions } of axes) {
    const brush = brushes.get(name);
    if (!brush) continue;
    for (const [place, at] of positions.entries())
      if (at === null || at < brush[0] || at > brush[1]) outside.add(place);
  }
  return outside;
}
