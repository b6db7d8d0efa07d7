import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOutTreemap } from '../../../../../webview/pages/compare/layout/treemap.ts';

test('areas are in proportion to the sizes, and the rectangles fill the whole without covering each other', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 40 }), (sizes) => {
      const [width, height] = [300, 200];
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const tiles = layOutTreemap(sizes, (size) => size, width, height);
      expect(tiles).toHaveLength(sizes.length);
      for (const { item, width: w, height: h } of tiles)
        expect((w * h) / ((item / total) * width * height)).toBeCloseTo(1, 6);
      for (const { x, y, width: w, height: h } of tiles) {
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(-1e-6);
        expect(x + w).toBeLessThanOrEqual(width + 1e-6);
        expect(y + h).toBeLessThanOrEqual(height + 1e-6);
      }
      for (const [index, a] of tiles.entries())
        for (const b of tiles.slice(index + 1)) {
          const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
          const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
          expect(Math.min(across, down)).toBeLessThan(1e-6);
        }
    }),
    { numRuns: 50 },
  );
});

test('items without a size are left out, and equal ones are nearly square', () => {
  expect(layOutTreemap([0, -1, Number.NaN], (size) => size, 10, 10)).toEqual([]);
  const tiles = layOutTreemap([1, 1, 1, 1], (size) => size, 10, 10);
  expect(tiles.map(({ width, height }) => [width, height])).toEqual(Array.from({ length: 4 }, () => [5, 5]));
});
