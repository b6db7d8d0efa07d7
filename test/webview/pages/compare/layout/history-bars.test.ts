import { expect, test } from 'vitest';
import { barsHeight, layOutHistoryBars } from '../../../../../webview/pages/compare/layout/history-bars.ts';

const history = {
  versions: [1, 2, 3, 4],
  metrics: { auc: [0.8, 0.9, null, 0.85], loss: [2, -1, 0, 3], same: [0.5, 0.5, 0.5, 0.5], zero: [0, 0, null, null] },
};

test('versions are sorted from the best to the worst by the direction, and one without a value is left out', () => {
  expect(layOutHistoryBars(history, 'auc', 'higher').map(({ number }) => number)).toEqual([2, 4, 1]);
  expect(layOutHistoryBars(history, 'auc', 'lower').map(({ number }) => number)).toEqual([1, 4, 2]);
  expect(layOutHistoryBars(history, 'auc', null).map(({ number }) => number)).toEqual([2, 4, 1]);
  expect(layOutHistoryBars(history, 'unknown', null)).toEqual([]);
  expect(layOutHistoryBars(history, 'constructor', null)).toEqual([]);
});

test('close values do not begin at 0, so that their difference is seen, and positive and negative ones do', () => {
  const close = layOutHistoryBars(history, 'auc', 'higher');
  expect(close[0]!.height / close[2]!.height).toBeGreaterThan(2);
  const far = layOutHistoryBars(history, 'loss', 'higher');
  const zero = far.find(({ value }) => value === 0)!;
  expect(zero.height).toBe(2);
  expect(far.find(({ value }) => value === 3)!.y).toBeLessThan(far.find(({ value }) => value === -1)!.y);
});

test('every bar has a height and stands within the drawing, also where all values are the same', () => {
  for (const metric of Object.keys(history.metrics))
    for (const { y, height } of layOutHistoryBars(history, metric, 'higher')) {
      expect(height).toBeGreaterThanOrEqual(2);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y + height).toBeLessThanOrEqual(barsHeight);
    }
});
