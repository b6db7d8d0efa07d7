import { expect, test } from 'vitest';
import { searchableVersion } from '../../../../daemon/shared/search/searchable.ts';
import type { Version } from '../../../../daemon/protocol/model.ts';
import { filterRows } from '../../../../webview/components/data-table/row-filter.ts';
import type { Column } from '../../../../webview/components/data-table/columns.ts';
import { version } from '../../../support/models.ts';

const rows = [
  version({ number: 1, stage: 'archived', metrics: { 'val/auc': 0.8 } }),
  version({ number: 2, stage: 'production', metrics: { 'val/auc': 0.95 } }),
  version({ number: 3, stage: 'development', metrics: {} }),
];
const stage: Column<Version> = {
  key: 'stage',
  title: 'Stage',
  kind: 'text',
  sortValue: ({ stage: name }) => name,
  text: ({ stage: name }) => name,
};
const find = (text: string): number[] | string => {
  const found = filterRows(rows, [stage], text, (row) => searchableVersion(row, 0));
  return 'problem' in found ? found.problem : found.rows.map(({ number }) => number);
};

test('a filter is the one of the command line', () => {
  expect(find('val_auc > 0.9')).toEqual([2]);
  expect(find('stage in (archived, development)')).toEqual([1, 3]);
});

test('a text without an operator asks for words', () => {
  expect(find('PROD')).toEqual([2]);
  expect(find('d e')).toEqual([1, 3]);
  expect(find('nothing like it')).toEqual([]);
});

test('a filter that cannot be read, and a name that nothing has, are said', () => {
  expect(find('val_auc >')).toContain('Cannot read the filter at character');
  expect(find('val_acu > 0.9')).toContain('Nothing here has val_acu');
});
