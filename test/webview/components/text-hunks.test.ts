import { expect, test } from 'vitest';
import { compareTexts, firstChanges, isBinaryText } from '../../../webview/components/text-hunks.ts';

const lines = (count: number, changed: readonly number[] = []): string =>
  Array.from({ length: count }, (_, at) => `line ${at}${changed.includes(at) ? ' changed' : ''}\n`).join('');

test('a difference has the changed lines with two around them, their numbers, and counts', () => {
  const found = compareTexts(lines(30), lines(30, [4, 20]));
  expect([found?.added, found?.removed, found?.hunks.length]).toEqual([2, 2, 2]);
  expect(found?.hunks[0]?.map(({ sign, before, after }) => [sign, before, after])).toEqual([
    [' ', 3, 3],
    [' ', 4, 4],
    ['-', 5, null],
    ['+', null, 5],
    [' ', 6, 6],
    [' ', 7, 7],
  ]);
});

test('an end of a file without a line break is no line of it', () => {
  const found = compareTexts('a: 1', 'a: 2');
  expect(found?.hunks.flat().map(({ sign, text }) => sign + text)).toEqual(['-a: 1', '+a: 2']);
});

test('so many changed lines are shown at first, and the others counted', () => {
  const found = compareTexts(lines(40), lines(40, [1, 10, 20, 30]));
  const { shown, left } = firstChanges(found?.hunks ?? [], 3);
  expect(left).toBe(5);
  expect(shown.flat().filter(({ sign }) => sign !== ' ')).toHaveLength(3);
  expect(firstChanges(found?.hunks ?? [], Infinity).left).toBe(0);
});

test('equal texts have no difference', () => {
  expect(compareTexts('a\n', 'a\n')).toEqual({ added: 0, removed: 0, hunks: [] });
});

test('bytes that are no text are recognised, and a text with a few unreadable characters is none of them', () => {
  expect(isBinaryText('a\0b')).toBe(true);
  expect(isBinaryText('\uFFFD'.repeat(10) + 'x'.repeat(90))).toBe(true);
  expect(isBinaryText('naïve \uFFFD text of some more words '.repeat(20))).toBe(false);
  expect(isBinaryText('')).toBe(false);
});
