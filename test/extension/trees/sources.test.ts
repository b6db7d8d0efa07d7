import { expect, test } from 'vitest';
import type { Node } from '../../../extension/trees/nodes.ts';
import { compareNodes } from '../../../extension/trees/rows/compare.ts';
import { sourceNodes } from '../../../extension/trees/rows/sources.ts';
import { apply, nothing, type Mirror } from '../../../extension/mirror/reducer.ts';
import { artifact, endedRun, now, opened, root, run, save, status } from '../../support/models.ts';

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

test('a folder says in its tooltip when it was scanned last', () => {
  const scan = { root: '/out', files: 12, tookMs: 340, at: now - 120_000 };
  const older = apply(with_({}), { kind: 'scanned', scan: { ...scan, files: 11, at: now - 600_000 } });
  const [node] = sourceNodes(apply(older, { kind: 'scanned', scan }), now);
  expect(node?.tooltip).toBe('/out\nwatching\nLast scan: 2 min ago, 12 files in 0.3 s');
});

test('what was found and not taken stands below its folder, and can be taken', () => {
  const counts = { ...root().counts, found: 1 };
  const mirror = with_({ roots: [root({ counts })] });
  const found = [artifact({ state: 'found', path: '/out/old.pt', run: null })];
  const [node] = sourceNodes(apply(mirror, { kind: 'artifacts', candidates: [], waiting: [], found }), now);
  expect(node?.context).toBe('root.live.found');
  expect(node?.children?.map(({ label }) => label)).toEqual(['old.pt']);
});

test('a link that leads out stands below its folder with where it leads, and can be watched', () => {
  const links = [{ path: '/out/a/scratch', target: '/mnt/scratch' }];
  const [node] = sourceNodes(with_({ roots: [root({ links })] }), now);
  expect(node?.description).toBe('watching · 2 registered · 3 ignored · 1 links not followed');
  expect(lines(node?.children ?? [])).toEqual(['a/scratch | linked to /mnt/scratch · not followed']);
  expect(node?.children?.[0]).toMatchObject({ context: 'link', subject: { kind: 'link', link: links[0] } });
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

test('the service says what needs attention, as notices that were given up', () => {
  const warnings = ['2 notices of webhooks could not be delivered. See: plinth webhook list'];
  const node = sourceNodes(with_({ warnings }), now).at(-1);
  expect(node).toMatchObject({ icon: 'warning', children: [{ label: warnings[0] }] });
  expect(node?.tooltip).toContain(warnings[0]);
  expect(sourceNodes(with_({ warnings: [] }), now).at(-1)).not.toHaveProperty('children');
});

const saves = [
  save({ path: '/out/run/a.pt', lost: 'It was overwritten.', kept: false }),
  save({ path: '/out/run/b.pt', metrics: { loss: 0.2 } }),
  save({ path: '/out/run/c.pt', version: 'churn@7', lost: 'Its bytes were given up.' }),
];

test('runs that ended stand closed below one row, each with what became of its saves, the newest save first', () => {
  const second = endedRun({ id: '/out/run//2', saves });
  const mirror = apply(with_({ runs: [] }), { kind: 'ended', runs: [second] });
  const row = sourceNodes(mirror, now).find(({ id }) => id === 'runs');
  expect(row).toMatchObject({ label: 'Runs', open: false });
  expect(lines(row?.children ?? [])).toEqual(['run #2 | finished · churn@7 · loss 0.3 · 10 min ago']);
  const children = row?.children?.[0]?.children ?? [];
  expect(lines(children)).toEqual([
    'c.pt | churn@7 · 1.2 kB · 10 min ago',
    'b.pt | candidate · loss 0.2 · 1.2 kB · 10 min ago',
    'a.pt | lost · 1.2 kB · 10 min ago',
  ]);
  expect(children.map(({ subject }) => subject.kind)).toEqual(['saved', 'fact', 'fact']);
  expect(children.map(({ tooltip }) => tooltip)).toEqual([
    '/out/run/c.pt',
    '/out/run/b.pt',
    '/out/run/a.pt\nIt was overwritten.',
  ]);
});

test('a run that saved nothing has no model; what an MLflow client saved is not known here', () => {
  const tracked = endedRun({ id: 'mlflow:/Default/0123', folder: 'mlflow:/Default/lr=1/bs=2', status: 'failed' });
  const mirror = apply(with_({ runs: [] }), { kind: 'ended', runs: [endedRun(), tracked] });
  const row = sourceNodes(mirror, now).find(({ id }) => id === 'runs');
  expect(lines(row?.children ?? [])).toEqual([
    'run | finished · no model · loss 0.3 · 10 min ago',
    'Default/lr=1/bs=2 | failed · loss 0.3 · 10 min ago',
  ]);
  expect(row?.children?.some((node) => 'children' in node)).toBe(false);
});

test('no row has the id of another, not even of a run that just ended, or of saves of one path', () => {
  const twice = [save(), save()];
  const runs = [endedRun({ saves: twice }), endedRun({ id: '/out/run//2', saves: twice })];
  const mirror = apply(with_({ runs: [run()] }), { kind: 'ended', runs });
  const idsOf = (nodes: readonly Node[]): string[] => nodes.flatMap((node) => [node.id, ...idsOf(node.children ?? [])]);
  const ids = idsOf(sourceNodes(mirror, now));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => id.startsWith('run:'))).toEqual(['run:/out/run', 'run:/out/run//2']);
});

test('before anything is known nothing is shown', () => {
  expect(sourceNodes(nothing, now)).toEqual([]);
});

test('the first of the compared versions is the baseline', () => {
  expect(lines(compareNodes(['churn@7', 'churn@8']))).toEqual(['churn@7 | baseline', 'churn@8 | candidate']);
});
