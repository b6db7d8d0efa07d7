import { expect, test } from 'vitest';
import { belowCommonFolder } from '../../../../webview/pages/compare/run-rows.ts';

test('runs are named by what tells them apart', () => {
  expect(belowCommonFolder(['/home/ana/churn/runs/run-1', null, '/home/ana/churn/runs/run-2/a'])).toEqual([
    'run-1',
    null,
    'run-2/a',
  ]);
  expect(belowCommonFolder(['/x/run-1', '/x/run-1'])).toEqual(['run-1', 'run-1']);
  expect(belowCommonFolder(['C:\\x\\run-1', 'C:\\y\\run-1'])).toEqual(['x/run-1', 'y/run-1']);
  expect(belowCommonFolder(['0123abcd', '4567abcd'])).toEqual(['0123abcd', '4567abcd']);
  expect(belowCommonFolder([null])).toEqual([null]);
});
