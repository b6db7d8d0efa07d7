import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Client } from '../../../daemon/clients/client/request.ts';
import { copySample, startService, threeVersions, until, type TestService } from '../../support/daemon.ts';

/** Registers iris@1 to @3, with the third in production, and the older old@1, and old@2 in staging. */
async function twoModels(service: TestService): Promise<void> {
  const { client } = service;
  for (const run of ['v1', 'v2']) {
    const path = copySample(join('sklearn', 'iris-script', 'outputs', run, 'model.joblib'), join(service.out, run));
    await client.call('POST /register', { path, model: 'old' });
  }
  await threeVersions(client);
  await client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    stage: 'production',
    version: '3',
  });
  await client.call('POST /models/:model/versions/:version/promote', { model: 'old', stage: 'staging', version: '2' });
  const version = { model: 'old', version: '1' };
  await client.call('POST /models/:model/versions/:version/tag', { ...version, key: 'data', value: 'may' });
  await client.call('POST /models/:model/versions/:version/comment', { ...version, text: 'the first' });
}

async function numbersOf(client: Client, model: string): Promise<number[]> {
  const { items } = await client.call('GET /models/:model/versions', { model });
  return items.map(({ number }) => number).toSorted((a, b) => a - b);
}

async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: unknown) => String((error as Error).message),
  );
}

test('merged versions get the next numbers in order of time, and keep age, tags, comments and evidence; old numbers lead to them', async () => {
  const service = await startService();
  const { client } = service;
  await twoModels(service);
  const before = await client.call('GET /models/:model/versions/:version', { model: 'old', version: '1' });
  const merged = await client.call('POST /models/:model/merge', { model: 'iris', from: 'old' });
  expect(merged.versions).toEqual([
    { from: 1, to: 4 },
    { from: 2, to: 5 },
  ]);
  expect(await numbersOf(client, 'iris')).toEqual([1, 2, 3, 4, 5]);
  const { items } = await client.call('GET /models', {});
  expect(items.map(({ name }) => name)).toEqual(['iris']);
  expect(items[0]?.pointers).toMatchObject([{ name: 'production', holder: 3 }]);
  const now = await client.call('GET /models/:model/versions/:version', { model: 'old', version: '1' });
  const { createdAt, metrics, digest, actor } = before.version;
  expect(now.version).toMatchObject({
    model: 'iris',
    number: 4,
    createdAt,
    metrics,
    digest,
    actor,
    tags: { data: 'may' },
  });
  expect(now.comments).toMatchObject([{ text: 'the first' }]);
  expect(now.evidence.map(({ source }) => source)).toEqual(before.evidence.map(({ source }) => source));
  const { path } = await client.call('POST /models/:model/versions/:version/materialise', {
    model: 'old',
    version: '2',
  });
  expect(path).toContain('iris');
  expect((await client.call('POST /verify', {})).ok).toBe(true);
});

test('a version tells the numbers that it had in merged models, those of a model merged into one of them too', async () => {
  const service = await startService();
  const { client } = service;
  await twoModels(service);
  const path = copySample(join('sklearn', 'iris-script', 'outputs', 'v3', 'model.joblib'), join(service.out, 'first'));
  await client.call('POST /register', { path, model: 'first' });
  await client.call('POST /models/:model/merge', { model: 'old', from: 'first' });
  const { seq } = await client.call('POST /models/:model/merge', { model: 'iris', from: 'old' });
  const former = async (): Promise<[number, string[] | undefined][]> => {
    const { items } = await client.call('GET /models/:model/versions', { model: 'iris', all: true });
    return items.map(({ number, formerly }): [number, string[] | undefined] => [number, formerly]);
  };
  const known = await former();
  expect(known.slice(-3)).toEqual([
    [3, undefined],
    [2, undefined],
    [1, undefined],
  ]);
  expect(known.flatMap(([, formerly]) => formerly ?? []).toSorted()).toEqual(['first@1', 'old@1', 'old@2', 'old@3']);
  for (const [number, formerly] of known)
    for (const reference of formerly ?? []) {
      const [model = '', version = ''] = reference.split('@');
      const { version: now } = await client.call('GET /models/:model/versions/:version', { model, version });
      expect([now.model, now.number, now.formerly], reference).toEqual(['iris', number, formerly]);
    }
  await client.call('POST /undo', { seq });
  expect((await former()).every(([, formerly]) => formerly === undefined)).toBe(true);
});

test('a merge is undone with its stages, numbers and words, unless something was done with its versions since', async () => {
  const service = await startService();
  const { client } = service;
  await twoModels(service);
  const { seq } = await client.call('POST /models/:model/merge', { model: 'iris', from: 'old' });
  await client.call('POST /models/:model/versions/:version/promote', { model: 'iris', stage: 'staging', version: '4' });
  expect(await refusal(client.call('POST /undo', { seq }))).toContain('points to iris@4');
  const { items: log } = await client.call('GET /log', {});
  const promotion = log.find(({ type }) => type === 'pointer.moved/1');
  await client.call('POST /undo', { seq: promotion?.seq ?? 0 });
  await client.call('POST /models/:model/versions/:version/describe', {
    model: 'iris',
    version: '5',
    description: 'said since',
  });
  await client.call('POST /undo', { seq });
  expect(await numbersOf(client, 'iris')).toEqual([1, 2, 3]);
  expect(await numbersOf(client, 'old')).toEqual([1, 2]);
  const old = await client.call('GET /models/:model', { model: 'old' });
  expect(old.pointers).toMatchObject([{ name: 'staging', holder: 2 }]);
  const first = await client.call('GET /models/:model/versions/:version', { model: 'old', version: '1' });
  expect(first.version).toMatchObject({ state: 'ready', tags: { data: 'may' } });
  expect(first.comments).toMatchObject([{ text: 'the first' }]);
  const second = await client.call('GET /models/:model/versions/:version', { model: 'old', version: '2' });
  expect(second.version.description).toBe('said since');
  expect((await client.call('GET /models/:model/versions', { model: 'iris', all: true })).items).toContainEqual(
    expect.objectContaining({ number: 4, state: 'moved', movedTo: 'old@1' }),
  );
  expect((await client.call('POST /verify', {})).ok).toBe(true);
});

test('the name of a merged model stays with its numbers: no other model gets it, and stages are asked of the other model', async () => {
  const service = await startService();
  const { client } = service;
  await twoModels(service);
  const { seq } = await client.call('POST /models/:model/merge', { model: 'iris', from: 'old' });
  expect(await refusal(client.call('GET /models/:model', { model: 'old' }))).toContain('old was merged into iris');
  expect(await refusal(client.call('POST /models/:model/rename', { model: 'iris', name: 'old' }))).toContain('merged');
  const promote = { model: 'old', stage: 'staging', version: '1' };
  expect(await refusal(client.call('POST /models/:model/versions/:version/promote', promote))).toContain('Use iris');
  expect(await refusal(client.call('POST /models/:model/merge', { model: 'iris', from: 'iris' }))).toContain('itself');
  const chained = await client.call('POST /register', {
    path: copySample(join('sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'), join(service.out, 'again')),
    model: 'lily',
  });
  expect(chained.version.model).toBe('lily');
  await client.call('POST /models/:model/merge', { model: 'lily', from: 'iris' });
  const { version } = await client.call('GET /models/:model/versions/:version', { model: 'old', version: '2' });
  expect(version).toMatchObject({ model: 'lily', state: 'ready' });
  expect(await refusal(client.call('POST /undo', { seq }))).toContain('can no longer be undone');
});

test('files of a merged model feed the other one', async () => {
  const service = await startService();
  const { client } = service;
  await client.call('POST /roots', { path: service.out });
  const save = (name: string, run: string): string =>
    copySample(join('sklearn', 'iris-script', 'outputs', run, 'model.joblib'), join(service.out, name));
  const isRegistered = async (model: string, count: number): Promise<boolean> =>
    (await numbersOf(client, model).catch(() => [])).length === count;
  save('rose_2026-11-01.joblib', 'v1');
  save('lily_2026-11-01.joblib', 'v2');
  await until(async () => (await isRegistered('rose', 1)) && isRegistered('lily', 1), 'two models', 60_000);
  await client.call('POST /models/:model/merge', { model: 'rose', from: 'lily' });
  save('lily_2026-11-02.joblib', 'v3');
  await until(() => isRegistered('rose', 3), 'a third version', 60_000);
  expect(await client.call('GET /why', { path: join(service.out, 'lily_2026-11-01.joblib') })).toMatchObject({
    artifact: { model: 'rose', version: 2 },
  });
});
