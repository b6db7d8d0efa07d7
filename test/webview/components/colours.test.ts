import { expect, test } from 'vitest';
import { contrastOf, versionLook, withContrast, type Rgb } from '../../../webview/components/colours.ts';

const [white, black, dark]: Rgb[] = [
  [255, 255, 255],
  [0, 0, 0],
  [31, 31, 31],
];

test('contrast is that of WCAG', () => {
  expect(contrastOf(white!, black!)).toBeCloseTo(21);
  expect(contrastOf([118, 118, 118], white!)).toBeCloseTo(4.54, 1);
});

test('a colour that is too pale for its ground is mixed until it has 3:1, and one that is not stays', () => {
  const pale: Rgb = [250, 220, 200];
  expect(contrastOf(pale, white!)).toBeLessThan(3);
  expect(contrastOf(withContrast(pale, white!), white!)).toBeGreaterThanOrEqual(3);
  expect(contrastOf(withContrast([40, 40, 60], dark!), dark!)).toBeGreaterThanOrEqual(3);
  expect(withContrast([0, 60, 160], white!)).toEqual([0, 60, 160]);
});

test('the colour of a version goes by its place, from the ninth on with a dash', () => {
  expect(versionLook(1)).toEqual({ colour: 1, dash: [] });
  expect(versionLook(9).colour).toBe(1);
  const looks = Array.from({ length: 20 }, (_, place) => JSON.stringify(versionLook(place)));
  expect(new Set(looks).size).toBe(20);
});
