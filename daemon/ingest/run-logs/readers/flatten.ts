import { addMetric, addParams, addPoint, asNumber, isObject, type Collector } from './collector.ts';
import { asStep, asTime, isPosition, stepKey, timeKey } from './position.ts';

const maxDepth = 16;
const paramKeys = new Set(['params', 'parameters', 'hparams', 'hyperparameters', 'config', 'best_params']);
/** Wrappers that say nothing about the metrics in them. */
const wrappers = new Set(['metrics', 'scores', 'history', 'results']);

/**
 * Adds what a metrics document says: numbers as metrics, nested keys joined with `/`, and a `params` object beside them as
 * params. Lists of numbers are series only where something says that they go along steps; else they are vectors, such as
 * a value a class, and no metrics. Text is left out.
 */
export function collectMetrics(into: Collector, document: unknown, isHistory = false): void {
  const place: FlattenContext = { into, depth: 0, isHistory, steps: undefined };
  if (Array.isArray(document)) return collectList(place, '', document);
  if (!isObject(document)) return;
  const inner = contextIn(place, document);
  for (const [key, value] of Object.entries(document)) {
    if (paramKeys.has(key) && isObject(value)) addParams(into.values, value);
    else if (wrappers.has(key) && typeof value === 'object')
      collect({ ...inner, isHistory: inner.isHistory || key === 'history' }, unwrappedName(document, key), value);
    else if (!isPosition(key) || (key === 'epoch' && !Array.isArray(value))) collect(inner, key, value);
  }
}

/** Where in a document a value stands. */
interface FlattenContext {
  into: Collector;
  depth: number;
  /** Lists here go along steps. */
  isHistory: boolean;
  /** The steps of lists of this length, where the document has them. */
  steps: readonly unknown[] | undefined;
}

/** Finds out from a map whether the lists in it are curves, and their steps. */
function contextIn(place: FlattenContext, map: Record<string, unknown>): FlattenContext {
  const key = stepKey(Object.keys(map).filter((name) => Array.isArray(map[name])));
  const steps = key === undefined ? undefined : (map[key] as unknown[]);
  return { ...place, steps, isHistory: place.isHistory || steps !== undefined || hasCurves(map) };
}

const validation = /^(val|valid|validation|eval|test)[_/]/;

/** Keras' pairs `auc` and `val_auc`, of one length. */
function hasCurves(map: Record<string, unknown>): boolean {
  return Object.keys(map).some((name) => {
    const [list, other] = [map[name], map[name.replace(validation, '')] ?? map[name.replace(validation, 'train_')]];
    return validation.test(name) && Array.isArray(list) && Array.isArray(other) && list.length === other.length;
  });
}

/** `history: [..]` beside a single number is the history of that number; of an object the name is left out. */
function unwrappedName(document: Record<string, unknown>, key: string): string {
  if (!Array.isArray(document[key])) return '';
  const numbers = Object.keys(document).filter(
    (other) => asNumber(document[other]) !== undefined && !isPosition(other),
  );
  const [only] = numbers;
  if (only !== undefined && numbers.length === 1) return only;
  return isObject(document[key][0]) ? '' : key;
}

/** W&B's own names, and its pictures, tables and histograms. */
function isWandbs(name: string, value: unknown): boolean {
  return name === '_runtime' || name === '_wandb' || (isObject(value) && Object.hasOwn(value, '_type'));
}

function collect(place: FlattenContext, name: string, value: unknown): void {
  const number = asNumber(value);
  if (isWandbs(name, value)) return;
  if (number !== undefined) addMetric(place.into, name, number);
  else if (Array.isArray(value)) collectList(place, name, value);
  else if (isObject(value) && place.depth < maxDepth && !collectColumns(place.into, name, value)) {
    const inner = { ...contextIn(place, value), depth: place.depth + 1 };
    for (const [key, entry] of Object.entries(value)) {
      if (!(Array.isArray(entry) && isPosition(key))) collect(inner, join(name, key), entry);
    }
  }
}

function join(name: string, key: string): string {
  return name === '' ? key : `${name}/${key}`;
}

/** Names of what is only ever measured along steps. */
const curve = /(loss|history|curve)[^/]*$|(^|\/)(validation|valid|eval)_\d+\//i;

function collectList(place: FlattenContext, name: string, list: readonly unknown[]): void {
  if (list.some((entry) => Array.isArray(entry))) return;
  if (list.some(isObject)) return collectRecords(place, name, list);
  if (!place.isHistory && !curve.test(name)) return;
  const steps = place.steps?.length === list.length ? place.steps : undefined;
  list.forEach((entry, index) => {
    const value = asNumber(entry);
    if (value !== undefined) addPoint(place.into, name, [steps ? asStep(steps[index]) : index, null, value]);
  });
}

/** A single record is what it says; several need a step to be a series, or a name that says so. */
function collectRecords(place: FlattenContext, name: string, list: readonly unknown[]): void {
  const [first] = list;
  if (list.length === 1 && isObject(first) && stepKey(Object.keys(first)) === undefined)
    return collect(place, name, first);
  const isSeries =
    place.isHistory ||
    curve.test(name) ||
    list.every((one) => isObject(one) && stepKey(Object.keys(one)) !== undefined);
  if (!isSeries) return;
  list.forEach((record, index) => {
    if (isObject(record)) collectRecord(place.into, name, record, index);
  });
}

/** Adds the numbers of one record as points; `index` stands for the step where the record has none. */
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

/** Sacred's form of a series: `{steps: […], values: […], timestamps: […]}`. */
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
