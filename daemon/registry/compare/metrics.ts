import type { CompareRow, MetricRow, Spread } from '../../protocol/comparison.ts';
import type { DataFile } from '../../protocol/lineage.ts';
import type { Column } from './column.ts';
import { rowsOf } from './rows.ts';
import { directionOf, splitOf } from '../../shared/metrics.ts';

/** Which way metrics are better, as a plinth.yaml says; names that it leaves out tell it themselves. */
export type Directions = Readonly<Record<string, 'higher' | 'lower'>>;

export function metricRows(columns: readonly Column[], directions: Directions): MetricRow[] {
  const reasons = columns.map((column, index) => (index === 0 ? null : againstBaseline(columns[0]!, column)));
  return rowsOf(columns.map((column) => column.metrics)).map((row) => {
    const isTrained = splitOf(row.name) === 'training';
    const notComparable = reasons.map((reason) => reason?.[isTrained ? 'trained' : 'held'] ?? null);
    const spread = columns.map((column) => spreadOf(column, row.name));
    return { ...judged(row, directions), notComparable, spread };
  });
}

/** The direction that a file of the user's gives, else what the name tells. */
export function directionFor(metric: string, directions: Directions): 'higher' | 'lower' | null {
  return (Object.hasOwn(directions, metric) ? directions[metric] : undefined) ?? directionOf(metric);
}

function judged(row: CompareRow, directions: Directions): CompareRow {
  const direction = directionFor(row.name, directions);
  const sign = direction === 'lower' ? -1 : 1;
  const better = row.deltas.map((delta) =>
    direction === null || delta === null || delta === 0 ? null : delta * sign > 0,
  );
  return { ...row, direction, better };
}

/** Why a column's figures may not be weighed against the baseline's: of training data, and of all other. */
interface Reasons {
  trained: string | null;
  held: string | null;
}

function againstBaseline(baseline: Column, column: Column): Reasons {
  const sameModel =
    baseline.version === null || column.version === null || baseline.version.model === column.version.model;
  const compared = compareData(evaluationData(baseline), evaluationData(column));
  const other = `other model: ${baseline.about.model} and ${column.about.model}`;
  if (compared.same === false)
    return { trained: sameModel ? null : other, held: `other evaluation data: ${compared.what}` };
  if (sameModel) return { trained: null, held: null };
  return {
    trained: other,
    held: compared.same === true ? null : `${other}, not known to be evaluated on the same data`,
  };
}

/** A file's name and its folder's: folders further up, such as a project's `test`, say nothing of it. */
function lastParts(path: string): string {
  return path.split('/').slice(-2).join('/');
}

/** The files named as held out; where none is, the evaluation was cut from what there is. */
export function evaluationData({ lineage }: Pick<Column, 'lineage'>): DataFile[] {
  const data = lineage?.data ?? [];
  const named = data.filter(
    (file) => splitOf(lastParts(file.path)) === 'held-out' || splitOf(file.named) === 'held-out',
  );
  return named.length > 0 ? named : data;
}

/** `same` is null where digests are not known, or were not taken in the same way. */
export function compareData(
  before: readonly DataFile[],
  after: readonly DataFile[],
): { same: boolean | null; what: string } {
  if (before.length === 0 || after.length === 0) return { same: null, what: '' };
  const digests = new Set(before.map((file) => file.digest));
  const other = after.filter((file) => !digests.has(file.digest));
  const gone = before.filter((file) => !after.some((one) => one.digest === file.digest));
  if (other.length === 0 && gone.length === 0) return { same: true, what: '' };
  const ways = new Set([...before, ...after].map((file) => file.digest.split(':', 1)[0]));
  if (ways.size > 1) return { same: null, what: '' };
  const names = [...new Set([...other, ...gone].map((file) => file.path))];
  return { same: false, what: `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''} differs` };
}

/** The newest value of each source; null where they are one or all the same. */
function spreadOf({ evidence }: Column, metric: string): Spread | null {
  const bySource = new Map<string, number>();
  for (const { source, metrics } of evidence) {
    const value = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
    if (typeof value === 'number') bySource.set(source, value);
  }
  const values = [...bySource.values()];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.length < 2 || least === most ? null : { count: values.length, least, most };
}
