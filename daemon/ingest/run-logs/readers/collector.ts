import type { Json } from '../../../protocol/json.ts';
import type { LoggedValues, Point } from '../types.ts';

const maxProblems = 20;
const maxNames = 10_000;
const maxNameLength = 250;
const maxParamNodes = 10_000;
const maxParamDepth = 16;

/** Points after which a reader of an appended file stops, at the end of a block, and continues at the next call. */
export const enoughPoints = 10_000;
/** The same for tables and lines, which resume quickly: the memory of one call is free before the next. */
export const enoughOfLines = 2_000;
const maxPoints = 2_000_000;

/** Returns empty values whose records have no prototype, as names come from files (`__proto__`, `constructor`). */
export function blankValues(): LoggedValues {
  return { params: blank(), metrics: blank(), series: blank(), best: blank(), status: null, problems: [] };
}

export function blank<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

export function addProblem(values: LoggedValues, sentence: string): void {
  if (values.problems.length < maxProblems) values.problems.push(sentence);
}

/** Collects the values of one call. Counts keep a hostile file from growing them without bound. */
export interface Collector {
  readonly values: LoggedValues;
  points: number;
  names: number;
  /** True if the values of earlier calls are no longer valid. */
  anew: boolean;
}

export function collector(): Collector {
  return { values: blankValues(), points: 0, names: 0, anew: false };
}

/** True for values that trainers write before they have measured anything, such as Lightning's `hp_metric`. */
function isPlaceholder(name: string, value: number): boolean {
  return value === -1 && /^(hp_metric|epoch|steps?)$/i.test(name);
}

export function addPoint(into: Collector, name: string, point: Point): void {
  if (into.points >= maxPoints || isPlaceholder(name, point[2])) return;
  const series = into.values.series[name];
  if (series) series.push(point);
  else if (!admits(into, name)) return;
  else into.values.series[name] = [point];
  into.points++;
}

export function addMetric(into: Collector, name: string, value: number): void {
  if (isPlaceholder(name, value)) return;
  if (name in into.values.metrics || admits(into, name)) into.values.metrics[name] = value;
}

/** Records the step at which a checkpoint folder was saved. */
export function addSaved(into: Collector, folder: string, step: number): void {
  if (admits(into, folder)) (into.values.saves ??= blank())[folder] = step;
}

function admits(into: Collector, name: string): boolean {
  if (name === '' || name.length > maxNameLength) return false;
  if (into.names >= maxNames) {
    if (into.names++ === maxNames)
      addProblem(into.values, `it names more than ${maxNames} metrics and params; the rest is left out`);
    return false;
  }
  into.names++;
  return true;
}

/** Converts a number, or text that is one (NaN and ±Infinity included); undefined for anything else. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const text = /^\s|\s$/.test(value) ? value.trim() : value;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const word = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (!word) return undefined;
  if (word[2]?.toLowerCase() === 'nan') return NaN;
  return word[1] === '-' ? -Infinity : Infinity;
}

/** Adds the entries of `value` to the params as JSON of bounded size. Values that JSON lacks become text, such as `NaN`. */
export function addParams(values: LoggedValues, value: Record<string, unknown>): void {
  const budget = { nodes: maxParamNodes };
  for (const [key, entry] of Object.entries(value)) {
    if (key !== '__proto__') values.params[key] = asJson(entry, 0, budget);
  }
  if (budget.nodes < 0) addProblem(values, `it contains more than ${maxParamNodes} values; the rest is left out`);
}

/** Adds the params of one record of many. Their names count together with those of the metrics. */
export function addRecordParams(into: Collector, value: Record<string, unknown>): void {
  const few = blank<unknown>();
  for (const [key, entry] of Object.entries(value)) {
    if (key in into.values.params || admits(into, key)) few[key] = entry;
  }
  addParams(into.values, few);
}

function asJson(value: unknown, depth: number, budget: { nodes: number }): Json {
  if (--budget.nodes < 0) return null;
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'object') return typeof value === 'bigint' ? String(value) : null;
  if (depth >= maxParamDepth) return '…';
  if (Array.isArray(value)) return value.slice(0, budget.nodes + 1).map((entry) => asJson(entry, depth + 1, budget));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  const out: Record<string, Json> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (budget.nodes < 0) break;
    if (key !== '__proto__') out[key] = asJson(entry, depth + 1, budget);
  }
  return out;
}
