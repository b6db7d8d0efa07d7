import { expect, test } from 'vitest';
import { hiddenAtFirst, linkedLook, lookOfLink, matcherOf, usualLook } from '../../../../webview/pages/compare/look.ts';
import type { LinkedLook } from '../../../../webview/protocol.ts';
import type { TableRow } from '../../../../webview/pages/compare/matrix.ts';

const versions = ['churn@1', 'churn@2', 'churn@3'];

test('what a link contains is what opens again', () => {
  const look = {
    ...usualLook,
    only: false,
    filter: 'val auc',
    hiddenCurves: new Set([1]),
    group: 'optimizer.lr',
    chart: { ...usualLook.chart, x: 'wall' as const, zoom: [10, 20] as const },
  };
  expect(lookOfLink(JSON.parse(JSON.stringify(linkedLook(look, versions))) as LinkedLook, versions, usualLook)).toEqual(
    look,
  );
  expect(lookOfLink(linkedLook(usualLook, versions), versions, usualLook)).toEqual(usualLook);
});

test('of a link only what has the right form is used', () => {
  const wrong = {
    all: 'yes',
    filter: 7,
    hidden: 'churn@1',
    group: 4,
    x: '__proto__',
    zoom: [5, 'x'],
  } as unknown as LinkedLook;
  expect(lookOfLink(wrong, versions, usualLook)).toEqual(usualLook);
  expect(lookOfLink({ zoom: [9, 3], filter: 'x'.repeat(999) }, versions, usualLook)).toMatchObject({
    filter: 'x'.repeat(200),
    chart: { zoom: null },
  });
});

test('a filter is words in any order, or a regular expression between slashes, and one with a mistake finds nothing', () => {
  expect(matcherOf('AUC val')('val/auc')).toBe(true);
  expect(matcherOf('auc test')('val/auc')).toBe(false);
  expect(matcherOf('/^val\\/(auc|f1)$/')('val/F1')).toBe(true);
  expect(matcherOf('/^val\\/(auc|f1)$/')('val/f10')).toBe(false);
  expect(matcherOf('/(/')('(')).toBe(false);
  expect(matcherOf('')('anything')).toBe(true);
});

const row = (values: (number | null)[], direction: 'higher' | 'lower'): TableRow => ({
  name: 'x', values, direction, deltas: [], better: [], differs: true,
}); // prettier-ignore

test('of more than twelve versions the ten best, the baseline and the one in production are drawn', () => {
  const values = Array.from({ length: 20 }, (_, place) => place);
  expect(hiddenAtFirst(12, row(values, 'higher'), null)).toEqual(new Set());
  const hidden = hiddenAtFirst(20, row(values, 'higher'), 3);
  expect([...hidden]).toEqual([1, 2, 4, 5, 6, 7, 8, 9]);
  expect(hiddenAtFirst(20, row(values, 'lower'), 3)).toEqual(new Set([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]));
  expect(hiddenAtFirst(20, undefined, null).size).toBe(10);
});
