import { expect, test } from 'vitest';
import { rowFormat, shareText } from '../../daemon/shared/format.ts';
import { judge, type ComparedMetrics } from '../../daemon/shared/comparison-summary.ts';
import { withoutSplit } from '../../daemon/shared/metrics.ts';

const texts = (...values: number[]): string[] => values.map(rowFormat(values));

test('the numbers of one row have the same decimals, as many as tell them apart', () => {
  expect(texts(0.9, 0.91234567)).toEqual(['0.9000', '0.9123']);
  expect(texts(0.900001, 0.900002)).toEqual(['0.900001', '0.900002']);
  expect(texts(76, 74.3)).toEqual(['76.0', '74.3']);
  expect(texts(0.001, 0.0029)).toEqual(['0.0010', '0.0029']);
  expect(texts(1_204_881, -920)).toEqual(['1,204,881', '−920']);
  expect(texts(0, 0)).toEqual(['0', '0']);
});

test('two of many numbers that are close do not lengthen all of them', () => {
  const many = Array.from({ length: 60 }, (_, at) => 0.8 + at / 1000);
  expect(texts(...many, 0.8000001)[0]).toBe('0.8000');
});

test('very small and very large numbers have exponents, and what is no number changes nothing', () => {
  expect(texts(1e-7, 2e-5)).toEqual(['1.000e−7', '2.000e−5']);
  expect(texts(1e15, 1)).toEqual(['1.000e+15', '1.000e+0']);
  expect(rowFormat([Number.NaN, 0.5])(0.5)).toBe('0.5');
});

test('a change is a share of what it started from, with its sign, and nothing where there is none', () => {
  expect(shareText(0.9, -0.45)).toBe('−50 %');
  expect([shareText(0, 1), shareText(1, 0)]).toEqual(['', '']);
});

test('one rule says whether a value is better, within noise, equal, not comparable or not judged', () => {
  const row = {
    name: 'auc',
    values: [0.8, 0.9],
    deltas: [null, 0.1],
    better: [null, true],
    direction: 'higher',
    differs: true,
  };
  const judged = (changed: object): string => judge({ ...row, ...changed } as ComparedMetrics['metrics'][number], 1);
  expect(judged({})).toBe('better');
  expect(judged({ better: [null, false] })).toBe('worse');
  expect(judged({ better: [null, null] })).toBe('unjudged');
  expect(judged({ values: [0.8, 0.8], deltas: [null, 0], better: [null, null] })).toBe('equal');
  expect(judged({ values: [0.8, null], deltas: [null, null] })).toBe('missing');
  expect(judged({ notComparable: [null, 'other data'] })).toBe('not-comparable');
  expect(judged({ spread: [{ count: 2, least: 0.7, most: 0.9 }, null] })).toBe('within-noise');
});

test('a name without its split is that of the same metric on other data', () => {
  expect(['val/auc', 'train_loss', 'loss_val', 'test', 'auc', 'eval/seg=a/f1'].map(withoutSplit)).toEqual([
    'auc',
    'loss',
    'loss',
    'test',
    'auc',
    'seg=a/f1',
  ]);
});
