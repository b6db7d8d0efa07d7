import { expect, test } from 'vitest';
import { layOutBars, type NamedChange } from '../../../../../webview/pages/compare/layout/bars.ts';
import { layOutSparkline } from '../../../../../webview/pages/compare/layout/sparkline.ts';

const change = (judgement: NamedChange['judgement'], gain: number | null): NamedChange => ({
  name: 'x',
  judgement,
  gain,
});

test('bars go down for worse, up for better, and are short and grey within noise', () => {
  const [worse, noise, better, unknown] = layOutBars([
    change('worse', -1),
    change('within-noise', 0.9),
    change('better', 0.25),
    change('better', null),
  ]);
  expect([worse, noise, better, unknown].map((bar) => bar?.kind)).toEqual(['worse', 'noise', 'better', 'better']);
  expect([worse!.y, worse!.height]).toEqual([12, 12]);
  expect(noise!.height).toBe(2);
  expect([better!.y, better!.height]).toEqual([6, 6]);
  expect(unknown!.height).toBe(12);
  expect(better!.x - noise!.x).toBe(8);
});

test('equal changes of nothing are drawn as short bars', () => {
  expect(layOutBars([change('better', 0)]).map(({ height }) => height)).toEqual([2]);
});

const history = {
  versions: [3, 5, 8, 9],
  metrics: { auc: [0.5, null, 1, 0.75], flat: [1, 1, 1, 1], one: [null, 2, null, null] },
};

test('a sparkline goes through the versions with a value, the compared ones are marked where they stand', () => {
  const found = layOutSparkline(history, 'auc', [3, 8, null, 5]);
  expect(found?.path).toBe('3.0,15.0 47.0,3.0 69.0,9.0');
  expect(found?.marks).toEqual([
    { x: 3, y: 15, place: 0 },
    { x: 47, y: 3, place: 1 },
  ]);
});

test('a constant is a line in the middle, and one value or a name of a prototype is none', () => {
  expect(layOutSparkline(history, 'flat', [])?.path).toBe('3.0,9.0 25.0,9.0 47.0,9.0 69.0,9.0');
  expect(layOutSparkline(history, 'one', [])).toBeUndefined();
  expect(layOutSparkline(history, 'constructor', [])).toBeUndefined();
});
