import { expect, test } from 'vitest';
import { columnsOf, itemSorter } from '../../../daemon/shared/search/sort.ts';
import type { Searchable } from '../../../daemon/shared/search/searchable.ts';

function version(number: number, metrics: Searchable['metrics'], params: Searchable['params'] = {}): Searchable {
  return { attributes: { version: number, created: number * 1000 }, metrics, params, tags: {} };
}

const versions = [
  version(1, { val_auc: 0.8, loss: 0.5, odd: 3 }, { lr: '0.1', kind: 'b' }),
  version(2, { val_auc: 'NaN', loss: 0.2, odd: 9 }, { lr: 0.01, kind: 'a' }),
  version(3, { val_auc: 0.9 }, { kind: 'b' }),
];

function sorted(order: string): unknown[] {
  return itemSorter(order)(versions, (one) => one).map(({ attributes }) => attributes['version']);
}

test.each([
  ['val_auc', [3, 1, 2]],
  ['loss', [2, 1, 3]],
  ['odd', [2, 1, 3]],
  ['val_auc asc', [1, 3, 2]],
  ['lr', [2, 1, 3]],
  ['lr desc', [1, 2, 3]],
  ['created', [3, 2, 1]],
  ['version', [1, 2, 3]],
  ['kind, version desc', [2, 3, 1]],
  ['`val_auc` desc', [3, 1, 2]],
  ['missing', [1, 2, 3]],
])('%s puts the best, newest or lowest first and what is unknown last', (order, expected) => {
  expect(sorted(order)).toEqual(expected);
});

test('a direction from the policy comes before the one that the name implies', () => {
  const found = itemSorter('val_auc', () => 'lower')(versions, (one) => one);
  expect(found.map(({ attributes }) => attributes['version'])).toEqual([1, 3, 2]);
});

test('an order that cannot be read is told with its place', () => {
  expect(() => itemSorter('')).toThrow('The sort order is empty');
  expect(() => itemSorter('lr down')).toThrow('character 1');
  expect(() => itemSorter('lr, a b c')).toThrow('character 4');
});

test('columns are names of values in any group', () => {
  const read = columnsOf('version,params.lr,`val_auc`').map((column) => column.read(versions[0]!)?.value);
  expect(read).toEqual([1, '0.1', 0.8]);
});
