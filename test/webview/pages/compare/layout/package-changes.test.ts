import { expect, test } from 'vitest';
import type { CompareRow } from '../../../../../daemon/protocol/comparison.ts';
import { changedPackages } from '../../../../../webview/pages/compare/layout/package-changes.ts';

const row = (name: string, ...values: (string | null)[]): CompareRow => ({
  name, values, deltas: [], better: [], direction: null, differs: true,
}); // prettier-ignore

test('packages are upgraded or downgraded by the first number that differs, the larger steps first', () => {
  const found = changedPackages(
    [
      row('numpy', '2.3.1', '2.3.4'),
      row('torch', '2.5.0', '2.10.0'),
      row('scipy', '2.0.0', '1.16.3'),
      row('same', '1.0', '1.0'),
      row('new', null, '1.0'),
      row('old', '1.0', null),
      row('cuda', '12.4', '12.4+cu'),
      row('git', 'abc', 'def'),
    ],
    1,
  );
  expect(found.map(({ name, change, level }) => [name, change, level])).toEqual([
    ['scipy', 'downgraded', 'major'],
    ['torch', 'upgraded', 'minor'],
    ['numpy', 'upgraded', 'patch'],
    ['new', 'added', null],
    ['old', 'removed', null],
    ['cuda', 'changed', null],
    ['git', 'changed', null],
  ]);
});

test('each version is compared with the baseline', () => {
  const rows = [row('numpy', '1.0.0', '1.0.0', '2.0.0')];
  expect(changedPackages(rows, 1)).toEqual([]);
  expect(changedPackages(rows, 2)).toHaveLength(1);
});
