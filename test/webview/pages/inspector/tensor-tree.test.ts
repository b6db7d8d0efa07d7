import { expect, test } from 'vitest';
import type { Tensor } from '../../../../daemon/protocol/artifact.ts';
import {
  icicle,
  nodeAt,
  tensorTree,
  treeRows,
  usuallyOpen,
  type TensorNode,
} from '../../../../webview/pages/inspector/tensor-tree.ts';

const tensor = (name: string, shape: number[], dtype = 'f32'): Tensor => ({
  name,
  shape,
  dtype,
  bytes: shape.reduce((a, b) => a * b, 4),
});

const tensors = [
  tensor('model.layer1.0.conv.weight', [4, 4]),
  tensor('model.layer1.0.conv.bias', [4]),
  tensor('model.layer1.1.conv.weight', [4, 4], 'bf16'),
  tensor('model.head.weight', [10, 4]),
  tensor('step', []),
];

const paths = (tree: TensorNode, open: ReadonlySet<string>, filter: RegExp | null = null): string[] =>
  treeRows(tree, open, 'file', filter && ((path) => filter.test(path))).map(
    ({ node, depth }) => `${depth} ${node.path}`,
  );

test('groups have the sums of what is in them, and a group of one is joined with it', () => {
  const tree = tensorTree(tensors);
  expect([tree.tensors, tree.elements]).toEqual([5, 16 + 4 + 16 + 40 + 1]);
  expect([...nodeAt(tree, 'model.layer1').types]).toEqual([
    ['f32', 20],
    ['bf16', 16],
  ]);
  expect(nodeAt(tree, 'model.layer1').children.map(({ name }) => name)).toEqual(['0.conv', '1.conv.weight']);
  expect(nodeAt(tree, 'model.layer1').bytes).toBe(36 * 4);
});

test('only what is open has rows, and a filter shows tensors without groups', () => {
  const tree = tensorTree(tensors);
  expect(paths(tree, new Set())).toEqual(['0 model', '0 step']);
  expect(paths(tree, new Set(['model']))).toEqual(['0 model', '1 model.layer1', '1 model.head.weight', '0 step']);
  expect(paths(tree, new Set(), /weight$/)).toEqual([
    '0 model.layer1.0.conv.weight',
    '0 model.layer1.1.conv.weight',
    '0 model.head.weight',
  ]);
});

test('siblings are sorted, and groups stay together', () => {
  const tree = tensorTree(tensors);
  const rows = treeRows(tree, new Set(['model']), 'elements', null);
  expect(rows.map(({ node }) => node.path)).toEqual(['model', 'model.head.weight', 'model.layer1', 'step']);
});

test('as many levels are open as fit', () => {
  const tree = tensorTree(tensors);
  expect([...usuallyOpen(tree, 3)]).toEqual([]);
  expect([...usuallyOpen(tree, 4)]).toEqual(['model']);
  expect(usuallyOpen(tree, 100).has('model.layer1.0.conv')).toBe(true);
});

test('boxes are as wide as their share, lie within their parent, and the smallest are left out', () => {
  const tree = tensorTree(tensors);
  const boxes = icicle(tree, 770, 3);
  expect(boxes[0]).toMatchObject({ depth: 0, x: 0, width: 770 });
  const model = boxes.find(({ node }) => node.path === 'model');
  expect(model?.width).toBeCloseTo((76 / 77) * 770);
  const layer = boxes.find(({ node }) => node.path === 'model.layer1');
  expect((layer?.x ?? 0) + (layer?.width ?? 0)).toBeLessThanOrEqual((model?.x ?? 0) + (model?.width ?? 0));
  expect(icicle(tree, 100, 5).some(({ node }) => node.path === 'step')).toBe(false);
  expect(icicle(tensorTree([tensor('empty', [0])]), 100, 3).length).toBe(1);
});

test('hostile names are only names', () => {
  const tree = tensorTree([
    tensor('__proto__.polluted', [2]),
    tensor('constructor', [3]),
    tensor('', [1]),
    tensor('..', [1]),
  ]);
  expect(tree.tensors).toBe(4);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
