import { expect, test } from 'vitest';
import type { Node } from '../../../extension/trees/nodes.ts';
import { compareNodes } from '../../../extension/trees/rows/compare.ts';
import { sourceNodes } from '../../../extension/trees/rows/sources.ts';
import { apply, nothing, type Mirror } from '../../../extension/mirror/reducer.ts';
import { artifact, now, opened, root, run, status } from '../../support/models.ts';

function with_(change: Parameters<typeof status>[0]): Mirror {
  return apply(opened(), { kind: 'status', status: status(change) });
}

function lines(nodes: readonly Node[]): string[] {
  return nodes.map(({ label, description }) => `${label} | ${description}`);
}

test('sources are the folders, the live runs and the service', () => {
  expect(lines(sourceNodes(with_({ runs: [run()] }), now))).toEqual([
    'out | watching · 2 registered · 3 ignored',
    'run | running · loss 0.3 · just now',
    'Registry service 0.1.0 | process 4711 · started 1 h ago · 81.0 MB',
  ]);
});

test('a folder that cannot be watched says why', () => {
  const [node] = sourceNodes(with_({ roots: [root({ state: 'error', detail: 'too many folders' })] }), now);
  expect(node).toMatchObject({ icon: 'warning', tooltip: '/out\ntoo many folders' });
});

test('what was found and not taken stands below its folder, and can be taken', () => {
  const counts = { ...root().counts, found: 1 };
  const mirror = with_({ roots: [root({ counts })] });
  const found = [artifact({ state: 'found', path: '/out/old.pt', run: null })];
  const [node] = sourceNodes(apply(mirror, { kind: 'artifacts', candidates: [], waiting: [], found }), now);
  expect(node?.context).toBe('root.live.found');
  expect(node?.children?.map(({ label }) => label)).toEqual(['old.pt']);
});

test('what waits says for what', () => {
  const waiting = [artifact({ state: 'waiting', reason: 'it is being written', path: '/out/model.pt' })];
  const mirror = apply(with_({ roots: [] }), { kind: 'artifacts', candidates: [], waiting, found: [] });
  const [group] = sourceNodes(mirror, now);
  expect(lines(group?.children ?? [])).toEqual(['model.pt | it is being written']);
});

test('a service that is away says so', () => {
  const stopped = apply(with_({}), { kind: 'phase', phase: 'stopped', problem: null });
  expect(lines(sourceNodes(stopped, now)).at(-1)).toBe('Registry service 0.1.0 | not running');
  const failed = apply(stopped, { kind: 'phase', phase: 'failed', problem: 'the disk is full' });
  expect(lines(sourceNodes(failed, now)).at(-1)).toBe('Registry service 0.1.0 | the disk is full');
});

test('before anything is known nothing is shown', () => {
  expect(sourceNodes(nothing, now)).toEqual([]);
});

test('the first of the compared versions is the baseline', () => {
  expect(lines(compareNodes(['churn@7', 'churn@8']))).toEqual(['churn@7 | baseline', 'churn@8 | candidate']);
});
