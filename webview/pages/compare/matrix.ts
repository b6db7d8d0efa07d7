import type { CompareRow, MetricRow } from '../../../daemon/protocol/comparison.ts';
import { changeOf, judge, type Judgement } from '../../../daemon/shared/comparison-summary.ts';
import { compareMetrics } from '../../../daemon/shared/metrics.ts';
import { byText } from '../../../daemon/shared/text-order.ts';

/** A row of any section; rows of metrics also say what may be compared. */
export type TableRow = CompareRow &
  Partial<Pick<MetricRow, 'notComparable' | 'spread'>> & {
    /** By column, the values of the versions that a group joins. Absent where columns are versions. */
    members?: readonly TableRow[];
  };

/** What the cells of metrics show: values, how they differ from the baseline, or which place they take within their row. */
export type Shown = 'value' | 'delta' | 'share' | 'rank';

/** Rows that share a prefix; `''` for those without one. */
export interface Group {
  prefix: string;
  rows: TableRow[];
}

/** The column by which rows are sorted: -1 for the name. */
export interface Order {
  column: number;
  isDescending: boolean;
}

/** The rows of one kind that a summary counted, in one column. */
export interface Kind {
  column: number;
  judgement: Judgement;
}

/** Returns metrics in reading order, leading ones first. */
export function inReadingOrder(rows: readonly TableRow[], leading: readonly string[]): TableRow[] {
  return rows.toSorted((a, b) => compareMetrics(a.name, b.name, leading));
}

/** Returns the rows whose name matches and, when a kind is chosen, that are of it. */
export function filterRows(
  rows: readonly TableRow[],
  matches: (name: string) => boolean,
  kind: Kind | null,
): TableRow[] {
  return rows.filter((row) => matches(row.name) && (kind === null || judge(row, kind.column) === kind.judgement));
}

/** Groups rows by the prefix before the last separator, in the order of their first rows. Rows alone under a prefix are not grouped. */
export function groupRows(rows: readonly TableRow[], separator: '/' | '.'): Group[] {
  const prefixOf = ({ name }: TableRow): string => name.slice(0, name.lastIndexOf(separator) + 1);
  const counts = Map.groupBy(rows, prefixOf);
  const groups = Map.groupBy(rows, (row) => ((counts.get(prefixOf(row)) ?? []).length > 1 ? prefixOf(row) : ''));
  return [...groups].map(([prefix, own]) => ({ prefix, rows: own }));
}

/** Sorts rows by a column. Those without a number there come last in both directions. */
export function sortRows(rows: readonly TableRow[], { column, isDescending }: Order, shown: Shown): TableRow[] {
  const sign = isDescending ? -1 : 1;
  if (column < 0) return rows.toSorted((a, b) => byText(a.name, b.name) * sign);
  const of = (row: TableRow): number | null => {
    const value = sortValue(row, column, shown);
    return typeof value === 'number' ? value : null;
  };
  return rows.toSorted((a, b) => {
    const [left, right] = [of(a), of(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return (left - right) * sign;
  });
}

function sortValue(row: TableRow, column: number, shown: Shown): unknown {
  if (shown === 'rank') return placesOf(row)[column];
  return shown === 'value' ? row.values[column] : changeOf(row, column).gain;
}

/**
 * Returns the rank of each column's value within its row, 0 for the best and 1 for the worst; null where no direction is known,
 * the value is missing or must not be compared. Equal values share a rank; a row of equal values has none.
 */
export function ranksOf(row: TableRow): (number | null)[] {
  const ranked = rankedValues(row);
  const distinct = [...new Set(ranked.filter((value) => value !== null))].toSorted((a, b) => a - b);
  if (distinct.length < 2) return ranked.map(() => null);
  return ranked.map((value) => (value === null ? null : distinct.indexOf(value) / (distinct.length - 1)));
}

/** Returns the place of each column's value within its row: 1 for the best, and one more for each better value. Null as in `ranksOf`. */
export function placesOf(row: TableRow): (number | null)[] {
  const ranked = rankedValues(row);
  const sorted = ranked.filter((value) => value !== null).toSorted((a, b) => a - b);
  if (sorted[0] === sorted.at(-1)) return ranked.map(() => null);
  return ranked.map((value) => (value === null ? null : sorted.indexOf(value) + 1));
}

/** Returns the values that may be ranked as numbers of which the least is the best. */
function rankedValues({ values, direction, notComparable }: TableRow): (number | null)[] {
  const sign = direction === 'lower' ? 1 : -1;
  return values.map((value, column) =>
    direction !== null && typeof value === 'number' && Number.isFinite(value) && !notComparable?.[column]
      ? value * sign
      : null,
  );
}
