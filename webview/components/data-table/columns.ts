import type { Direction } from '../../../daemon/shared/metrics.ts';
import { byText } from '../../../daemon/shared/text-order.ts';

/** A column of a data table. */
export interface Column<Row> {
  /** Unique in its table. */
  key: string;
  title: string;
  /** Numbers stand at the end of their cells. */
  kind: 'text' | 'number';
  /** The value by which rows are sorted; null if it is missing. */
  sortValue(row: Row): number | string | null;
  /** Its text, which also decides how wide the column is. */
  text(row: Row): string;
  /** What is drawn instead of the text. `fitted` is the text; in the first column shortened so that it fits. */
  cell?(row: Row, fitted: string): unknown;
  /** The complete value, if the text shortens it. */
  tooltip?(row: Row): string;
  /** Which value is best; absent or null if that is not known. */
  direction?: Direction | null;
}

export interface ColumnOrder {
  key: string;
  isDescending: boolean;
}

/** Sorts rows by a column. Rows without a value come last in both directions; equal rows keep their order. */
export function sortRows<Row>(rows: readonly Row[], column: Column<Row>, isDescending: boolean): Row[] {
  const keyed = rows.map((row) => ({ row, value: missingAsNull(column.sortValue(row)) }));
  const sign = isDescending ? -1 : 1;
  return keyed
    .toSorted(({ value: a }, { value: b }) => {
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      if (typeof a === 'number' && typeof b === 'number') return (a - b) * sign;
      return byText(String(a), String(b)) * sign;
    })
    .map(({ row }) => row);
}

/** NaN has no place in an order. */
function missingAsNull(value: number | string | null): number | string | null {
  return typeof value === 'number' && Number.isNaN(value) ? null : value;
}

/** Returns the next order after a click on a head: first the best or highest, then the other way, then as before. */
export function nextOrder(column: Column<never>, order: ColumnOrder | null): ColumnOrder | null {
  const isDescendingFirst = column.kind === 'number' && column.direction !== 'lower';
  if (order?.key !== column.key) return { key: column.key, isDescending: isDescendingFirst };
  return order.isDescending === isDescendingFirst ? { key: column.key, isDescending: !isDescendingFirst } : null;
}

/** Returns the best value of a column; null if no direction is known, or if all of its values are equal. */
export function bestOf<Row>(rows: readonly Row[], column: Column<Row>): number | null {
  if (!column.direction) return null;
  const values = rows.map((row) => column.sortValue(row)).filter((value) => typeof value === 'number');
  const finite = values.filter(Number.isFinite);
  if (new Set(finite).size < 2) return null;
  return finite.reduce((a, b) => (column.direction === 'lower' ? Math.min(a, b) : Math.max(a, b)));
}

const [minCharacters, maxCharacters] = [4, 32];

/** Returns the width of a column in characters, from the texts of all rows, so that it stays the same while they scroll by. */
export function charactersOf<Row>(rows: readonly Row[], column: Column<Row>): number {
  const longest = rows.reduce((most, row) => Math.max(most, column.text(row).length), column.title.length + 2);
  return Math.min(maxCharacters, Math.max(minCharacters, longest));
}

/** Returns the keys from one row to another in the order shown, both included. */
export function keysBetween(keys: readonly string[], from: string, to: string): string[] {
  const [a, b] = [keys.indexOf(from), keys.indexOf(to)];
  if (a < 0 || b < 0) return [to];
  return keys.slice(Math.min(a, b), Math.max(a, b) + 1);
}
