import { expect, test } from 'vitest';
import {
  alignBands,
  linesOfSeries,
  usualChartLook,
  type Line,
} from '../../../../webview/components/charts/chart-points.ts';
import { groupLines } from '../../../../webview/components/charts/group-lines.ts';

function line(
  place: number,
  values: readonly number[],
  steps: readonly number[] = values.map((_, at) => at * 10),
): Line {
  const times = Float64Array.from(values.map(() => Number.NaN));
  const points = { steps: Float64Array.from(steps), times, values: Float64Array.from(values), total: values.length };
  return { label: `v${place}`, points, best: null, place };
}

const two = { labels: ['a', 'b'], groupOf: [0, 0, 1, null] };
const none: ReadonlySet<number> = new Set();

test('a group of curves is their mean with the least and the greatest of them, between points where steps differ', () => {
  const [a, b, ...rest] = groupLines(
    [line(0, [0, 10, 20]), line(1, [4, 24], [0, 20]), line(2, [5, 5])],
    two,
    'step',
    none,
  );
  expect([a?.label, a?.place, a?.members]).toEqual(['a', 0, [0, 1]]);
  expect([...a!.xs!]).toEqual([0, 10, 20]);
  expect([...a!.points.values]).toEqual([2, 12, 22]);
  expect([...a!.band!.least, ...a!.band!.most]).toEqual([0, 10, 20, 4, 14, 24]);
  expect([b?.label, b?.band, rest]).toEqual(['b', undefined, []]);
});

test('a hidden version and one without a group are in no mean, and nothing is left of a group of such', () => {
  const lines = [line(0, [0, 10]), line(1, [10, 20]), line(2, [1, 2]), line(3, [7, 7])];
  const found = groupLines(lines, two, 'step', new Set([1, 2]));
  expect(found.map(({ label, members }) => [label, members])).toEqual([['a', [0]]]);
});

test('outside of its own steps a curve is in no mean, and neither are NaN and infinities', () => {
  const [a] = groupLines([line(0, [1, Number.NaN, 3, Infinity]), line(1, [5], [30])], two, 'step', none);
  expect([...a!.xs!]).toEqual([0, 20, 30]);
  expect([...a!.points.values]).toEqual([1, 3, 5]);
  expect(groupLines([line(0, [Number.NaN]), line(1, [])], two, 'step', none)).toEqual([]);
});

test('a mean of long curves has as many points as a chart can show, the last one among them', () => {
  const long = Array.from({ length: 5000 }, (_, at) => at);
  const [a] = groupLines([line(0, long), line(1, long)], two, 'step', none);
  expect(a!.xs!.length).toBeLessThanOrEqual(601);
  expect(a!.xs!.at(-1)).toBe(49_990);
});

test('training and held-out curves of a group stay apart, and each series of a chart knows its curve', () => {
  const lines = groupLines(
    [line(0, [1, 2]), line(1, [3, 4]), { ...line(0, [5, 6]), isTraining: true }],
    two,
    'step',
    none,
  );
  expect(lines.map(({ isTraining }) => isTraining === true)).toEqual([false, true]);
  const roles = linesOfSeries(lines, 0.5).map(({ role }) => role);
  expect(roles).toEqual(['curve', 'curve', 'measured', 'measured', 'edge', 'edge']);
  expect(alignBands(lines, usualChartLook)?.slice(1)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(alignBands([line(0, [1])], usualChartLook)).toBeUndefined();
});
