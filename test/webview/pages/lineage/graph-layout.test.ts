import { expect, test } from 'vitest';
import { middleEllipsis } from '../../../../webview/components/names.ts';
import { layoutAcross, layoutDown, type PlacedGraph } from '../../../../webview/pages/lineage/graph-layout.ts';

interface Node {
  id: string;
  layer: number;
}

const nodes: Node[] = [
  ...Array.from({ length: 5 }, (_, index) => ({ id: `data ${index}`, layer: 0 })),
  { id: 'run', layer: 1 },
  { id: 'version', layer: 2 },
  { id: 'stage', layer: 3 },
];
const edges: [string, string][] = [
  ...nodes.slice(0, 5).map(({ id }): [string, string] => [id, 'run']),
  ['run', 'version'],
  ['version', 'stage'],
  ['gone', 'run'],
];

function overlaps({ nodes: placed }: PlacedGraph<Node>): string[] {
  return placed.flatMap((a, index) =>
    placed
      .slice(index + 1)
      .filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
      .map((b) => `${a.node.id} ${b.node.id}`),
  );
}

test('across, each layer is right of the one before, in the middle, and no two nodes overlap', () => {
  const graph = layoutAcross(nodes, edges);
  expect(overlaps(graph)).toEqual([]);
  const lefts = [0, 1, 2, 3].map((layer) => graph.nodes.find(({ node }) => node.layer === layer)?.x ?? -1);
  expect(lefts).toEqual(lefts.toSorted((a, b) => a - b));
  const middleOf = (id: string): number => {
    const found = graph.nodes.find(({ node }) => node.id === id);
    return (found?.y ?? 0) + (found?.height ?? 0) / 2;
  };
  expect(middleOf('run')).toBe(graph.height / 2);
  expect(middleOf('data 2')).toBe(graph.height / 2);
});

test('down, all nodes lie within the width, and no two overlap', () => {
  for (const width of [280, 340, 600]) {
    const graph = layoutDown(nodes, edges, width);
    expect([width, overlaps(graph)]).toEqual([width, []]);
    for (const { x, width: own } of graph.nodes) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + own).toBeLessThanOrEqual(width);
    }
  }
});

test('an edge has a path if both of its nodes exist', () => {
  expect(layoutAcross(nodes, edges).edges.map(({ from }) => from)).not.toContain('gone');
  expect(layoutAcross(nodes, edges).edges.length).toBe(7);
  expect(layoutAcross<Node>([], []).nodes).toEqual([]);
});

test('the middle of a long text is left out, and signs of several code units stay whole', () => {
  expect(middleEllipsis('data/train.csv', 20)).toBe('data/train.csv');
  expect(middleEllipsis('data/2026/10/train.parquet', 11)).toBe('data/…rquet');
  expect(middleEllipsis('😀😀😀😀', 3)).toBe('😀…😀');
});
