import { expect, test } from 'vitest';
import { matrixMap } from '../../../../../webview/pages/compare/layout/matrix-difference.ts';

const labels = ['cat', 'dog'];

test('shares of the true class are compared, more on the diagonal is better, and less beside it', () => {
  const before = { labels, counts: [[8, 2], [1, 1]] }; // prettier-ignore
  const after = { labels, counts: [[90, 10], [30, 10]] }; // prettier-ignore
  const { cells, hasOtherClasses } = matrixMap(after, before);
  expect(hasOtherClasses).toBe(false);
  expect(cells.flat().map(({ isBetter }) => isBetter)).toEqual([true, true, false, false]);
  expect(cells[0]?.[0]?.change).toBeCloseTo(0.1);
  expect(cells[1]?.[0]?.change).toBeCloseTo(0.25);
});

test('other classes, in another order too, are not compared, and a class without examples has no share', () => {
  const matrix = { labels, counts: [[1, 0], [0, 0]] }; // prettier-ignore
  const turned = { labels: ['dog', 'cat'], counts: [[1, 0], [0, 1]] }; // prettier-ignore
  const found = matrixMap(matrix, turned);
  expect(found.hasOtherClasses).toBe(true);
  expect(found.cells.flat().every(({ change, isBetter }) => change === null && isBetter === null)).toBe(true);
  expect(found.cells[1]?.map(({ share }) => share)).toEqual([null, null]);
  expect(matrixMap(matrix, null).hasOtherClasses).toBe(false);
});

test('classes without names are numbered', () => {
  expect(matrixMap({ labels: null, counts: [[1, 2], [3, 4]] }, null).labels).toEqual(['0', '1']); // prettier-ignore
});
