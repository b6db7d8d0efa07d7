import { expect, test } from 'vitest';
import { modelDescription, versionColumns, versionDescription } from '../../../extension/trees/labels.ts';
import { keepOrder } from '../../../daemon/shared/keep-order.ts';
import type { Node } from '../../../extension/trees/nodes.ts';
import { modelNodes } from '../../../extension/trees/rows/models.ts';
import { apply, nothing, type Mirror } from '../../../extension/mirror/reducer.ts';
import { event, artifact, drawing, model, now, opened, run, status, version } from '../../support/models.ts';
import { ageText, numberText, sizeText } from '../../../daemon/shared/format.ts';

function labels(nodes: readonly Node[] | null | undefined): string[] {
  return (nodes ?? []).map(({ label, description }) => `${label} | ${description}`);
}

test('ages, sizes and numbers are short', () => {
  const hour = 3600_000;
  expect([0, hour / 12, 3 * hour, 72 * hour].map((ms) => ageText(now - ms, now))).toEqual([
    'just now',
    '5 min ago',
    '3 h ago',
    '3 d ago',
  ]);
  expect([sizeText(12), sizeText(6241), sizeText(1.4e9)]).toEqual(['12 B', '6.2 kB', '1.4 GB']);
  expect([numberText(0.123456), numberText(12), numberText('NaN')]).toEqual(['0.1235', '12', 'NaN']);
});

test('a model tells its production version, its metric and what is new', () => {
  expect(modelDescription(model(), 3)).toBe('auc 0.914 · production v8 · 3 new');
});

test('a version tells its value with the change to the one before, its stage, aliases and age', () => {
  const before = version({ number: 7, metrics: { auc: 0.908 } });
  const { primaryMetric } = model();
  const columns = versionColumns([version(), before], primaryMetric);
  expect(versionDescription(version(), before, now, columns)).toBe(
    '0.914 ▲ +0.006 · production · @champion · just now',
  );
  const loss = { name: 'loss', direction: 'lower', chosenBy: 'versions' } as const;
  const [better, worse] = [0.2, 0.4].map((value) => version({ metrics: { loss: value } }));
  const earlier = version({ number: 7, metrics: { loss: 0.3 } });
  const told = (one: typeof better, direction: 'lower' | null): string =>
    versionDescription(one!, earlier, now, versionColumns([better!, worse!], { ...loss, direction }));
  expect(told(better, 'lower')).toContain('0.2 ▲ −0.1');
  expect(told(worse, 'lower')).toContain('0.4 ▼ +0.1');
  expect(told(worse, null)).toContain('0.4 +0.1 ·');
});

test('values stand below one another: the same decimals, and numbers of versions and values filled up to one width', () => {
  const versions = [12, 9, 8].map((number, index) =>
    version({ number, metrics: index === 2 ? {} : { auc: 9.5 + number / 4 } }),
  );
  const columns = versionColumns(versions, model().primaryMetric);
  const values = versions.map(
    (one) => `v${one.number}${versionDescription(one, undefined, now, columns)}`.split(' · ')[0],
  );
  expect(values).toEqual(['v1212.50', 'v9\u200711.75', 'v8\u2007\u2007\u2007\u2007\u2007–']);
});

test('a triangle says by shape and colour whether a version is better than the one before', () => {
  const [v9, v8, v7, v6] = [0.95, 0.91, 0.92, 0.92].map((auc, index) =>
    version({ number: 9 - index, stage: 'development', metrics: { auc } }),
  );
  const rows = modelNodes(withVersions(v9!, v8!, v7!, v6!), drawing())[0]?.children?.slice(1);
  expect(rows?.map(({ icon, colour }) => [icon, colour])).toEqual([
    ['triangle-up', 'testing.iconPassed'],
    ['triangle-down', 'testing.iconFailed'],
    ['git-commit', undefined],
    ['git-commit', undefined],
  ]);
});

test('the tooltip of a version has its metrics, each with the change to the one before', () => {
  const row = modelNodes(opened(), drawing())[0]?.children?.[1];
  expect(row?.tooltip.split('\n')).toContain('auc 0.914 ▲ +0.006');
});

test('an opened model shows its stages first, then its versions, then that there are more', () => {
  const [node] = modelNodes(opened(), drawing());
  expect(labels(node?.children)).toEqual([
    'production → v8 | better · just now',
    'v8 | 0.914 ▲ +0.006 · production · @champion · just now',
    'v7 | 0.908 · archived · just now',
    'Load more… | ',
  ]);
});

test('a model that was not opened asks for its versions', () => {
  const [node] = modelNodes(apply(nothing, { kind: 'models', models: [model()], at: now }), drawing());
  expect(node?.children).toBeNull();
});

test('what a run that goes on has saved stands below its model, and what another left does not', () => {
  const candidates = [artifact(), artifact({ path: '/out/old/epoch=1.ckpt', run: '/out/old' })];
  const withStatus = apply(opened(), { kind: 'status', status: status({ runs: [run()] }) });
  const mirror = apply(withStatus, { kind: 'artifacts', candidates, waiting: [], found: [] });
  const shown = modelNodes(mirror, drawing())[0]?.children?.filter(({ context }) => context === 'candidate');
  expect(labels(shown)).toEqual(['run · epoch=3.ckpt | val_auc 0.9 · 1.2 kB · just now']);
});

function withVersions(...versions: ReturnType<typeof version>[]): Mirror {
  return apply(opened(), { kind: 'versions', model: 'churn', versions, more: false });
}

test('a damaged version and one whose pickle runs code look so', () => {
  const damaged = withVersions(version({ state: 'damaged' }), version({ number: 7, pickle: 'runs code' }));
  const rows = modelNodes(damaged, drawing())[0]?.children?.slice(1);
  expect(rows?.map(({ icon, context }) => [icon, context])).toEqual([
    ['error', 'version.damaged.live'],
    ['warning', 'version.ready.live'],
  ]);
});

test('archived versions can be hidden, and the change is still told against the one before', () => {
  const [node] = modelNodes(opened(), drawing({ showArchived: false }));
  expect(labels(node?.children)[1]).toContain('▲ +0.006');
  expect(node?.children?.map(({ label }) => label)).toEqual(['production → v8', 'v8', 'Load more…']);
});

test('below a version stand metrics, parameters, files, lineage and checks', () => {
  const row = modelNodes(opened(), drawing())[0]?.children?.find(({ label }) => label === 'v8');
  expect(row?.children?.map(({ label }) => label)).toEqual(['Metrics', 'Parameters', 'Artifacts', 'Lineage', 'Checks']);
  expect(row?.children?.find(({ label }) => label === 'Artifacts')?.children).toBeNull();
  expect(labels(row?.children?.[0]?.children)).toEqual(['auc | 0.914']);
});

test('the files of a version are rows once they were read', () => {
  const files = [{ path: '', size: 6241, sha256: 'b'.repeat(64) }];
  const row = modelNodes(
    apply(opened(), { kind: 'detail', version: 'churn@8', detail: { files, lineage: null } }),
    drawing(),
  )[0]?.children?.[1];
  expect(labels(row?.children?.[2]?.children)).toEqual(['model.joblib | 6.2 kB']);
});

test('what people say of promoting a version stands below it', () => {
  const said = {
    at: 1,
    actor: 'bo/cli',
    kind: 'stage' as const,
    name: 'production',
    role: 'approver' as const,
    until: 9,
  };
  const approvals = [
    { ...said, seq: 1, decision: 'requested' as const, person: 'ana', text: 'ready' },
    { ...said, seq: 2, decision: 'rejected' as const, person: 'bo', text: 'biased' },
  ];
  const detail = { files: [], lineage: null, approvals };
  const row = (mirror: Mirror): Node | undefined =>
    modelNodes(mirror, drawing())[0]?.children?.[1]?.children?.find(({ label }) => label === 'Approvals');
  const read = apply(opened(), { kind: 'detail', version: 'churn@8', detail });
  expect(labels(row(read)?.children)).toEqual([
    'ana requested approval for production | ready',
    'bo rejected for production | biased',
  ]);
  const event8 = event({ type: 'approval.given/1', model: 'churn', number: 8 });
  expect(row(apply(read, { kind: 'happened', event: event8 }))?.children).toBeNull();
});

test('what came since somebody last looked is new, and nothing is to one who never did', () => {
  const told = (seen?: ReadonlyMap<string, number>): string =>
    modelNodes(opened(), drawing({}, seen))[0]?.description ?? '';
  expect(told(new Map([['churn', 6]]))).toContain('2 new');
  expect(told(undefined)).not.toContain('new');
});

test('where a version came from stands in rows once it was read, and is read anew when more was found', () => {
  const code = { repository: '/p', remote: null, commit: 'a'.repeat(40), branch: 'main', changed: true, untracked: [] };
  const data = [{ path: 'a.csv', size: 10, digest: 'sha256:1', rows: 2, columns: ['x', 'y'], named: 'param data' }];
  const rest = { takenAt: 0, process: null, environment: null, seeds: {}, captured: [], missing: ['No command.'] };
  const lineage = { ...rest, code: { ...code, known: 'now' as const }, data };
  const read = apply(opened(), { kind: 'detail', version: 'churn@8', detail: { files: [], lineage } });
  const row = modelNodes(read, drawing())[0]?.children?.[1]?.children?.find(({ label }) => label === 'Lineage');
  expect(labels(row?.children)).toEqual(
    expect.arrayContaining([
      'commit | aaaaaaaaaaaa · main · with uncommitted changes',
      'not captured | No command.',
      'a.csv | 10 B · 2 × 2 · param data',
    ]),
  );
  const later = apply(read, {
    kind: 'happened',
    event: event({ type: 'version.lineage/1', model: 'churn', number: 8 }),
  });
  expect(later.details.size).toBe(0);
});

test('a condition shows the versions that it found, and no other model', () => {
  const mirror = apply(opened(), { kind: 'models', models: [model(), model({ name: 'fraud' })], at: now });
  const found = new Map([['churn', [version({ number: 7 })]]]);
  const nodes = modelNodes(mirror, { ...drawing({ filter: 'auc > 0.9' }), found });
  expect(nodes.map(({ label }) => label)).toEqual(['churn']);
  expect(nodes[0]?.children?.map(({ label }) => label)).toEqual(['v7']);
});

test('a version that a condition found is shown though its model was never opened', () => {
  const mirror = apply(nothing, { kind: 'models', models: [model()], at: now });
  const [node] = modelNodes(mirror, { ...drawing({ filter: 'auc > 0.9' }), found: new Map([['churn', [version()]]]) });
  expect(node?.children?.map(({ label }) => label)).toEqual(['v8']);
});

test('no row moves while the order is kept, and a new model comes where it belongs', () => {
  const sorted = ['c', 'new', 'a', 'b', 'last'].map((name) => model({ name }));
  expect(keepOrder(sorted, ['a', 'b', 'c']).map(({ name }) => name)).toEqual(['new', 'a', 'b', 'c', 'last']);
  expect(keepOrder(sorted, undefined)).toBe(sorted);
  expect(keepOrder(sorted.slice(0, 1), ['a', 'b', 'c']).map(({ name }) => name)).toEqual(['c']);
});

test('models are filtered by a part of their name, sorted and grouped as wished', () => {
  const named = (name: string, change = {}): ReturnType<typeof model> => model({ name, ...change });
  const models = [named('b10', { pointers: [] }), named('a'), named('b9', { pointers: [], createdAt: 5 })];
  const mirror = apply(nothing, { kind: 'models', models, at: now });
  const names = (options: Parameters<typeof drawing>[0]): string[] =>
    modelNodes(mirror, drawing(options)).map(({ label }) => label);
  expect(names({ filter: 'B' })).toEqual(['b10', 'b9']);
  expect(names({ sortBy: 'name' })).toEqual(['a', 'b9', 'b10']);
  expect(names({ sortBy: 'created' })[0]).toBe('b9');
  expect(names({ groupBy: 'stage' })).toEqual(['production', 'development']);
});

test('models are grouped by what wrote them and by where they lie, and sorted by their metric', () => {
  const of = (
    name: string,
    framework: string,
    folder: string,
    metrics: Record<string, number>,
  ): ReturnType<typeof model> => model({ name, current: { number: 1, framework, folder, metrics } });
  const models = [
    of('a', 'torch', '/out/vision/a', { auc: 0.8 }),
    of('b', 'xgboost', '/out/risk/b', { auc: 0.9 }),
    of('c', 'torch', '/out/vision/c', {}),
  ];
  const mirror = apply(nothing, { kind: 'models', models, at: now });
  const names = (options: Parameters<typeof drawing>[0]): string[] =>
    modelNodes(mirror, drawing(options)).map(({ label }) => label);
  expect(names({ groupBy: 'framework' })).toEqual(['torch', 'xgboost']);
  expect(names({ groupBy: 'folder' })).toEqual(['risk', 'vision']);
  expect(names({ sortBy: 'metric' })).toEqual(['b', 'a', 'c']);
});

test('a thousand models of a thousand versions have a row each, and the open one a row of each version', () => {
  const models = Array.from({ length: 1000 }, (_, index) => model({ name: `model-${index}`, latest: 1000 }));
  const versions = Array.from({ length: 1000 }, (_, index) => version({ number: 1000 - index, model: 'model-0' }));
  const all = apply(nothing, { kind: 'models', models, at: now });
  const mirror = apply(all, { kind: 'versions', model: 'model-0', versions, more: false });
  const seen = new Map(models.map(({ name }) => [name, 10]));
  const nodes = modelNodes(mirror, drawing({}, seen));
  expect(nodes[0]?.children).toHaveLength(1001);
});

test('the menu of a version offers approvals only where the policy asks for them or somebody has asked', () => {
  const contextIn = (mirror: Mirror): string | undefined =>
    modelNodes(mirror, drawing())[0]?.children?.find(({ label }) => label === 'v8')?.context;
  expect(contextIn(opened())).toBe('version.ready.live');
  const asks = { kind: 'models', models: [model({ asksApproval: true })], at: now } as const;
  expect(contextIn(apply(opened(), asks))).toBe('version.ready.asks.live');
  const asked = { decision: 'requested', kind: 'stage', name: 'production', role: 'approver' } as const;
  const detail = {
    files: [],
    lineage: null,
    approvals: [{ ...asked, seq: 1, at: now, until: 9, actor: 'ana/cli', person: 'ana', text: '' }],
  };
  expect(contextIn(apply(opened(), { kind: 'detail', version: 'churn@8', detail }))).toBe('version.ready.asks.live');
});
