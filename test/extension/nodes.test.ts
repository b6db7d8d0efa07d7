import { expect, test } from 'vitest';
import type { Model, Version } from '../../daemon/protocol/model.ts';
import { age, modelDescription, number, size, versionDescription } from '../../extension/labels.ts';
import { modelNodes, type Node } from '../../extension/nodes.ts';
import { apply, nothing, type Mirror } from '../../extension/state.ts';

const now = Date.parse('2026-06-01T12:00:00Z');

const version: Version = {
  model: 'churn',
  number: 8,
  state: 'ready',
  stage: 'production',
  aliases: ['champion'],
  digest: `sha256:${'a'.repeat(64)}`,
  primary: 'model.joblib',
  wholeFolder: false,
  files: 1,
  size: 6241,
  framework: 'scikit-learn',
  frameworkVersion: '1.9.1',
  format: 'joblib',
  modelClass: null,
  parameterCount: null,
  pickle: 'known imports only',
  problems: [],
  metrics: { auc: 0.914 },
  params: { depth: 3 },
  source: { kind: 'watch', path: '/out/model.joblib', run: null, writtenAt: now },
  description: '',
  tags: {},
  createdAt: now - 2 * 3600_000,
  actor: 'watcher',
  seq: 3,
  movedTo: null,
  deletedUntil: null,
};

const model: Model = {
  name: 'churn',
  description: '',
  tags: {},
  createdAt: 0,
  updatedAt: now,
  versions: 2,
  latest: 8,
  pointers: [
    {
      kind: 'stage',
      name: 'production',
      holder: 8,
      previous: [7],
      seq: 4,
      at: now,
      actor: 'ana/cli',
      reason: 'better',
    },
  ],
};

function opened(): Mirror {
  const before = { ...version, number: 7, stage: 'archived', aliases: [], metrics: { auc: 0.908 } };
  const models = apply(nothing, { kind: 'models', models: [model], at: now });
  return apply(models, { kind: 'versions', model: 'churn', versions: [version, before], more: true });
}

function labels(nodes: readonly Node[]): string[] {
  return nodes.map(({ label, description }) => `${label} | ${description}`);
}

test('ages, sizes and numbers are short', () => {
  expect([age(now, now), age(now - 300_000, now), age(now - 3 * 3600_000, now), age(now - 72 * 3600_000, now)]).toEqual(
    ['now', '5 min ago', '3 h ago', '3 d ago'],
  );
  expect([size(12), size(6241), size(1.4e9)]).toEqual(['12 B', '6.2 kB', '1.4 GB']);
  expect([number(0.123456), number(12), number('NaN')]).toEqual(['0.1235', '12', 'NaN']);
});

test('a model tells its production version, its metric and what is new', () => {
  expect(modelDescription(model, version, 3)).toBe('production v8 · auc 0.914 · 3 new');
});

test('a version tells its stage, aliases, metric with the change to the one before, and its age', () => {
  const before = { ...version, number: 7, metrics: { auc: 0.908 } };
  expect(versionDescription(version, before, now)).toBe('production · @champion · auc 0.914 ▲ 0.006 · 2 h ago');
});

test('an opened model shows its holders first, then its versions, then that there are more', () => {
  const [node] = modelNodes(opened(), new Set(), now);
  expect(labels(node?.children ?? [])).toEqual([
    'production → v8 | better',
    'v8 | production · @champion · auc 0.914 ▲ 0.006 · 2 h ago',
    'v7 | archived · auc 0.908 · 2 h ago',
    'Load more… | ',
  ]);
});

test('a model that was not opened asks for its versions', () => {
  const [node] = modelNodes(apply(nothing, { kind: 'models', models: [model], at: now }), new Set(), now);
  expect(node?.children).toBeNull();
});

test('a damaged version and one whose pickle runs code look so', () => {
  const damaged = apply(opened(), {
    kind: 'versions',
    model: 'churn',
    versions: [
      { ...version, state: 'damaged' },
      { ...version, number: 7, pickle: 'runs code' },
    ],
    more: false,
  });
  const [node] = modelNodes(damaged, new Set(), now);
  expect(node?.children?.slice(1).map(({ icon, context }) => [icon, context])).toEqual([
    ['error', 'version.damaged.live'],
    ['warning', 'version.ready.live'],
  ]);
});

test('a changed model comes first, and one that is gone is left out', () => {
  const two = apply(nothing, {
    kind: 'models',
    models: [
      { ...model, name: 'a' },
      { ...model, name: 'b' },
    ],
    at: 1,
  });
  const changed = apply(two, { kind: 'model', name: 'b', model: { ...model, name: 'b' }, at: 2 });
  expect(changed.models.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(apply(changed, { kind: 'model', name: 'a', model: undefined, at: 3 }).models.map(({ name }) => name)).toEqual([
    'b',
  ]);
});
