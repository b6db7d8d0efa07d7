import type { Row } from './database.ts';

/** Groups rows by the whole number in a column, in order. A number without rows is absent. */
export function groupedBy<T>(rows: readonly Row[], column: string, read: (row: Row) => T): Map<number, T[]> {
  const found = new Map<number, T[]>();
  for (const row of rows) {
    const number = Number(row[column]);
    const known = found.get(number);
    if (known) known.push(read(row));
    else found.set(number, [read(row)]);
  }
  return found;
}
