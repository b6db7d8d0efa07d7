import { asNumber } from '../readers/collector.ts';
import { isPosition, stepKeys, timeKey } from '../readers/position.ts';
import { isRaysOwn } from '../readers/ray-tune.ts';
import type { Columns } from './delimited-table.ts';

const namesOfMetrics = /^(metrics?|names?|measures?|scores?)$/i;
const namesOfValues = /^(values?|scores?|results?)$/i;

type Column = Columns['values'][number];

/** Returns the columns of a training log, of one row of results, or of a table `metric,value`; undefined for other tables. */
export function trainingColumns(header: string[], first: string[]): Columns | undefined {
  const named = namedColumns(header);
  if (named) return named;
  const steps = stepColumns(header, first);
  const { values, problems } = measuredColumns(header, steps);
  const isText = ({ index }: Column): boolean =>
    (first[index] ?? '').trim() !== '' && asNumber(first[index]) === undefined;
  const time = timeColumn(header);
  const isLog = header.some((name, index) => steps.includes(index) && name !== '') || time >= 0;
  if (isLog) return { steps, time, values, problems };
  const rows: Columns = { steps: [], time: -1, values, problems };
  // With text but no index each row is of something else, such as another model.
  if (values.some(isText)) return { ...rows, values: values.filter((column) => !isText(column)), unordered: 'untold' };
  if (steps.length > 0 || values.some(({ name }) => /loss/i.test(name))) return { steps, time, values, problems };
  return { ...rows, unordered: 'told' };
}

/** Returns the columns of a table `metric,value`, with a step or without; undefined for others. */
function namedColumns(header: string[]): Columns | undefined {
  const nameAt = header.findIndex((name) => namesOfMetrics.test(name));
  const valueAt = header.findIndex((name, index) => index !== nameAt && namesOfValues.test(name));
  if (nameAt < 0 || valueAt < 0) return undefined;
  const others = header.filter((name, index) => name !== '' && index !== nameAt && index !== valueAt);
  if (!others.every(isPosition)) return undefined;
  const steps = stepKeys.map((key) => header.findIndex((name) => name.toLowerCase() === key)).filter((at) => at >= 0);
  return { steps, time: -1, nameAt, values: [{ index: valueAt, name: header[valueAt] ?? '' }] };
}

/** Returns the step columns by name; else a first column without a name that counts, as the index of a data frame does. */
function stepColumns(header: string[], first: string[]): number[] {
  const named = stepKeys.map((key) => header.findIndex((name) => name.toLowerCase() === key)).filter((at) => at >= 0);
  if (named.length > 0) return named;
  return header[0] === '' && /^\d+$/.test((first[0] ?? '').trim()) ? [0] : [];
}

function timeColumn(header: string[]): number {
  const name = timeKey(header);
  return name === undefined ? -1 : header.indexOf(name);
}

/** Returns the metric columns. Two columns of one name cannot be distinguished and are left out. */
function measuredColumns(header: string[], steps: readonly number[]): { values: Column[]; problems: string[] } {
  const ofRay = header.includes('training_iteration') && header.includes('trial_id');
  const isMeasured = ({ index, name }: Column): boolean =>
    name !== '' && !steps.includes(index) && !isPosition(name) && !(ofRay && isRaysOwn(name));
  const all = header.map((name, index) => ({ index, name })).filter(isMeasured);
  const repeated = new Set(
    all.filter(({ name }, at) => all.findIndex((one) => one.name === name) < at).map(({ name }) => name),
  );
  const problems = [...repeated].map((name) => `two of its columns are called ${name}; they are left out`);
  return { values: all.filter(({ name }) => !repeated.has(name)), problems };
}

/**
 * Returns the columns of dvclive's file of one series, such as `plots/metrics/train/loss.tsv` with `step` and `loss`; undefined
 * for others.
 */
export function dvcliveColumns(header: string[], path: string): Columns | undefined {
  const step = header.indexOf('step');
  const [, name = ''] = /(?:^|\/)(?:plots\/metrics\/(.+)|[^/]+)\.tsv$/.exec(path) ?? [];
  const stem = /([^/]*)\.tsv$/.exec(path)?.[1] ?? '';
  const value = header.lastIndexOf(stem);
  if (step < 0 || value < 0 || value === step || header.length > 3) return undefined;
  return { steps: [step], time: header.indexOf('timestamp'), values: [{ index: value, name: name || stem }] };
}
