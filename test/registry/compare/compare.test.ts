import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evidenceOf } from '../../../daemon/db/evidence.ts';
import { modelByName } from '../../../daemon/db/models.ts';
import { wholeEvidence } from '../../../daemon/registry/compare/evidence.ts';
import { seriesCacheFolder } from '../../../daemon/registry/series/series-cache.ts';
import type { Comparison } from '../../../daemon/protocol/comparison.ts';
import { addEvidence } from '../../../daemon/registry/versions/register.ts';
import { judge, summarizeComparison } from '../../../daemon/shared/comparison-summary.ts';
import { runReference } from '../../../daemon/shared/references.ts';
import { copySample, startService, samples, threeVersions, until } from '../../support/daemon.ts';
import { given } from '../../support/evidence.ts';
import { dataFile, lineageWith, record, rowNamed } from '../../support/comparison.ts';

test('code, environment, config and data differ where the lineages say so, and nowhere else', async () => {
  const service = await startService();
  await threeVersions(service.client);
  await record(service, 1, lineageWith({}));
  await record(
    service,
    2,
    lineageWith({
      code: { ...lineageWith({}).code!, commit: 'e'.repeat(40), changed: true },
      environment: {
        python: '3.12.4',
        cuda: null,
        packages: { numpy: '2.1.0', torch: '2.5.0', python: 'no' },
        source: '/venv',
      },
      data: [dataFile('data/train.csv', 'f', 120), dataFile('data/test.csv', 'c', 20)],
      captured: [
        { path: 'config.yaml', size: 11, digest: 'other' },
        { path: 'uncommitted.diff', size: 5, digest: 'diff' },
      ],
    }),
  );
  const reply = await service.client.call('GET /compare', { versions: 'iris@1,iris@2' });
  const differing = (rows: readonly { name: string; differs: boolean }[]): string[] =>
    rows.filter((row) => row.differs).map((row) => row.name);
  expect(differing(reply.code)).toEqual(['commit', 'changed', 'uncommitted.diff']);
  expect(differing(reply.environment)).toEqual(['numpy']);
  expect(reply.environment.map(({ name }) => name)).toEqual(['python', 'cuda', 'numpy', 'torch']);
  expect(differing(reply.config)).toEqual(['config.yaml']);
  expect(differing(reply.data)).toEqual(['data/train.csv', 'data/train.csv rows']);
  expect(rowNamed(reply.data, 'data/train.csv rows').deltas).toEqual([null, 20]);
  expect(reply.metrics.every(({ notComparable }) => notComparable.every((why) => why === null))).toBe(true);
  expect(reply.columns.map(({ missing }) => missing)).toEqual([[], []]);
});

test('metrics of other evaluation data are not comparable, and the summary leaves them out', async () => {
  const service = await startService();
  await threeVersions(service.client);
  await record(service, 1, lineageWith({}));
  await record(
    service,
    2,
    lineageWith({ data: [dataFile('data/train.csv', 'b', 100), dataFile('data/test.csv', '9', 30)] }),
  );
  const reply = await service.client.call('GET /compare', { versions: 'iris@1,iris@2' });
  for (const row of reply.metrics)
    expect(row.notComparable).toEqual([null, 'other evaluation data: data/test.csv differs']);
  expect(summarizeComparison(reply)).toMatch(/^No judged metric differs; not comparable: /);
});

test('other training data leaves the metrics comparable', async () => {
  const service = await startService();
  await threeVersions(service.client);
  await record(service, 1, lineageWith({}));
  await record(
    service,
    2,
    lineageWith({ data: [dataFile('data/train.csv', '9', 90), dataFile('data/test.csv', 'c', 20)] }),
  );
  const { metrics } = await service.client.call('GET /compare', { versions: 'iris@1,iris@2' });
  expect(metrics.flatMap(({ notComparable }) => notComparable).every((why) => why === null)).toBe(true);
});

test('versions of other models are not comparable unless their evaluation data are known to be the same', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const path = join(samples, 'sklearn', 'iris-script', 'outputs', 'v2', 'model.joblib');
  await service.client.call('POST /register', { path, model: 'other' });
  const { metrics } = await service.client.call('GET /compare', { versions: 'iris@1,other@1' });
  expect(metrics[0]?.notComparable[1]).toBe('other model: iris and other, not known to be evaluated on the same data');
});

test('sources that contradict each other are a conflict and never noise, and one that rounds does not contradict', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const file = join(service.folder, 'eval_metrics.json');
  const compareWith = async (f1: number): Promise<Comparison> => {
    writeFileSync(file, JSON.stringify({ f1_macro: f1 }));
    const of = { model: 'iris', version: '1' };
    await service.client.call('POST /models/:model/versions/:version/attach', { ...of, path: file });
    return service.client.call('GET /compare', { versions: 'iris@1,iris@3' });
  };
  const rounded = await compareWith(0.96);
  expect(rowNamed(rounded.metrics, 'f1_macro').conflicts).toBeUndefined();
  const reply = await compareWith(0.97);
  const { spread, conflicts } = rowNamed(reply.metrics, 'f1_macro');
  expect(spread).toEqual([null, null]);
  expect(conflicts).toEqual([
    [
      { source: 'metrics.json', value: 0.9553571428571429 },
      { source: 'eval_metrics.json', value: 0.97 },
    ],
    null,
  ]);
  expect(summarizeComparison(reply)).not.toContain('within noise');
});

test('trainings that differ only in their seed are noise for each other, and a difference within it is called so', async () => {
  const service = await startService();
  const seeds: [number, number, number][] = [
    [1, 0.9, 8],
    [2, 0.92, 8],
    [1, 0.91, 9],
    [1, 0.95, 9],
  ];
  for (const [index, [seed, auc, depth]] of seeds.entries()) {
    const folder = join(service.folder, 'seeds', String(index));
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'), join(folder, 'm.joblib'));
    writeFileSync(join(folder, 'metrics.json'), JSON.stringify({ auc }));
    writeFileSync(join(folder, 'params.json'), JSON.stringify({ train: { seed, depth } }));
    await service.client.call('POST /register', { path: join(folder, 'm.joblib'), model: 'seeds', again: true });
  }
  const reply = await service.client.call('GET /compare', { versions: 'seeds@1,seeds@2,seeds@3,seeds@4' });
  const noise = { count: 2, least: 0.9, most: 0.92 };
  const row = rowNamed(reply.metrics, 'auc');
  expect(row.spread).toEqual([noise, noise, null, null]);
  expect([1, 2, 3].map((at) => judge(row, at))).toEqual(['within-noise', 'within-noise', 'better']);
});

test('hundreds of metrics are all compared, though an event holds fewer', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const metrics = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [`class_${index}/precision`, index / 7]),
  );
  for (const version of ['1', '2']) {
    const file = join(service.folder, 'eval_metrics.json');
    writeFileSync(file, JSON.stringify({ ...metrics, 'class_399/precision': Number(version) }));
    await service.client.call('POST /models/:model/versions/:version/attach', { model: 'iris', version, path: file });
  }
  const reply = await service.client.call('GET /compare', { versions: 'iris@1,iris@2' });
  expect(reply.metrics.filter(({ name }) => name.startsWith('class_'))).toHaveLength(400);
  expect(rowNamed(reply.metrics, 'class_399/precision')).toMatchObject({ values: [1, 2], better: [null, true] });
});

test('metrics that an event lacks are read from what was cached with their long series, but decide nothing', async () => {
  const { client, daemon } = await startService();
  const { context } = daemon;
  await threeVersions(client);
  const metrics = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`class_${index}/f1`, index / 7]));
  const more = { series: { loss: Array.from({ length: 20_000 }, (_, step) => [step, null, Math.cos(step)]) } };
  const said = { source: 'log.csv', metrics, params: {}, more, origin: given };
  const { digest } = await addEvidence(context, { actor: 'test' }, 'iris', '1', said);
  const cache = seriesCacheFolder(context.blobs.folder);
  const path = join(cache, digest.slice('sha256:'.length));
  await until(() => existsSync(path), 'the cache');
  rmSync(context.blobs.pathOf(digest));
  const compared = async (): Promise<number> => {
    const reply = await client.call('GET /compare', { versions: 'iris@1,iris@2' });
    return reply.metrics.filter(({ name }) => name.startsWith('class_')).length;
  };
  expect(await compared()).toBe(400);
  const { id } = modelByName(context.db, 'iris')!;
  const evidence = evidenceOf(context.db, id, 1).find((one) => one.digest === digest)!;
  const deciding = wholeEvidence(context, evidence);
  expect(Object.keys(deciding.metrics).length).toBeLessThan(400);
  writeFileSync(path, readFileSync(path).fill(0, 60, 61));
  expect(await compared()).toBe(Object.keys(deciding.metrics).length);
});

test('the direction that plinth.yaml gives comes before what the name tells', async () => {
  const service = await startService();
  for (const run of ['v1', 'v2']) copySample(`sklearn/iris-script/outputs/${run}`, join(service.out, 'iris', run));
  const { metrics } = await registeredBelow(service);
  const { name } = metrics.find(({ direction }) => direction === 'higher')!;
  writeFileSync(join(service.out, 'plinth.yaml'), `metrics:\n  ${name}: lower\n`);
  const turned = await until(async () => {
    const reply = await service.client.call('GET /compare', { versions: 'iris@1,iris@2' });
    return rowNamed(reply.metrics, name).direction === 'lower' && reply;
  }, 'the direction of plinth.yaml');
  expect(rowNamed(turned.metrics, name).direction).toBe('lower');
  writeFileSync(
    join(service.out, 'plinth.yaml'),
    `metrics:\n  ${name}: lower\nmodels:\n  - match: iris\n    metrics:\n      ${name}: higher\n`,
  );
  const own = await until(async () => {
    const reply = await service.client.call('GET /compare', { versions: 'iris@1,iris@2' });
    return rowNamed(reply.metrics, name).direction === 'higher' && reply;
  }, 'the direction of the model');
  expect(rowNamed(own.metrics, name).direction).toBe('higher');
});

async function registeredBelow(
  service: Awaited<ReturnType<typeof startService>>,
): Promise<{ metrics: { name: string; direction: string | null }[] }> {
  await service.client.call('POST /roots', { path: service.out });
  return until(
    () => service.client.call('GET /compare', { versions: 'iris@1,iris@2' }).catch(() => undefined),
    'two versions of iris',
  );
}

test('a run is a column of its own, and lacks only what runs do not have', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const folder = join(service.out, 'run, 100%');
  const row = {
    id: folder,
    folder,
    execution: null,
    resumptions: [],
    progress: [],
    over: null,
    root: service.out,
    status: 'running' as const,
    startedAt: 1,
    updatedAt: 2,
    endedAt: null,
  };
  const { putRun } = await import('../../../daemon/db/artifacts.ts');
  putRun(service.daemon.context.db, { ...row, params: { lr: 0.1 }, metrics: { accuracy: 0.5 } });
  const reply = await service.client.call('GET /compare', { versions: `iris@1,${runReference(folder)}` });
  expect(reply.columns[1]).toMatchObject({ kind: 'run', state: 'running', run: folder, model: null });
  expect(rowNamed(reply.metrics, 'accuracy').values[1]).toBe(0.5);
  expect(rowNamed(reply.params, 'lr').values).toEqual([null, 0.1]);
  expect([...reply.files, ...reply.facts, ...reply.environment].some(({ differs }) => differs)).toBe(false);
  await expect(service.client.call('GET /compare', { versions: 'iris@1,run:/nowhere' })).rejects.toThrow(
    'no known run',
  );
});

test('tensors added, removed, reshaped and retyped are listed; the equal ones are counted', async () => {
  const service = await startService();
  for (const path of [
    'pytorch/digits-mlp-a/model.pt',
    'pytorch/digits-mlp-b/model.pt',
    'pytorch/digits-mlp-a/model.safetensors',
  ])
    await service.client.call('POST /register', { path: join(samples, path), model: 'mlp' });
  const { tensors } = await service.client.call('GET /compare', { versions: 'mlp@1,mlp@2,mlp@3' });
  expect(tensors).toMatchObject({ differing: 3, equal: 1 });
  expect(rowNamed(tensors.rows, 'fc1.weight')).toMatchObject({ changes: [null, 'reshaped', null] });
  expect(rowNamed(tensors.rows, 'fc1.weight').values[0]).toBe('float32 [16, 64]');
});

test('a version whose bytes were lost is compared by what is left, and says what is missing', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const { version } = await service.client.call('GET /models/:model/versions/:version', {
    model: 'iris',
    version: '2',
  });
  rmSync(service.daemon.context.blobs.pathOf(version.digest));
  const reply = await service.client.call('GET /compare', { versions: 'iris@1,iris@2' });
  expect(reply.columns[1]?.missing.join(' ')).toContain('The list of its files cannot be read');
  expect(reply.metrics.length).toBeGreaterThan(0);
  expect(reply.files.some(({ differs }) => differs)).toBe(false);
});

test('one version, or more than twenty, are no comparison', async () => {
  const { client } = await startService();
  await threeVersions(client);
  await expect(client.call('GET /compare', { versions: 'iris@1' })).rejects.toThrow('2 to 20 versions, not 1');
  const many = Array.from({ length: 21 }, () => 'iris@1').join(',');
  await expect(client.call('GET /compare', { versions: many })).rejects.toThrow('2 to 20 versions, not 21');
});
