import { expect, test } from 'vitest';
import { downsample } from '../../../daemon/registry/series/downsample.ts';
import { summaryOf } from '../../../daemon/registry/series/facts.ts';

function series(values: readonly number[]): Float64Array {
  return Float64Array.from(values.flatMap((value, index) => [index, Number.NaN, value]));
}

const stepsOf = (points: Float64Array): number[] => [...points].filter((_, at) => at % 3 === 0);
const valuesOf = (points: Float64Array): number[] => [...points].filter((_, at) => at % 3 === 2);

test('of a long series the first, the last and every peak stay, in order, within what was wanted', () => {
  const values = Array.from({ length: 100_000 }, (_, index) => Math.sin(index / 1000));
  values[54_321] = 9;
  values[54_322] = -9;
  for (const wanted of [4, 5, 100, 5000]) {
    const kept = downsample(series(values), wanted);
    const steps = stepsOf(kept);
    expect(steps.length).toBeLessThanOrEqual(wanted);
    expect([steps[0], steps.at(-1)]).toEqual([0, 99_999]);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(valuesOf(kept)).toEqual(expect.arrayContaining([9, -9]));
  }
});

test('a gap stays a gap, and a series that is all gaps or all one value stays what it is', () => {
  const values = Array.from({ length: 10_000 }, (_, index) => (index > 4000 && index < 5000 ? Number.NaN : index));
  const kept = valuesOf(downsample(series(values), 300));
  expect(kept.some((value) => Number.isNaN(value))).toBe(true);
  expect(kept.length).toBeLessThanOrEqual(300);
  const gaps = downsample(series(Array.from({ length: 1000 }, () => Number.NaN)), 10);
  expect(valuesOf(gaps).every((value) => Number.isNaN(value))).toBe(true);
  expect(new Set(valuesOf(downsample(series(Array.from({ length: 1000 }, () => 7)), 10)))).toEqual(new Set([7]));
  expect(downsample(series([5]), 4)).toHaveLength(3);
});

test('infinite values are kept as points but are no extremes of the summary', () => {
  const summary = summaryOf(series([3, Infinity, 1, Number.NaN, 2, -Infinity]));
  expect(summary).toMatchObject({ count: 6, gaps: 1, steps: true, times: false });
  expect([summary.least?.value, summary.most?.value, summary.last?.value]).toEqual([1, 3, 2]);
  expect(summaryOf(series([]))).toMatchObject({ count: 0, steps: false, last: null, least: null, most: null });
});
