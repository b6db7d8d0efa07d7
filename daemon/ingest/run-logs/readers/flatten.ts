import { isObject } from '../../../protocol/json.ts';
import { addMetric, addParams, addPoint, asNumber, type Collector } from './collector.ts';
import { asStep, asTime, isPosition, stepKey, timeKey } from './position.ts';

const maxDepth = 16;
const paramKeys = new Set(['params', 'parameters', 'hparams', 'hyperparameters', 'config', 'best_params']);
/** Keys that group metrics without describing them. */
const wrappers = new Set(['metrics', 'scores', 'history', 'results']);

/**
 * Adds the values of a metrics document: numbers as metrics, nested keys joined with `/`, and a `params` object beside them as
 * params. A list of numbers is a series only if something shows that it runs over steps; otherwise it is a vector, such as one
 * value a class, and left out. Text is left out.
 */
export function collectMetrics(into: Collector, document: unknown, isHistory = false): void {
  const context: FlattenContext = { into, depth: 0, isHistory, steps: undefined };
  if (Array.isArray(document)) return collectList(context, '', document);
  if (!isObject(document)) return;
  const inner = contextIn(context, document);
  for (const [key, value] of Object.entries(document)) {
    if (paramKeys.has(key) && isObject(value)) addParams(into.values, value);
    else if (wrappers.has(key) && typeof value === 'object')
      collect({ ...inner, isHistory: inner.isHistory || key === 'history' }, unwrappedName(document, key), value);
    else if (!isPosition(key) || (key === 'epoch' && !Array.isArray(value))) collect(inner, key, value);
  }
}

/** Context of a value within a document. */
interface FlattenContext {
  into: Collector;
  depth: number;
  /** True if lists here run over steps. */
  isHistory: boolean;
  /** Steps of the lists of this length; undefined if the document has none. */
  steps: readonly unknown[] | undefined;
}

/** Returns the context inside a map: whether its lists are series, and their steps. */
function contextIn(context: FlattenContext, map: Record<string, unknown>): FlattenContext {
  const key = stepKey(Object.keys(map).filter((name) => Array.isArray(map[name])));
  const steps = key === undefined ? undefined : (map[key] as unknown[]);
  return { ...context, steps, isHistory: context.isHistory || steps !== undefined || hasCurves(map) };
}

const validation = /^(val|valid|validation|eval|test)[_/]/;

/** True for pairs such as Keras' `auc` and `val_auc` with lists of one length. */
function hasCurves(map: Record<string, unknown>): boolean {
  return Object.keys(map).some((name) => {
    const [list, other] = [map[name], map[name.replace(validation, '')] ?? map[name.replace(validation, 'train_')]];
    return validation.test(name) && Array.isArray(list) && Array.isArray(other) && list.length === other.length;
  });
}

/**
 * Returns the metric's name for a list under a wrapper: `history: [..]` beside a single number is that number's history. Empty if
 * the wrapper has no name to give.
 */
function unwrappedName(document: Record<string, unknown>, key: string): string {
  if (!Array.isArray(document[key])) return '';
  const numbers = Object.keys(document).filter(
    (other) => asNumber(document[other]) !== undefined && !isPosition(other),
  );
  const [only] = numbers;
  if (only !== undefined && numbers.length === 1) return only;
  return isObject(document[key][0]) ? '' : key;
}

/** True for W&B's internal keys, and for its pictures, tables and histograms. */
function isWandbs(name: string, value: unknown): boolean {
  return name === '_runtime' || name === '_wandb' || (isObject(value) && Object.hasOwn(value, '_type'));
}

function collect(context: FlattenContext, name: string, value: unknown): void {
  const number = asNumber(value);
  if (isWandbs(name, value)) return;
  if (number !== undefined) addMetric(context.into, name, number);
  else if (Array.isArray(value)) collectList(context, name, value);
  else if (isObject(value) && context.depth < maxDepth && !collectColumns(context.into, name, value)) {
    const inner = { ...contextIn(context, value), depth: context.depth + 1 };
    for (const [key, entry] of Object.entries(value)) {
      if (!(Array.isArray(entry) && isPosition(key))) collect(inner, join(name, key), entry);
    }
  }
}

function join(name: string, key: string): string {
  return name === '' ? key : `${name}/${key}`;
}

/** Names that are only ever measured over steps. */
const curve = /(loss|history|curve)[^/]*$|(^|\/)(validation|valid|eval)_\d+\//i;

function collectList(context: FlattenContext, name: string, list: readonly unknown[]): void {
  if (list.some((entry) => Array.isArray(entry))) return;
  if (list.some(isObject)) return collectRecords(context, name, list);
  if (!context.isHistory && !curve.test(name)) return;
  const steps = context.steps?.length === list.length ? context.steps : undefined;
  list.forEach((entry, index) => {
    const value = asNumber(entry);
    if (value !== undefined) addPoint(context.into, name, [steps ? asStep(steps[index]) : index, null, value]);
  });
}

/** Adds a list of records: a single one as metrics, several as series if they have steps or the name says so. */
function collectRecords(context: FlattenContext, name: string, list: readonly unknown[]): void {
  const [first] = list;
  if (list.length === 1 && isObject(first) && stepKey(Object.keys(first)) === undefined)
    return collect(context, name, first);
  const isSeries =
    context.isHistory ||
    curve.test(name) ||
    list.every((one) => isObject(one) && stepKey(Object.keys(one)) !== undefined);
  if (!isSeries) return;
  list.forEach((record, index) => {
    if (isObject(record)) collectRecord(context.into, name, record, index);
  });
}

/** Adds the numbers of one record as points. `index` is the step of a record without one. */
export function collectRecord(
  into: Collector,
  name: string,
  record: Record<string, unknown>,
  index: number | null,
): void {
  const keys = Object.keys(record);
  const stepName = stepKey(keys);
  const timeName = timeKey(keys);
  const step = stepName === undefined ? index : asStep(record[stepName]);
  const time = timeName === undefined ? null : asTime(record[timeName]);
  const add = (path: string, value: unknown, depth: number): void => {
    const number = asNumber(value);
    if (number !== undefined) return addPoint(into, path, [step, time, number]);
    if (!isObject(value) || depth >= maxDepth) return;
    for (const [key, entry] of Object.entries(value)) add(join(path, key), entry, depth + 1);
  };
  for (const key of keys) if (!isPosition(key)) add(join(name, key), record[key], 0);
}

/** Adds a series in Sacred's form: `{steps: […], values: […], timestamps: […]}`. False for any other. */
function collectColumns(into: Collector, name: string, value: Record<string, unknown>): boolean {
  const { steps, values, timestamps } = value;
  if (!Array.isArray(steps) || !Array.isArray(values) || steps.length !== values.length) return false;
  values.forEach((entry, index) => {
    const number = asNumber(entry);
    const time = Array.isArray(timestamps) ? asTime(timestamps[index]) : null;
    if (number !== undefined) addPoint(into, name, [asStep(steps[index]), time, number]);
  });
  return true;
}
