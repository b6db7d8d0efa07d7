import type { CompareRow } from '../../protocol/comparison.ts';
import type { Json } from '../../protocol/json.ts';

export type Values = Readonly<Record<string, Json>>;

/** Returns one row for each name, in the order of the columns. A null column is unknown, so no row differs because of it. */
export function rowsOf(columns: readonly (Values | null)[]): CompareRow[] {
  const names = [...new Set(columns.flatMap((column) => Object.keys(column ?? {})))];
  return names.map((name) => {
    const values = columns.map((column) => (column && Object.hasOwn(column, name) ? (column[name] ?? null) : null));
    const deltas = values.map((value, index) => (index === 0 ? null : difference(value, values[0] ?? null)));
    const texts = new Set(values.filter((_, index) => columns[index]).map((value) => JSON.stringify(value)));
    return { name, values, deltas, better: values.map(() => null), direction: null, differs: texts.size > 1 };
  });
}

function difference(value: Json, baseline: Json): number | null {
  return typeof value === 'number' && typeof baseline === 'number' ? value - baseline : null;
}

const maxRows = 2000;

/** Returns as many rows as a section lists, in order. Rows that are equal everywhere are left out first. */
export function bounded<T extends CompareRow>(rows: readonly T[]): { rows: T[]; omitted: number } {
  if (rows.length <= maxRows) return { rows: [...rows], omitted: 0 };
  const chosen = new Set(rows.filter((row) => row.differs).slice(0, maxRows));
  for (const row of rows) if (chosen.size < maxRows) chosen.add(row);
  return { rows: rows.filter((row) => chosen.has(row)), omitted: rows.length - chosen.size };
}
