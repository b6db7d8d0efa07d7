import { addMetric, addParams, addPoint, asNumber, isObject, type Collector } from './collector.ts';
import { asStep, asTime, isPosition, stepKey, timeKey } from './position.ts';

const maxDepth = 16;
const paramKeys = new Set(['params', 'parameters', 'hparams', 'hyperparameters', 'config', 'best_params']);
/** Wrappers that say nothing about the metrics in them. */
const wrappers = new Set(['metrics', 'scores', 'history', 'results']);

/**
 * Adds what a metrics document says: numbers as metrics, nested keys joined with `/`, lists of numbers and lists of
 * equal-keyed records as series, and a `params` object beside them as params. Text is left out.
 */
export function collectMetrics(into: Collector, document: unknown): void {
  if (Array.isArray(document)) return collectList(into, '', document);
  if (!isObject(document)) return;
  const keys = Object.keys(document);
  for (const key of keys) {
    const value = document[key];
    if (paramKeys.has(key) && isObject(value)) addParams(into.values, value);
    else if (wrappers.has(key) && typeof value === 'object') collect(into, unwrappedName(document, key), value, 0);
    else if (!isPosition(key) || key === 'epoch') collect(into, key, value, 0);
  }
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

function collect(into: Collector, name: string, value: unknown, depth: number): void {
  const number = asNumber(value);
  if (number !== undefined) addMetric(into, name, number);
  else if (Array.isArray(value)) collectList(into, name, value);
  else if (isObject(value) && depth < maxDepth && !collectColumns(into, name, value)) {
    for (const [key, entry] of Object.entries(value)) collect(into, join(name, key), entry, depth + 1);
  }
}

function join(name: string, key: string): string {
  return name === '' ? key : `${name}/${key}`;
}

function collectList(into: Collector, name: string, list: readonly unknown[]): void {
  if (list.some((entry) => Array.isArray(entry))) return;
  if (list.some(isObject)) return collectRecords(into, name, list);
  list.forEach((entry, index) => {
    const value = asNumber(entry);
    if (value !== undefined) addPoint(into, name, [index, null, value]);
  });
}

function collectRecords(into: Collector, name: string, list: readonly unknown[]): void {
  list.forEach((record, index) => {
    if (isObject(record)) collectRecord(into, name, record, index);
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
