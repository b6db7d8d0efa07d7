import type { ThinEvent } from '../../daemon/protocol/events.ts';
import type { Artifact, Model, Root, Run, Version } from '../../daemon/protocol/model.ts';
import type { ListedRun, RunSave } from '../../daemon/protocol/routes/watch.ts';
import type { Status } from '../../daemon/protocol/routes/system.ts';
import { plainTree, type TreeInput, type TreeOptions } from '../../extension/trees/tree-input.ts';
import { apply, nothing, type Mirror } from '../../extension/mirror/reducer.ts';

/** Replies as the service sends them, for tests of code that only draws. */

export const now = Date.parse('2026-06-01T12:00:00Z');
const hour = 3600_000;

export function version(change: Partial<Version> = {}): Version {
  return {
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
    createdAt: now - 2 * hour,
    actor: 'watcher',
    seq: 3,
    movedTo: null,
    deletedUntil: null,
    ...change,
  };
}

export function model(change: Partial<Model> = {}): Model {
  const production = { kind: 'stage', name: 'production', holder: 8, previous: [7], seq: 4, at: now } as const;
  return {
    name: 'churn',
    description: '',
    tags: {},
    createdAt: 0,
    updatedAt: now,
    versions: 2,
    latest: 8,
    primaryMetric: { name: 'auc', direction: 'higher', chosenBy: 'versions' },
    pinnedMetrics: [],
    current: { number: 8, framework: 'scikit-learn', folder: '/out/churn', metrics: { auc: 0.914 } },
    pointers: [{ ...production, previous: [7], actor: 'ana/cli', reason: 'better' }],
    ...change,
  };
}

export function event(change: Partial<ThinEvent> = {}): ThinEvent {
  return {
    seq: 9,
    at: now,
    actor: 'ana/vscode',
    type: 'pointer.moved/1',
    model: 'churn',
    number: 8,
    body: {
      kind: 'stage',
      name: 'production',
      cause: 'promote',
      reason: 'AUC up',
      undoes: null,
      before: { holder: 7 },
      after: { holder: 8 },
    },
    hash: 'f'.repeat(64),
    ...change,
  };
}

export function artifact(change: Partial<Artifact> = {}): Artifact {
  return {
    path: '/out/run/epoch=3.ckpt',
    root: '/out',
    state: 'candidate',
    reason: 'saved by a run that is going on',
    recogniser: 'lightning',
    framework: 'lightning',
    format: 'checkpoint',
    size: 1200,
    run: '/out/run',
    model: 'churn',
    version: null,
    metrics: { val_auc: 0.9 },
    seenAt: now,
    ...change,
  };
}

export function run(change: Partial<Run> = {}): Run {
  const times = { startedAt: now - hour, updatedAt: now, endedAt: null };
  const folder = change.folder ?? '/out/run';
  const unseen = { id: folder, execution: null, resumptions: [], params: {}, metrics: { loss: 0.3 } };
  return { ...unseen, folder, status: 'running', ...times, ...change };
}

export function endedRun(change: Partial<ListedRun> = {}): ListedRun {
  const ended = run({ status: 'finished', updatedAt: now - 600_000, endedAt: now - 600_000 });
  return { ...ended, saves: [], ...change };
}

export function save(change: Partial<RunSave> = {}): RunSave {
  const path = '/out/run/epoch=3.ckpt';
  const unmeasured = { metrics: {}, version: null, kept: true, lost: null };
  return { path, size: 1200, writtenAt: now - 600_000, ...unmeasured, ...change };
}

export function root(change: Partial<Root> = {}): Root {
  const counts = { waiting: 0, candidate: 0, found: 0, registered: 2, duplicate: 0, ignored: 3, unreadable: 0 };
  return { path: '/out', state: 'watching', detail: null, addedAt: 0, lastScanAt: now, counts, ...change };
}

export function status(change: Partial<Status> = {}): Status {
  return {
    version: '0.1.0',
    protocol: 1,
    pid: 4711,
    startedAt: now - hour,
    dataFolder: '/data',
    logId: 'log',
    seq: 9,
    models: 1,
    versions: 2,
    candidates: { count: 0, bytes: 0 },
    blobs: { count: 2, bytes: 10 },
    roots: [root()],
    runs: [],
    busy: [],
    isIdle: true,
    memoryBytes: 81_000_000,
    readOnly: null,
    ...change,
  };
}

export function drawing(options: Partial<TreeOptions> = {}, seen?: ReadonlyMap<string, number>): TreeInput {
  return { options: { ...plainTree, ...options }, seen, now };
}

/** Returns a mirror with one opened model: v8 in production, v7 archived, and more. */
export function opened(): Mirror {
  const before = version({ number: 7, stage: 'archived', aliases: [], metrics: { auc: 0.908 } });
  const models = apply(nothing, { kind: 'models', models: [model()], at: now });
  const running = apply(models, { kind: 'phase', phase: 'running', problem: null });
  return apply(running, { kind: 'versions', model: 'churn', versions: [version(), before], more: true });
}
