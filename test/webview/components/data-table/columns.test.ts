import { expect, test } from 'vitest';
import {
  bestOf,
  charactersOf,
  keysBetween,
  nextOrder,
  sortRows,
  type Column,
} from '../../../../webview/components/data-table/columns.ts';
import { filledColumns, valueColumn, varyingNames } from '../../../../webview/components/data-table/value-columns.ts';
import type { Json } from '../../../../daemon/protocol/json.ts';

type Row = Record<string, Json>;

function metric(rows: readonly Row[], name: string): Column<Row> {
  return valueColumn(rows, { kind: 'metric', name, valuesOf: (row) => row });
}

const rows: Row[] = [{ auc: 0.8 }, { auc: 'NaN' }, {}, { auc: 0.95 }, { auc: 0.9 }];

test('rows without a number come last in both directions', () => {
  const column = metric(rows, 'auc');
  expect(sortRows(rows, column, true)).toEqual([{ auc: 0.95 }, { auc: 0.9 }, { auc: 0.8 }, { auc: 'NaN' }, {}]);
  expect(sortRows(rows, column, false)).toEqual([{ auc: 0.8 }, { auc: 0.9 }, { auc: 0.95 }, { auc: 'NaN' }, {}]);
});

test('a head sorts by the best first, then the other way, then as before', () => {
  const [auc, loss] = [metric(rows, 'auc'), metric([{ loss: 1 }], 'loss')];
  const first = nextOrder(auc, null);
  expect(first).toEqual({ key: 'metric:auc', isDescending: true });
  const second = nextOrder(auc, first);
  expect(second).toEqual({ key: 'metric:auc', isDescending: false });
  expect(nextOrder(auc, second)).toBeNull();
  expect(nextOrder(loss, null)).toEqual({ key: 'metric:loss', isDescending: false });
  expect(nextOrder(loss, first)).toEqual({ key: 'metric:loss', isDescending: false });
});

test('the best is known only with a direction and a difference', () => {
  expect(bestOf(rows, metric(rows, 'auc'))).toBe(0.95);
  const losses = [{ loss: 0.3 }, { loss: 0.2 }];
  expect(bestOf(losses, metric(losses, 'loss'))).toBe(0.2);
  expect(bestOf([{ auc: 1 }, { auc: 1 }], metric([], 'auc'))).toBeNull();
  expect(bestOf([{ odd: 1 }, { odd: 2 }], metric([], 'odd'))).toBeNull();
});

test('numbers of a column have the same decimals; what is missing is a dash, and what is no number is said', () => {
  const column = metric(rows, 'auc');
  expect(rows.map((row) => column.text(row))).toEqual(['0.80', 'NaN', '–', '0.95', '0.90']);
  expect(column.text({ auc: null })).toBe('–');
  expect(column.tooltip?.({})).toBe('auc: –');
});

test('names of objects in JavaScript are no values', () => {
  expect(metric([{}], 'constructor').text({})).toBe('–');
  expect(metric([{}], '__proto__').sortValue({})).toBeNull();
});

test('a column is as wide as its longest text, within limits', () => {
  expect(charactersOf([{ auc: 0.123456 }], metric([{ auc: 0.123456 }], 'auc'))).toBe(6);
  const long = metric([], 'x'.repeat(300));
  expect(charactersOf([], long)).toBe(32);
});

test('params that vary are known, those with the most values first', () => {
  const all = [
    { lr: 0.1, depth: 3, seed: 1, list: [1] },
    { lr: 0.2, depth: 3, seed: 1, list: [1] },
    { lr: 0.3, depth: 4, seed: 1, list: [1] },
  ];
  expect(varyingNames(all)).toEqual(['lr', 'depth']);
  const seeded = all.map((values, seed) => ({ seed, list: [seed], depth: values.depth }));
  expect(varyingNames(seeded)).toEqual(['depth', 'seed', 'list']);
});

test('a range is chosen in the order shown', () => {
  expect(keysBetween(['c', 'a', 'b', 'd'], 'b', 'c')).toEqual(['c', 'a', 'b']);
  expect(keysBetween(['a'], 'gone', 'a')).toEqual(['a']);
});

test('params that a tracker logged as texts are numbers if all of them are', () => {
  const texts: Row[] = [{ lr: '0.01' }, { lr: '1e-3' }, {}, { lr: 0.1 }];
  const column = valueColumn(texts, { kind: 'param', name: 'lr', valuesOf: (row) => row });
  expect(column.kind).toBe('number');
  expect(sortRows(texts, column, false)).toEqual([{ lr: '1e-3' }, { lr: '0.01' }, { lr: 0.1 }, {}]);
  const mixed: Row[] = [{ lr: '0.01' }, { lr: 'auto' }];
  expect(valueColumn(mixed, { kind: 'param', name: 'lr', valuesOf: (row) => row }).kind).toBe('text');
});

test('columns without any text are left out', () => {
  const plain = (key: string, text: string): Column<Row> => ({
    key,
    title: key,
    kind: 'text',
    sortValue: () => null,
    text: () => text,
  });
  expect(filledColumns(rows, [plain('a', ''), plain('b', 'x')]).map(({ key }) => key)).toEqual(['b']);
});
