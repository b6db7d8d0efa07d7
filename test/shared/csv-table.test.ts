import { expect, test } from 'vitest';
import { parseCsvTable } from '../../daemon/shared/csv-table.ts';

test('a table has its header and its cells, whatever separates them and whatever stands in quotes', () => {
  const table = {
    head: ['feature', 'gain'],
    rows: [
      ['age, in "years"', '1'],
      ['a\nb', ''],
    ],
    moreRows: 0,
  };
  expect(parseCsvTable('x.csv', 'feature,gain\r\n"age, in ""years""",1\n"a\nb",\n\n')).toEqual(table);
  expect(parseCsvTable('x.csv', '\uFEFFa;b\n1,5;2\n')).toEqual({ head: ['a', 'b'], rows: [['1,5', '2']], moreRows: 0 });
  expect(parseCsvTable('x.tsv', 'a\tb\n1\t2')?.rows).toEqual([['1', '2']]);
});

test('a text without columns, with longer rows than its header, or of another name is no table', () => {
  expect(parseCsvTable('x.csv', 'only words\nhere')).toBeUndefined();
  expect(parseCsvTable('x.csv', 'a,b\n1,2,3')).toBeUndefined();
  expect(parseCsvTable('x.csv', '')).toBeUndefined();
  expect(parseCsvTable('x.txt', 'a,b\n1,2')).toBeUndefined();
});

test('a long table is cut, and says by how many rows', () => {
  const long = ['a,b', ...Array.from({ length: 100_000 }, (_, at) => `${at},"${'x'.repeat(3)}"`)].join('\n');
  const found = parseCsvTable('x.csv', long);
  expect([found?.rows.length, found?.moreRows]).toEqual([200, 99_800]);
});
