import { expect, test } from 'vitest';
import { paramImportance, spearman } from '../../../../../webview/pages/compare/layout/importance.ts';
import { axisOf, outsideBrushes, paramAxes } from '../../../../../webview/pages/compare/layout/parallel.ts';
import { freeLabels, layOutScatter } from '../../../../../webview/pages/compare/layout/scatter.ts';

test('numbers stand on their axis in proportion, those that differ by much on a logarithmic one', () => {
  expect(axisOf({ name: 'depth', values: [4, 6, null, 8] })).toMatchObject({
    positions: [0, 0.5, null, 1],
    isLog: false,
  });
  const lr = axisOf({ name: 'lr', values: [0.0001, 0.01, 0.001] });
  expect(lr?.isLog).toBe(true);
  expect(lr?.positions[2]).toBeCloseTo(0.5);
});

test('words stand at equal distances, and what does not vary, or has too many words, has no axis', () => {
  expect(axisOf({ name: 'optimizer', values: ['sgd', 'adam', true] })?.ticks.map(({ label }) => label)).toEqual([
    'adam',
    'sgd',
    'true',
  ]);
  expect(axisOf({ name: 'seed', values: [1, 1, null] })).toBeUndefined();
  expect(axisOf({ name: 'path', values: Array.from({ length: 13 }, (_, at) => `run-${at}`) })).toBeUndefined();
});

test('at most seven params have an axis, those that vary most, in their own order', () => {
  const rows = Array.from({ length: 10 }, (_, at) => ({
    name: `p${at}`,
    values: at < 3 ? [0, 0, 0, 1] : [0, 1, 0, 1],
  }));
  expect(paramAxes(rows).map(({ name }) => name)).toEqual(['p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9']);
});

test('numbers keep places beside words, and seeds and lists are no explanation', () => {
  const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ name, values: ['x', 'y', 'x', 'y'] }));
  const lr = { name: 'lr', values: [0.1, 0.2, 0.3, 0.9] };
  const seed = { name: 'train.seed', values: [1, 2, 3, 4] };
  const features = { name: 'features', values: [['p'], ['q'], ['p'], ['q']] };
  const shown = paramAxes([...words, seed, features, lr]).map(({ name }) => name);
  expect(shown).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'lr']);
  const eight = (values: readonly (number | string[])[]) =>
    Array.from({ length: 8 }, (_, at) => values[at % 4] ?? null);
  const rows = [seed, features, lr].map(({ name, values }) => ({ name, values: eight(values) }));
  const found = paramImportance(rows, { name: 'auc', values: eight([1, 2, 3, 4]) });
  expect(found.map(({ name }) => name)).toEqual(['lr']);
});

test('of params that say the same only the last has an axis', () => {
  const lr = [0.1, 0.2, 0.3, 0.9, 0.5];
  const copied = { name: 'C', values: lr.map((value) => value * 100) };
  const shown = paramAxes([copied, { name: 'lr', values: lr }, { name: 'momentum', values: lr.toReversed() }]);
  expect(shown.map(({ name }) => name)).toEqual(['lr', 'momentum']);
});

test('a version is outside when it is outside of any brush or has no value there', () => {
  const axes = [axisOf({ name: 'a', values: [0, 5, 10, null] })!, axisOf({ name: 'b', values: [1, 2, 3, 1] })!];
  expect(outsideBrushes(axes, new Map())).toEqual(new Set());
  expect(outsideBrushes(axes, new Map([['a', [0.4, 1]]]))).toEqual(new Set([0, 3]));
  expect(outsideBrushes(axes, new Map([['a', [0.4, 1]], ['b', [0, 0.6]]]))).toEqual(new Set([0, 2, 3])); // prettier-ignore
});

test('the Pareto front has the versions that no other beats in both metrics', () => {
  const latency = [10, 20, 30, 25, null, 20];
  const auc = [0.8, 0.9, 0.95, 0.85, 0.99, 0.9];
  const found = layOutScatter(latency, auc, { x: 'lower', y: 'higher' });
  expect(found?.points.map(({ place }) => place)).toEqual([0, 1, 2, 3, 5]);
  expect(found?.front).toEqual([0, 1, 5, 2]);
  expect(layOutScatter(latency, auc, { x: null, y: 'higher' })?.front).toEqual([]);
  expect(layOutScatter([1, null], [1, 2], { x: 'lower', y: 'lower' })).toBeUndefined();
  expect(layOutScatter([1, 1], [1, 2], { x: 'lower', y: 'lower' })?.points[0]).toEqual({ place: 0, x: 0.5, y: 0 });
});

test('labels that would cover another are left out, preferred ones last', () => {
  const label = (place: number, x: number): { place: number; x: number; y: number; width: number } => ({
    place,
    x,
    y: 0,
    width: 20,
  });
  expect(freeLabels([label(0, 0), label(1, 10), label(2, 40)], new Set([1])).map(({ place }) => place)).toEqual([1, 2]);
});

test('the rank correlation is Spearman’s, with ties', () => {
  expect(spearman([[1, 10], [2, 100], [3, 1000]])).toBeCloseTo(1); // prettier-ignore
  expect(spearman([[1, 3], [2, 2], [3, 1]])).toBeCloseTo(-1); // prettier-ignore
  expect(spearman([[1, 1], [2, 2], [2, 3], [4, 4]])).toBeCloseTo(0.9487, 4); // prettier-ignore
  expect(spearman([[1, 1], [1, 2]])).toBeUndefined(); // prettier-ignore
});

test('importance takes eight versions with both values, and two words as an order, but not three', () => {
  const auc = { name: 'auc', values: [1, 2, 3, 4, 5, 6, 7, 8] };
  const params = [
    { name: 'lr', values: [8, 7, 6, 5, 4, 3, 2, 1] },
    { name: 'kind', values: ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b'] },
    { name: 'three', values: ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b'] },
    { name: 'few', values: [1, 2, 3, 4, 5, 6, 7, null] },
  ];
  expect(paramImportance(params, auc).map(({ name, correlation }) => [name, correlation > 0])).toEqual([
    ['lr', false],
    ['kind', true],
  ]);
});
