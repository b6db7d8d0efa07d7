import { chmodSync, lstatSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { VersionState } from '../../../daemon/protocol/model.ts';
import { flipped } from '../../support/bit-flips.ts';
import { startService, samples, type TestService } from '../../support/daemon.ts';

const iris = { model: 'iris', version: '1' };
const file = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');

async function registered(): Promise<TestService> {
  const service = await startService();
  await service.client.call('POST /register', { path: file, model: 'iris' });
  return service;
}

function placed({ client }: TestService, of = iris): Promise<string> {
  return client.call('POST /models/:model/versions/:version/materialise', of).then(({ path }) => path);
}

async function sha256Of({ client }: TestService, of = iris): Promise<string> {
  return (await client.call('GET /models/:model/versions/:version', of)).files[0]!.sha256;
}

async function stateOf({ client }: TestService, of = iris): Promise<VersionState> {
  return (await client.call('GET /models/:model/versions/:version', of)).version.state;
}

function quarantined({ folder }: TestService): string[] {
  return readdirSync(join(folder, 'data', 'quarantine'));
}

test('a placed version whose blob was damaged is not handed out, is put in quarantine, and heals when its file is registered again', async () => {
  const service = await registered();
  const path = await placed(service);
  expect(readFileSync(path).equals(readFileSync(file))).toBe(true);
  const sha256 = await sha256Of(service);
  flipped(service, sha256);
  chmodSync(service.daemon.context.blobs.pathOf(`sha256:${sha256}`), 0o444);
  if (lstatSync(path).isFile()) rmSync(path);
  await expect(placed(service)).rejects.toMatchObject({
    code: 'damaged',
    message: expect.stringMatching(
      /Nothing was materialized; register the same file again to repair it \(plinth register\)/,
    ),
  });
  expect([await stateOf(service), quarantined(service)]).toEqual(['damaged', [sha256]]);
  const again = service.client.call('POST /register', { path: file, model: 'iris' });
  await expect(again).rejects.toMatchObject({ code: 'already-registered' });
  expect(await stateOf(service)).toBe('ready');
  const { items } = await service.client.call('GET /models/:model/history', { model: 'iris' });
  expect(items.map(({ type }) => type)).toContain('version.healed/1');
  expect(readFileSync(await placed(service)).equals(readFileSync(file))).toBe(true);
});

test.for<[string, (path: string) => void]>([
  [
    'other bytes of the same size',
    (path) => {
      const bytes = readFileSync(path);
      bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
      rmSync(path);
      writeFileSync(path, bytes, { mode: 0o444 });
    },
  ],
  [
    'a link to another file',
    (path) => {
      rmSync(path);
      symlinkSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v2', 'model.joblib'), path);
    },
  ],
  ['nothing', (path) => rmSync(path)],
])('where a placed file is replaced by %s, it is made anew from its blob', async ([, spoil]) => {
  const service = await registered();
  const path = await placed(service);
  spoil(path);
  expect(await placed(service)).toBe(path);
  expect(readFileSync(path).equals(readFileSync(file))).toBe(true);
  expect(await stateOf(service)).toBe('ready');
});

test('every file of a placed folder is looked at, not only the first', async () => {
  const service = await startService();
  const source = join(samples, 'peft', 'adapter-lora');
  await service.client.call('POST /register', { path: source, model: 'adapter' });
  const of = { model: 'adapter', version: '1' };
  const folder = await placed(service, of);
  for (const name of ['adapter_config.json', 'adapter_model.safetensors']) {
    const path = join(folder, name);
    const size = readFileSync(path).length;
    rmSync(path);
    writeFileSync(path, Buffer.alloc(size, 'x'));
    await placed(service, of);
    expect(readFileSync(path).equals(readFileSync(join(source, name)))).toBe(true);
  }
});

test('a version whose manifest is damaged is refused, and heals when its file is registered again', async () => {
  const service = await registered();
  await placed(service);
  const { version } = await service.client.call('GET /models/:model/versions/:version', iris);
  flipped(service, version.digest.slice('sha256:'.length));
  await expect(placed(service)).rejects.toMatchObject({ code: 'damaged' });
  const again = service.client.call('POST /register', { path: file, model: 'iris' });
  await expect(again).rejects.toMatchObject({ code: 'already-registered' });
  expect([await stateOf(service), basename(await placed(service))]).toEqual(['ready', 'model.joblib']);
});

test('good bytes that come in over a damaged blob are kept, and what is acknowledged can be promoted', async () => {
  const service = await registered();
  const sha256 = await sha256Of(service);
  flipped(service, sha256);
  const { version } = await service.client.call('POST /register', { path: file, model: 'other' });
  expect(version.state).toBe('ready');
  expect(quarantined(service)).toEqual([sha256]);
  const move = { model: 'other', version: '1', stage: 'production' };
  expect((await service.client.call('POST /models/:model/versions/:version/promote', move)).to).toBe(1);
  expect((await service.client.call('POST /verify', {})).ok).toBe(true);
});

test('a download that turns out damaged marks the version and puts its blob in quarantine', async () => {
  for (const route of [
    '/models/iris/versions/1/files/model.joblib',
    '/model-versions/get-artifact?name=iris&version=1&path=model.joblib',
  ]) {
    const service = await registered();
    const sha256 = await sha256Of(service);
    flipped(service, sha256);
    const { port, token } = service.daemon.file;
    const answer = await fetch(`http://127.0.0.1:${port}${route}`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.ok).toBe(false);
    expect([await stateOf(service), quarantined(service)]).toEqual(['damaged', [sha256]]);
  }
});

test('bytes that were swept while their version was registered are not acknowledged, and nothing is recorded', async () => {
  const service = await registered();
  const { blobs } = service.daemon.context;
  const other = join(samples, 'sklearn', 'iris-script', 'outputs', 'v2', 'model.joblib');
  const registering = service.client.call('POST /register', { path: other, model: 'late' });
  const { digest } = await blobs.own(other, dirname(other));
  const stop = setInterval(() => blobs.remove(digest), 0);
  const outcome = await registering.then(
    () => 'acknowledged',
    (error: { code: string }) => error.code,
  );
  clearInterval(stop);
  expect(outcome).toBe('conflict');
  expect((await service.client.call('GET /models', {})).items.map(({ name }) => name)).toEqual(['iris']);
  expect((await service.client.call('POST /register', { path: other, model: 'late' })).created).toBe(true);
});

test('no event names a blob that is not there', async () => {
  const service = await registered();
  const { context } = service.daemon;
  const model = String(context.db.sql('SELECT id FROM models').get()?.['id']);
  const digest = `sha256:${'0'.repeat(64)}`;
  const version = { model, number: 1 };
  const evidence = { ...version, source: 'x', digest, metrics: {}, params: {} };
  for (const event of [
    { type: 'model.card/1' as const, body: { model, digest } },
    { type: 'version.evidence/1' as const, body: evidence },
  ]) {
    const committed = context.commit({ actor: 'test' }, () => ({ events: [event], result: () => null }));
    await expect(committed).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(digest) });
  }
});
