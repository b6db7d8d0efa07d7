import { expect, test } from 'vitest';
import { durationOf } from '../../../daemon/shared/runs/run-status.ts';

test('a run took the time to its end or until now, and of files that were found later it is not known', () => {
  const status = 'finished';
  expect(durationOf({ status, startedAt: 1000, endedAt: 5000 }, 9000)).toBe(4000);
  expect(durationOf({ status: 'running', startedAt: 1000, endedAt: null }, 9000)).toBe(8000);
  expect(durationOf({ status: 'running', startedAt: 1000, endedAt: null }, 500)).toBe(0);
  expect(durationOf({ status, startedAt: 1000, endedAt: null }, 9000)).toBeNull();
  expect(durationOf({ status, startedAt: 1000, endedAt: 1000 }, 9000)).toBeNull();
  expect(durationOf({ status, startedAt: 1000, endedAt: 900 }, 9000)).toBeNull();
});
