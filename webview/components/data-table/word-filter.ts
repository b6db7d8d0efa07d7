import type { Column } from './columns.ts';
import type { Filtered } from './data-table.ts';

/** Returns the rows that contain each word of a text in one of their columns. */
export function filterByWords<Row>(rows: readonly Row[], columns: readonly Column<Row>[], text: string): Filtered<Row> {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const textOf = (row: Row): string =>
    columns
      .map((column) => column.text(row))
      .join('\n')
      .toLowerCase();
  return { rows: rows.filter((row) => words.every((word) => textOf(row).includes(word))) };
}
