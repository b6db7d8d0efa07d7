import { model, now, version } from './models.ts';
import { apply, nothing, type Registry } from '../../daemon/clients/lsp/mirror/reducer.ts';
import type { Pointer, Version } from '../../daemon/protocol/model.ts';

export { now };

const pointer = (kind: Pointer['kind'], name: string, holder: number | null): Pointer => ({
  kind,
  name,
  holder,
  previous: [],
  seq: 4,
  at: now,
  actor: 'ana/cli',
  reason: 'better',
});

const day = 86_400_000;

/**
 * Makes `churn` with nine versions: v8 in production and under `@champion`, v9 newest, v1 archived, v2 damaged, v3 deleted, v4
 * with a pickle that runs code, v5 moved to another model; and `iris` with one.
 */
export function churnRegistry(): Registry {
  const pointers = [
    pointer('stage', 'production', 8),
    pointer('stage', 'staging', null),
    pointer('alias', 'champion', 8),
  ];
  const special: Record<number, Partial<Version>> = {
    1: { stage: 'archived' },
    2: { state: 'damaged' },
    3: { state: 'deleted', deletedUntil: now + 3 * day },
    4: { pickle: 'runs code' },
    5: { state: 'moved', movedTo: 'iris@2' },
    8: { stage: 'production', aliases: ['champion'] },
  };
  const versions = [9, 8, 7, 6, 5, 4, 3, 2, 1].map((number) =>
    version({
      number,
      stage: 'development',
      aliases: [],
      metrics: { acc: 0.8 + number / 100, train_loss: 0.1 },
      createdAt: now - (10 - number) * day,
      source: { kind: 'watch', path: `/home/ana/out/v${number}/model.joblib`, run: null, writtenAt: now },
      digest: `sha256:${String(number).repeat(64)}`,
      actor: 'ana/cli',
      ...special[number],
    }),
  );
  const models = [
    model({
      name: 'churn',
      latest: 9,
      versions: 7,
      pointers,
      description: 'Who leaves next month',
      primaryMetric: { name: 'acc', direction: 'higher', chosenBy: 'versions' },
      pinnedMetrics: [],
    }),
    model({ name: 'iris', latest: 1, versions: 1, pointers: [] }),
  ];
  const iris = version({ model: 'iris', number: 1, stage: 'development', aliases: [] });
  const read = apply(nothing, { kind: 'models', models, at: now });
  const from = Number.MAX_SAFE_INTEGER;
  const some = apply(read, { kind: 'versions', model: 'churn', page: versions, from, complete: true });
  return apply(some, { kind: 'versions', model: 'iris', page: [iris], from, complete: true });
}
