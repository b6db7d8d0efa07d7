import { expect, test } from 'vitest';
import { changeOf } from '../../../../daemon/shared/comparison-summary.ts';
import { matcherOf } from '../../../../webview/pages/compare/look.ts';
import {
  filterRows,
  groupRows,
  inReadingOrder,
  placesOf,
  ranksOf,
  sortRows,
  type TableRow,
} from '../../../../webview/pages/compare/matrix.ts';

function row(name: string, values: (number | null)[], direction: 'higher' | 'lower' | null = 'higher'): TableRow {
  const base = values[0];
  const deltas = values.map((value, at) =>
    at === 0 || typeof value !== 'number' || typeof base !== 'number' ? null : value - base,
  );
  const sign = direction === 'lower' ? -1 : 1;
  const better = deltas.map((delta) => (direction === null || !delta ? null : delta * sign > 0));
  return { name, values, deltas, better, direction, differs: new Set(values).size > 1 };
}

const names = (rows: readonly TableRow[]): string[] => rows.map(({ name }) => name);

test('ranks go from the best to the worst by the direction of the metric, and equal values share one', () => {
  expect(ranksOf(row('auc', [0.8, 0.9, 0.7, 0.9]))).toEqual([0.5, 0, 1, 0]);
  expect(ranksOf(row('loss', [0.8, 0.9, 0.7], 'lower'))).toEqual([0.5, 1, 0]);
});

test('nothing is ranked without a direction, without a difference, or where it must not be compared', () => {
  expect(ranksOf(row('odd', [1, 2], null))).toEqual([null, null]);
  expect(ranksOf(row('auc', [1, 1]))).toEqual([null, null]);
  expect(ranksOf({ ...row('auc', [0.8, 0.9, 0.7]), notComparable: [null, 'other data', null] })).toEqual([0, null, 1]);
  expect(ranksOf(row('auc', [0.8, null, 0.7]))).toEqual([0, null, 1]);
});

test('a place is one more than the number of better values, and equal values share it', () => {
  expect(placesOf(row('auc', [0.8, 0.9, 0.7, 0.9]))).toEqual([3, 1, 4, 1]);
  expect(placesOf(row('loss', [0.8, null, 0.7], 'lower'))).toEqual([2, null, 1]);
  expect(placesOf(row('odd', [1, 2], null))).toEqual([null, null]);
  expect(placesOf(row('auc', [1, 1]))).toEqual([null, null]);
  expect(placesOf({ ...row('auc', [0.8, 0.9, 0.7]), notComparable: [null, 'other data', null] })).toEqual([1, null, 2]);
});

test('sorting by rank begins with the rows in which a version is first', () => {
  const rows = [row('loss', [1, 3, 2], 'lower'), row('odd', [1, 9, 2], null), row('auc', [0.8, 0.9, 0.7])];
  expect(names(sortRows(rows, { column: 1, isDescending: false }, 'rank'))).toEqual(['auc', 'loss', 'odd']);
  expect(names(sortRows(rows, { column: 1, isDescending: true }, 'rank'))).toEqual(['loss', 'auc', 'odd']);
});

test('rows that share a prefix are grouped, and one alone keeps its name', () => {
  const rows = ['val/auc', 'lr', 'val/loss', 'test/auc'].map((name) => row(name, [1, 2]));
  const groups = groupRows(rows, '/').map((group) => [group.prefix, names(group.rows)]);
  expect(groups).toEqual([
    ['val/', ['val/auc', 'val/loss']],
    ['', ['lr', 'test/auc']],
  ]);
});

test('sorting by changes puts what got better first, whichever way is better, and unknown last both ways', () => {
  const rows = [row('loss', [1, 0.5], 'lower'), row('auc', [1, 0.9]), row('odd', [1, 5], null), row('f1', [1, 1.1])];
  expect(names(sortRows(rows, { column: 1, isDescending: true }, 'share'))).toEqual(['loss', 'f1', 'auc', 'odd']);
  expect(names(sortRows(rows, { column: 1, isDescending: false }, 'share'))).toEqual(['auc', 'f1', 'loss', 'odd']);
  expect(names(sortRows(rows, { column: 1, isDescending: true }, 'value'))).toEqual(['odd', 'f1', 'auc', 'loss']);
  expect(changeOf(rows[2]!, 1).gain).toBeNull();
});

test('rows are found by words of their name and by what a summary counted', () => {
  const rows = [row('val/auc', [1, 2]), row('val/loss', [1, 2], 'lower'), row('train/auc', [1, 1])];
  expect(names(filterRows(rows, matcherOf('AUC val'), null))).toEqual(['val/auc']);
  expect(names(filterRows(rows, matcherOf(''), { column: 1, judgement: 'worse' }))).toEqual(['val/loss']);
  expect(names(filterRows(rows, matcherOf(''), { column: 1, judgement: 'equal' }))).toEqual(['train/auc']);
});

test('the chosen metric is read first', () => {
  expect(names(inReadingOrder([row('val/auc', [1]), row('lr', [1])], ['lr']))).toEqual(['lr', 'val/auc']);
});
