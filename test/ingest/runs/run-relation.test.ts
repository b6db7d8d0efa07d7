import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunRelation } from '../../../daemon/protocol/routes/versions.ts';
import { sweep } from '../../../daemon/registry/garbage-collect.ts';
import { startService, samples, until, type TestService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));
const patience = 60_000;

function save({ out }: TestService, path: string, salt: number): string {
  const bytes = Buffer.from(weights);
  bytes.writeUInt32LE(salt, bytes.length - 4);
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), bytes);
  return join(out, path);
}

async function watched(rules: string): Promise<TestService> {
  const service = await startService({ timing: { runQuietMs: 1500 } });
  writeFileSync(join(service.out, 'plinth.yaml'), rules);
  await service.client.call('POST /roots', { path: service.out });
  return service;
}

async function relationOf({ client }: TestService, model: string, version: string): Promise<RunRelation | undefined> {
  return (await client.call('GET /models/:model/versions/:version', { model, version })).ofRun;
}

async function versionsOf({ client }: TestService, model: string): Promise<number> {
  return client.call('GET /models/:model', { model }).then(
    ({ versions }) => versions,
    () => 0,
  );
}

test('a version says which checkpoint of its run the log calls better, and that is registered; a day later other saves are forgotten', async () => {
  const service = await watched('watch:\n  - path: "{model}/{run}"\n');
  const log = join(service.out, 'net', 'r1', 'metrics.csv');
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, 'epoch,val_loss\n0,0.9\n1,0.2\n2,0.5\n');
  save(service, 'net/r1/epoch=0.safetensors', 1);
  const best = save(service, 'net/r1/epoch=1.safetensors', 2);
  save(service, 'net/r1/epoch=2.safetensors', 3);
  save(service, 'net/r1/model.safetensors', 4);
  await until(async () => (await versionsOf(service, 'net')) === 1, 'the version', patience);
  const better = { path: best, metric: 'val_loss', value: 0.2, atEnd: 0.5, isOnDisk: true };
  expect(await relationOf(service, 'net', '1')).toEqual({ later: null, better });
  const saved = async (): Promise<string[]> => {
    const { runs } = await service.client.call('GET /runs', { status: 'ended' });
    return (runs[0]?.saves ?? []).map(({ path }) => path.slice(dirname(log).length + 1)).toSorted();
  };
  expect(await saved()).toHaveLength(4);
  const { context } = service.daemon;
  const nextDay = { ...context, now: () => Date.now() + 25 * 3600_000 };
  await sweep(nextDay);
  await sweep(nextDay);
  expect(await saved()).toEqual(['epoch=1.safetensors', 'model.safetensors']);
  const { version } = await service.client.call('POST /register', { path: best });
  expect(version).toMatchObject({ model: 'net', number: 2 });
});

test('the first save of a path that its process saves again says which version is the last', async () => {
  const service = await startService();
  await service.client.call('POST /roots', { path: service.out });
  const training = train(
    service.folder,
    `save('out/fraud.safetensors', 1); await sleep(3000); save('out/fraud.safetensors', 2); await sleep(2000);
     save('out/fraud.safetensors', 3); await sleep(1000);`,
  );
  await training.ended;
  await until(async () => (await versionsOf(service, 'fraud')) === 2, 'two versions', patience);
  const first = await until(() => relationOf(service, 'fraud', '1'), 'what the run tells', patience);
  expect(first).toEqual({ later: 'fraud@2', better: null });
  expect(await relationOf(service, 'fraud', '2')).toBeUndefined();
  await service.client.call('POST /models/:model/rename', { model: 'fraud', name: 'risk' });
  expect(await relationOf(service, 'risk', '1')).toEqual({ later: 'risk@2', better: null });
});
