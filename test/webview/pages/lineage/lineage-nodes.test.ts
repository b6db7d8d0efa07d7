import { expect, test } from 'vitest';
import type { Lineage } from '../../../../daemon/protocol/lineage.ts';
import { lineageGraph, type LineageNode, type ShownSiblings } from '../../../../webview/pages/lineage/lineage-nodes.ts';
import type { LineageView } from '../../../../webview/protocol.ts';
import { dataFile, lineageWith } from '../../../support/comparison.ts';
import { version } from '../../../support/models.ts';

function viewOf(lineage: Lineage, more: Partial<LineageView> = {}): LineageView {
  const own = {
    ...version({ model: 'm', number: 2 }),
    source: { kind: 'watch', path: '/m/a.pt', run: '/m/run', writtenAt: 1 },
  };
  return {
    page: 'lineage',
    detail: { version: own, lineage },
    model: { name: 'm', pointers: [] },
    comparison: null,
    against: null,
    others: [],
    uncommittedLines: null,
    ...more,
  } as unknown as LineageView;
}

const titles = (nodes: readonly LineageNode[]): string[] =>
  nodes.flatMap(({ isSibling, title, fact }) => (isSibling ? [`${title} · ${fact}`] : []));

test('the code says how many lines were not committed, also when that is what differs from another version', () => {
  const dirty = lineageWith({});
  dirty.code!.changed = true;
  const row = { values: [], differs: true };
  const code = (names: string[], uncommittedLines: number | null): LineageNode => {
    const comparison = { code: names.map((name) => ({ ...row, name })) } as unknown as LineageView['comparison'];
    return lineageGraph(viewOf(dirty, { comparison, uncommittedLines })).nodes.find(({ kind }) => kind === 'code')!;
  };
  expect(code(['uncommitted.diff', 'changed'], 3)).toMatchObject({ fact: 'main · 3 uncommitted lines', changed: '3 uncommitted lines' }); // prettier-ignore
  expect(code(['commit', 'uncommitted.diff'], 3).changed).toBe('code changed');
  expect(code(['uncommitted.diff'], null).changed).toBe('with uncommitted changes');
  expect(code([], 1)).toMatchObject({ fact: 'main · 1 uncommitted line', changed: '' });
});

test('versions of the same run or data stand beside the version, with an edge from what they share', () => {
  const view = viewOf(lineageWith({ data: [dataFile('train.csv', 'b', 9)] }));
  const digests = [`sha256:${'b'.repeat(64)}`];
  const all: ShownSiblings = { of: 'data 0', run: ['other@5'], data: [{ reference: 'm@1', digests }, { reference: 'x@1', digests: ['sha256:0'] }], notRead: 0 }; // prettier-ignore
  const ofData = lineageGraph(view, all);
  expect(titles(ofData.nodes)).toEqual(['m@1 · with the same data']);
  expect(ofData.edges).toContainEqual(['data 0', 'sibling m@1']);
  expect(titles(lineageGraph(view, { ...all, of: 'run' }).nodes)).toEqual(['other@5 · from the same run']);
  const many = Array.from({ length: 9 }, (_, index) => `m@${index + 3}`);
  const ofRun = lineageGraph(view, { ...all, of: 'run', run: many }).nodes;
  expect(titles(ofRun).at(-1)).toBe('3 more versions · from the same run');
  expect(ofRun.at(-1)!.details.map(([, text]) => text)).toEqual(['m@9', 'm@10', 'm@11']);
  expect(titles(lineageGraph(view, { ...all, run: [], of: 'run' }).nodes)).toEqual(['No other versions · from the same run']); // prettier-ignore
  expect(titles(lineageGraph(view, { ...all, data: [], notRead: 7 }).nodes)).toEqual(['No other versions · 7 older versions were not compared']); // prettier-ignore
  expect(titles(lineageGraph(view, { ...all, notRead: 7 }).nodes)).toEqual(['m@1 · with the same data', '7 older versions were not compared · ']); // prettier-ignore
  expect(titles(lineageGraph(view, { ...all, of: 'gone' }).nodes)).toEqual([]);
});
