import { expect, test } from 'vitest';
import type { TensorNorm, TensorNorms } from '../../../../daemon/protocol/tensors.ts';
import { changedBelow, changedTensors } from '../../../../webview/pages/inspector/changed-tensors.ts';
import { heatColours, valueOf } from '../../../../webview/pages/inspector/heat-colours.ts';
import { tensorTree } from '../../../../webview/pages/inspector/tensor-tree.ts';
import { typeShares } from '../../../../webview/pages/inspector/type-mix.ts';

const tensor = (name: string, more: Partial<TensorNorm> = {}): TensorNorm => ({
  name,
  layer: name,
  before: 'f32 [4]',
  after: 'f32 [4]',
  change: null,
  elements: 4,
  norm: 1,
  base: 2,
  relative: 0.5,
  nonFinite: 0,
  why: null,
  ...more,
});

const norms = (tensors: TensorNorm[], more: Partial<TensorNorms> = {}): TensorNorms => ({
  baseline: 'm@3',
  candidate: '/x',
  tensors,
  alike: 5,
  same: 4,
  layers: [],
  bytes: 1,
  tookMs: 1,
  cancelled: false,
  missing: [],
  ...more,
});

test('each changed tensor of a file says how, and its groups how many', () => {
  const changed = changedTensors(
    norms([
      tensor('a.w', { relative: 0.01234 }),
      tensor('a.b', { change: 'added' }),
      tensor('c', { change: 'retyped', before: 'f16 [4]', nonFinite: 2 }),
      tensor('d', { change: 'reshaped', before: 'f32 [9]', norm: null }),
      tensor('e', { norm: null, why: 'Its data is not in one place.' }),
      tensor('f', { relative: null }),
      tensor('gone', { change: 'removed' }),
    ]),
  );
  expect(Object.fromEntries(changed.texts)).toEqual({
    'a.w': '1.23 %',
    'a.b': 'new',
    c: 'was f16 [4] · 50 % · 2 not finite',
    d: 'was f32 [9]',
    e: 'Its data is not in one place.',
    f: 'was all zero',
  });
  expect(changed.removed).toEqual(['gone']);
  expect(changed.summary).toBe('6 tensors differ from m@3 · 4 are identical · 1 are missing.');
  const tree = tensorTree(['a.w', 'a.b', 'a.x', 'c'].map((name) => ({ name, shape: [4], dtype: 'f32', bytes: 16 })));
  expect(tree.children.map((node) => [node.path, changedBelow(node, changed)])).toEqual([['a', 2], ['c', 1]]); // prettier-ignore
  expect(changedTensors(norms([])).summary).toBe('All 5 tensors are those of m@3.');
  expect(changedTensors(norms([], { cancelled: true })).summary).toContain('only a part');
});

test('the mix of types counts bytes, or elements where bytes are not known', () => {
  const of = (name: string, dtype: string, elements: number, bytes: number | null) => ({ name, dtype, shape: [elements], bytes }); // prettier-ignore
  expect(typeShares([of('a', 'q4_k', 100, 50), of('b', 'f32', 25, 100), of('c', 'q4_k', 100, 50)])).toMatchObject([
    { type: 'q4_k', tensors: 2, elements: 200, bytes: 100, share: 0.5 },
    { type: 'f32', share: 0.5 },
  ]);
  expect(typeShares([of('a', 'f16', 30, null), of('b', 'f32', 10, 40)])).toMatchObject([{ type: 'f16', share: 0.75, bytes: null }, {}]); // prettier-ignore
  expect(typeShares([of('a', 'f32', 0, 0)])).toMatchObject([{ share: 0 }]);
});

test('a heat map has the ground for zero, and says about which number a colour is', () => {
  const colours = heatColours({ below: 'rgb(0, 0, 200)', zero: 'rgb(255, 255, 255)', above: 'rgb(200, 0, 0)', missing: 'rgb(1, 2, 3)' }); // prettier-ignore
  expect([0, 1, 128, 255].map((level) => colours[level])).toEqual([[1, 2, 3], [0, 0, 200], [255, 255, 255], [200, 0, 0]]); // prettier-ignore
  expect([0, 1, 128, 192, 255].map((level) => valueOf(level, 2))).toEqual(['NaN, ∞', '≤ −2', '≈ 0', '≈ 1', '≥ 2']);
});
