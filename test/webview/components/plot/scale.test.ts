import { expect, test } from 'vitest';
import { linearScale, timeTicks, valueTicks } from '../../../../webview/components/plot/scale.ts';

const day = 86_400_000;

test('a scale maps its ends to the ends of a drawing, and a single value to the middle', () => {
  const scale = linearScale([10, 20], 0, 100);
  expect([10, 15, 20].map(scale)).toEqual([0, 50, 100]);
  expect(linearScale([5, 5], 0, 100)(5)).toBe(50);
});

test('ticks of values are round and lie within the range', () => {
  expect(valueTicks(0.873, 0.912, 4)).toEqual([0.88, 0.89, 0.9, 0.91]);
  expect(valueTicks(0, 1, 4)).toEqual([0, 0.5, 1]);
  expect(valueTicks(-3, 3, 3)).toEqual([-2, 0, 2]);
  expect(valueTicks(2, 2, 4)).toEqual([2]);
  expect(valueTicks(Number.NaN, 1, 4)).toEqual([]);
});

test.each([
  ['minutes', 20 * 60_000],
  ['hours', day / 2],
  ['days', 12 * day],
  ['weeks', 42 * day],
  ['months', 400 * day],
  ['years', 4000 * day],
])('ticks of time over %s lie within the range, in order, and are no more than asked for', (_, length) => {
  const from = new Date(2026, 2, 3, 4, 5, 6).getTime();
  const ticks = timeTicks(from, from + length, 8, 'en-GB');
  expect(ticks.length).toBeGreaterThan(1);
  expect(ticks.length).toBeLessThanOrEqual(9);
  for (const [index, { at }] of ticks.entries()) {
    expect(at).toBeGreaterThanOrEqual(ticks[index - 1]?.at ?? from);
    expect(at).toBeLessThanOrEqual(from + length);
  }
  expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
});

test('days begin at midnight of this computer, also when the clock changes', () => {
  const ticks = timeTicks(new Date(2026, 2, 20).getTime(), new Date(2026, 3, 2).getTime(), 14, 'en-GB');
  expect(ticks.every(({ at }) => new Date(at).getHours() === 0)).toBe(true);
});
