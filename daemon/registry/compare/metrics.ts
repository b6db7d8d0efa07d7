import type { CompareRow, MetricRow } from '../../protocol/comparison.ts';
import type { DataFile } from '../../protocol/lineage.ts';
import type { Column } from './column.ts';
import { withConflicts } from './conflicts.ts';
import { repeatsOf, spreadOf } from './repeats.ts';
import { rowsOf } from './rows.ts';
import { directionOf, splitOf } from '../../shared/metrics.ts';

/** Directions of metrics in a plinth.yaml. For names that it does not list, the name decides. */
export type Directions = Readonly<Record<string, 'higher' | 'lower'>>;

export function metricRows(columns: readonly Column[], directions: Directions): MetricRow[] {
  const reasons = columns.map((column, index) => (index === 0 ? null : againstBaseline(columns[0]!, column)));
  const repeats = repeatsOf(columns);
  const rows = rowsOf(columns.map((column) => column.metrics)).map((row): MetricRow => {
    const isTrained = splitOf(row.name) === 'training';
    const notComparable = reasons.map((reason) => reason?.[isTrained ? 'trained' : 'held'] ?? null);
    const spread = repeats.map((alike) => spreadOf(alike, row.name));
    return { ...judged(row, directions), notComparable, spread };
  });
  return withConflicts(rows, columns, ({ metrics }) => metrics);
}

/** Returns the direction in a policy file, else the one that the name implies; null for neither. */
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

/**
 * Why a column's values must not be compared with the baseline's: `trained` for metrics on training data, `held` for all others;
 * null if they may.
 */
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

/** Returns the names of a file and its folder. Higher folders, such as a project's `test`, do not describe it. */
function lastParts(path: string): string {
  return path.split('/').slice(-2).join('/');
}

/** Returns the data files named as held-out. If there are none, the evaluation data was split from the others. */
export function evaluationData({ lineage }: Pick<Column, 'lineage'>): DataFile[] {
  const data = lineage?.data ?? [];
  const named = data.filter(
    (file) => splitOf(lastParts(file.path)) === 'held-out' || splitOf(file.named) === 'held-out',
  );
  return named.length > 0 ? named : data;
}

/** Compares two sets of data files by digest. `same` is null if digests are unknown or of different kinds. */
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
