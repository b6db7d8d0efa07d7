import { messageOf } from '../../../daemon/errors.ts';
import * as l10n from '@vscode/l10n';
import { isCondition } from '../../../daemon/shared/search/condition.ts';
import { itemFilter } from '../../../daemon/shared/search/filter.ts';
import { SearchError } from '../../../daemon/shared/search/filter-tokens.ts';
import type { Searchable } from '../../../daemon/shared/search/searchable.ts';
import type { Column } from './columns.ts';
import type { Filtered } from './table-model.ts';

/**
 * Returns the rows that a text asks for: a filter such as `val_auc > 0.9 and stage = production`, the same as on the command line,
 * or words that a row contains. While a filter cannot be read, the problem is said.
 */
export function filterRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  text: string,
  searchable: (row: Row) => Searchable,
): Filtered<Row> {
  if (!isCondition(text)) return { rows: rowsWithWords(rows, columns, text) };
  try {
    const filter = itemFilter(text);
    const found = rows.filter((row) => filter.matches(searchable(row)));
    const unknown = rows.length > 0 ? filter.unknownNames() : [];
    if (unknown.length > 0) return { problem: l10n.t('Nothing here has {0}. Check the name.', unknown.join(', ')) };
    return { rows: found };
  } catch (error) {
    if (!(error instanceof SearchError)) throw error;
    return { problem: messageOf(error) };
  }
}

function rowsWithWords<Row>(rows: readonly Row[], columns: readonly Column<Row>[], text: string): readonly Row[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const textOf = (row: Row): string =>
    columns
      .map((column) => column.text(row))
      .join('\n')
      .toLowerCase();
  return rows.filter((row) => {
    const own = textOf(row);
    return words.every((word) => own.includes(word));
  });
}
