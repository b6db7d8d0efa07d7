import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startService, until as untilWithin, type TestService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

const config = `'{"architectures":["GPT2LMHeadModel"],"model_type":"gpt2"}'`;
const pretrained = `put('gpt/config.json', ${config}); save('gpt/model.safetensors', 1);`;
const tokenizer = `put('gpt/tokenizer.json', '{"a":1}'); put('gpt/tokenizer_config.json', '{}');`;
const grown = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];

/** Trainings and their service share the machine, so a test may have to wait long. */
const until: typeof untilWithin = (look, what) => untilWithin(look, what, 40_000);

async function startWatchingService(): Promise<TestService & { project: string }> {
  const service = await startService();
  await service.client.call('POST /roots', { path: service.out });
  await sleep(150);
  return { ...service, project: join(service.out, 'project') };
}

async function filesOf({ client }: TestService, model: string, version = '1'): Promise<string[]> {
  const found = await client.call('GET /models/:model/versions/:version', { model, version }).catch(() => undefined);
  return found?.files.map(({ path }) => path) ?? [];
}

async function versionsOf({ client }: TestService, model: string): Promise<number[]> {
  const page = await client.call('GET /models/:model/versions', { model }).catch(() => undefined);
  return page?.items.map(({ number }) => number) ?? [];
}

async function typesIn({ client }: TestService): Promise<string[]> {
  return (await client.call('GET /log', { limit: 200 })).items.map(({ type }) => type);
}

/** Resolves when nothing is being written or decided. */
async function isQuiet({ client }: TestService): Promise<void> {
  await until(
    async () => (await client.call('GET /status', {})).busy.length === 0 && (await waiting({ client })).length === 0,
    'quiet',
  );
  await sleep(1500);
}

async function waiting({ client }: Pick<TestService, 'client'>): Promise<string[]> {
  return (await client.call('GET /artifacts', { state: 'waiting' })).items.map(({ path }) => path);
}

test('a tokenizer that is saved after the weights by the same run completes its version, which verify finds sound', async () => {
  const service = await startWatchingService();
  const { client, project } = service;
  const training = train(
    project,
    `${pretrained} while (!existsSync('go')) await sleep(50); ${tokenizer} await sleep(500);`,
  );
  await until(async () => (await filesOf(service, 'gpt')).length === 2, 'the first files');
  const { version: before } = await client.call('GET /models/:model/versions/:version', { model: 'gpt', version: '1' });
  const placed = await client.call('POST /models/:model/versions/:version/materialise', { model: 'gpt', version: '1' });
  writeFileSync(join(project, 'go'), '');
  await until(async () => (await filesOf(service, 'gpt')).length === 4, 'the tokenizer');
  await training.ended;
  await isQuiet(service);
  expect(await versionsOf(service, 'gpt')).toEqual([1]);
  expect(await filesOf(service, 'gpt')).toEqual(grown);
  const { version: after } = await client.call('GET /models/:model/versions/:version', { model: 'gpt', version: '1' });
  expect(after.digest).not.toBe(before.digest);
  expect(after).toMatchObject({
    framework: 'transformers',
    stage: 'development',
    createdAt: before.createdAt,
    seq: before.seq,
  });
  const event = (await client.call('GET /log', { limit: 200 })).items.find(
    ({ type }) => type === 'version.completed/1',
  );
  expect(event?.body).toMatchObject({ before: before.digest, digest: after.digest, number: 1 });
  expect(readdirSync(placed.path).toSorted()).toEqual(grown);
  expect(readFileSync(join(placed.path, 'tokenizer.json'), 'utf8')).toBe('{"a":1}');
  expect(await client.call('POST /verify', {})).toMatchObject({ ok: true, faults: [] });
});

test('an index that comes seconds after its shards completes the version that they are', async () => {
  const service = await startWatchingService();
  const index = `JSON.stringify({ weight_map: { a: 'w-00001-of-00002.safetensors', b: 'w-00002-of-00002.safetensors' } })`;
  const shards = [1, 2].map((part) => `save('shards/w-0000${part}-of-00002.safetensors', ${part});`).join('');
  const training = train(
    service.project,
    `${shards} while (!existsSync('go')) await sleep(50); put('shards/w.safetensors.index.json', ${index}); await sleep(500);`,
  );
  await until(async () => (await filesOf(service, 'shards')).length === 2, 'the shards');
  writeFileSync(join(service.project, 'go'), '');
  await training.ended;
  await until(async () => (await filesOf(service, 'shards')).length === 3, 'the index');
  await isQuiet(service);
  expect(await versionsOf(service, 'shards')).toEqual([1]);
});

test('a part of a split that comes late leaves one version and no row that waits', async () => {
  const service = await startWatchingService();
  const training = train(
    service.project,
    `save('late/w-00002-of-00002.safetensors', 2); while (!existsSync('go')) await sleep(50); save('late/w-00001-of-00002.safetensors', 1); await sleep(500);`,
  );
  await until(async () => (await waiting(service)).length === 1, 'waiting');
  writeFileSync(join(service.project, 'go'), '');
  await training.ended;
  await until(async () => (await filesOf(service, 'late')).length === 2, 'both parts');
  await isQuiet(service);
  expect(await versionsOf(service, 'late')).toEqual([1]);
  expect(await waiting(service)).toEqual([]);
});

test('what another run adds to a folder makes a version of its own', async () => {
  const service = await startWatchingService();
  await train(service.project, `${pretrained} await sleep(2000);`).ended;
  await until(async () => (await filesOf(service, 'gpt')).length === 2, 'the first files');
  await train(service.project, `${tokenizer} await sleep(2000);`, 'other.mjs').ended;
  await until(async () => (await versionsOf(service, 'gpt')).length === 2, 'a second version');
  expect(await filesOf(service, 'gpt')).toEqual(['config.json', 'model.safetensors']);
  expect(await filesOf(service, 'gpt', '2')).toEqual(grown);
  expect(await typesIn(service)).not.toContain('version.completed/1');
});

test('a version that somebody has promoted stays as it is; what its run adds makes another', async () => {
  const service = await startWatchingService();
  const training = train(
    service.project,
    `${pretrained} while (!existsSync('go')) await sleep(50); ${tokenizer} await sleep(500);`,
  );
  await until(async () => (await filesOf(service, 'gpt')).length === 2, 'the first files');
  const promoted = { model: 'gpt', version: '1', stage: 'production', reason: '' };
  await service.client.call('POST /models/:model/versions/:version/promote', promoted);
  writeFileSync(join(service.project, 'go'), '');
  await training.ended;
  await until(async () => (await versionsOf(service, 'gpt')).length === 2, 'a second version');
  expect(await filesOf(service, 'gpt')).toEqual(['config.json', 'model.safetensors']);
  expect(await filesOf(service, 'gpt', '2')).toEqual(grown);
});

test('weights that were trained on are no growth: they become a version of their own', async () => {
  const service = await startWatchingService();
  const training = train(
    service.project,
    `${pretrained} while (!existsSync('go')) await sleep(50); save('gpt/model.safetensors', 2); ${tokenizer} await sleep(500);`,
  );
  await until(async () => (await filesOf(service, 'gpt')).length === 2, 'the first files');
  writeFileSync(join(service.project, 'go'), '');
  await training.ended;
  await until(async () => (await versionsOf(service, 'gpt')).length === 2, 'a second version');
  expect(await filesOf(service, 'gpt')).toEqual(['config.json', 'model.safetensors']);
  expect(await typesIn(service)).not.toContain('version.completed/1');
});
