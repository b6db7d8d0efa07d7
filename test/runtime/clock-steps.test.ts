import { expect, test } from 'vitest';
import { clockSteps } from '../../daemon/runtime/clock-steps.ts';

test('a clock that is set is told by how much, once, and one that drifts is not', () => {
  let ahead = 0;
  const stepOf = clockSteps(() => Date.now() + ahead);
  expect(stepOf()).toBe(0);
  ahead = -3600_000;
  expect(Math.abs(stepOf() + 3600_000)).toBeLessThan(100);
  expect(stepOf()).toBe(0);
  ahead += 300;
  expect(stepOf()).toBe(0);
  ahead += 86_400_000;
  expect(Math.abs(stepOf() - 86_400_000)).toBeLessThan(100);
});
