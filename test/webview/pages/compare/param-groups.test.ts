import { expect, test } from 'vitest';
import type { CompareRow } from '../../../../daemon/protocol/comparison.ts';
import type { Json } from '../../../../daemon/protocol/json.ts';
import { judge } from '../../../../daemon/shared/comparison-summary.ts';
import { groupableParams, groupByParam, groupRow } from '../../../../webview/pages/compare/groups/param-groups.ts';

function row(name: string, values: (Json | null)[], direction: CompareRow['direction'] = 'higher'): CompareRow {
  const none = values.map(() => null);
  return { name, values, deltas: none, better: none, direction, differs: true };
}

const all = [0, 1, 2, 3];

test('versions can be grouped by a param that differs and has a value that several of them have', () => {
  const params = [row('lr', [1, 2, 3, 4]), row('depth', [4, 6, 4, 6]), row('seed', [7, 7, 7, 7])];
  expect(groupableParams(params, all)).toEqual(['depth']);
  expect(groupableParams(params, [0, 2])).toEqual([]);
  expect(groupableParams([row('x', [null, 'a', null, 'b'])], all)).toEqual(['x']);
});

test('the group of the baseline is first, the others follow by value, and those without the param are last', () => {
  const groups = groupByParam(row('optimizer.depth', [10, null, 2, 10]), all);
  expect(groups).toEqual([
    { label: 'depth = 10', places: [0, 3] },
    { label: 'depth = 2', places: [2] },
    { label: 'depth not set', places: [1] },
  ]);
  expect(groupByParam(row('k'.repeat(300), [1, 2]), [0, 1])[0]?.label).toBe(`${'k'.repeat(40)}… = 1`);
  expect(groupByParam(row('list', [[1], [1], 'x'.repeat(99), true]), all).map(({ label }) => label)).toEqual([
    'list = [1]',
    `list = ${'x'.repeat(40)}…`,
    'list = true',
  ]);
});

test('a group has the mean of its versions, and a difference within their range is noise', () => {
  const groups = groupByParam(row('depth', [4, 4, 6, 6]), all);
  const close = groupRow(row('auc', [0.8, 0.9, 0.83, 0.91]), groups);
  expect(close.values[0]).toBeCloseTo(0.85);
  expect(close.spread?.[0]).toEqual({ count: 2, least: 0.8, most: 0.9 });
  expect(judge(close, 1)).toBe('within-noise');
  expect(judge(groupRow(row('auc', [0.8, 0.81, 0.9, 0.91]), groups), 1)).toBe('better');
  expect(judge(groupRow(row('loss', [0.8, 0.81, 0.9, 0.91], 'lower'), groups), 1)).toBe('worse');
});

test('what is no number, missing or not comparable is left out of a mean, and a group without values has none', () => {
  const groups = groupByParam(row('depth', [4, 4, 6, 6]), all);
  const values = groupRow(row('auc', [0.8, 'NaN', null, 'NaN']), groups);
  expect([values.values, values.spread]).toEqual([
    [0.8, null],
    [null, null],
  ]);
  const reasons = {
    ...row('auc', [0.8, 0.9, 0.5, 0.7]),
    notComparable: [null, 'other data', 'other data', 'other data'],
  };
  const left = groupRow(reasons, groups);
  expect(left.values[0]).toBe(0.8);
  expect(left.notComparable).toEqual([null, 'other data']);
});
