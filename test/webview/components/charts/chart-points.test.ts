import { expect, test } from 'vitest';
import {
  alignLines,
  clippedRange,
  nearestIndex,
  smoothingOf,
  usualChartLook,
  xsOf,
  type Line,
} from '../../../../webview/components/charts/chart-points.ts';

function line(values: readonly number[], of: { steps?: readonly number[]; times?: readonly number[] } = {}): Line {
  const steps = Float64Array.from(of.steps ?? values.map((_, index) => index * 10));
  const times = Float64Array.from(of.times ?? values.map(() => Number.NaN));
  return {
    label: 'v1',
    points: { steps, times, values: Float64Array.from(values), total: values.length },
    best: null,
    place: 0,
  };
}

test('the value at the crosshair is the nearest measured one, whatever is smoothed, and gaps are passed over', () => {
  const one = line([5, Number.NaN, 7]);
  expect(nearestIndex(one, 'step', 4)).toBe(0);
  expect(nearestIndex(one, 'step', 10.1)).toBe(2);
  expect(nearestIndex(line([Number.NaN]), 'step', 0)).toBeNull();
  expect(nearestIndex(line([1, 2]), 'wall', 0)).toBeNull();
});

test('times are seconds of the day or since the first point, and a series without times has no x', () => {
  const timed = line([1, 2], { times: [1_700_000_000_000, 1_700_000_030_000] });
  expect([...xsOf(timed, 'relative')]).toEqual([0, 30]);
  expect([...xsOf(timed, 'wall')]).toEqual([1_700_000_000, 1_700_000_030]);
  expect([...xsOf(line([1, 2]), 'relative')].every(Number.isNaN)).toBe(true);
});

test('on the axis of a metric a point stands at the value of that metric at its step, and outside of it nowhere', () => {
  const axis = line([0, 1, 3], { steps: [0, 10, 20] }).points;
  const xs = [...xsOf({ ...line([9, 9, 9, 9], { steps: [0, 5, 15, 30] }), axis }, 'metric:epoch')];
  expect(xs.slice(0, 3)).toEqual([0, 0.5, 2]);
  expect(xs[3]).toBeNaN();
});

test('outliers are clipped only where they make the axis much longer, and are counted', () => {
  const steady = Array.from({ length: 300 }, (_, index) => index / 300);
  expect(clippedRange(steady)).toBeUndefined();
  const clipped = clippedRange([...steady, 1e6, -Infinity, Number.NaN]);
  expect(clipped?.outside).toBe(1);
  expect(clipped?.high).toBeLessThan(2);
  expect(clippedRange([1, 2, 1e9])).toBeUndefined();
});

test('a curve that jumps is smoothed by itself, a smooth one is not, and a choice holds for both', () => {
  const smooth = line(Array.from({ length: 100 }, (_, index) => index));
  const noisy = line(Array.from({ length: 100 }, (_, index) => index + (index % 2) * 30));
  expect(smoothingOf([smooth], { smoothing: null })).toBe(0);
  expect(smoothingOf([noisy], { smoothing: null })).toBeGreaterThan(0);
  expect(smoothingOf([noisy], { smoothing: 0 })).toBe(0);
});

test('what is not finite, or not positive on a log axis, is a gap', () => {
  const look = { ...usualChartLook, log: true };
  expect(alignLines([line([1, Number.NaN, Infinity, -1, 4])], look, 0)[1]).toEqual([1, null, null, null, 4]);
  const smoothed = alignLines([line([1, Number.NaN, 3])], usualChartLook, 0.5)[1] as (number | null)[];
  expect(smoothed).toEqual([1, null, 2]);
});
