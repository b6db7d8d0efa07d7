import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Model, Version } from '../../../daemon/protocol/model.ts';
import { startService, samples, type TestService } from '../../support/daemon.ts';

const model = 'diabetes-elasticnet';
const logged = join('588370599175255012', 'models', 'm-3a9d306e2ede49a1ad0e406de4b38398');

/** A copy of one of the sample stores, at another path than it was written to. */
async function store(name: 'filestore' | 'sqlite'): Promise<TestService & { path: string }> {
  const service = await startService();
  const folder = join(service.folder, 'elsewhere');
  cpSync(join(samples, 'mlflow', name), folder, { recursive: true });
  return { ...service, path: join(folder, name === 'sqlite' ? 'mlflow.db' : 'mlruns') };
}

async function imported({ client }: TestService): Promise<{ found: Model; versions: Version[] }> {
  const found = await client.call('GET /models/:model', { model });
  const { items } = await client.call('GET /models/:model/versions', { model });
  return { found, versions: items };
}

test.each(['filestore', 'sqlite'] as const)(
  'a %s gives its models with bytes, metrics, params, tags, aliases and times',
  async (name) => {
    const service = await store(name);
    const reply = await service.client.call('POST /import', { path: service.path });
    expect(reply).toEqual({ models: 1, versions: 2, known: 0, runs: 3, left: [] });
    const { found, versions } = await imported(service);
    expect(found.description).toBe('Elastic net on the diabetes data');
    expect(found.tags).toEqual({ domain: 'health' });
    expect(found.pointers.map(({ name: alias, holder }) => [alias, holder])).toEqual([
      ['champion', 2],
      ['previous', 1],
    ]);
    const [second, first] = versions;
    expect(second).toMatchObject({
      number: 2,
      tags: { validated: 'yes' },
      framework: 'scikit-learn',
      frameworkVersion: '1.9.1',
      files: 7,
    });
    expect(first?.metrics['rmse']).toBeCloseTo(59.52443517716543, 10);
    expect(first?.metrics['sgd_rmse']).toBeCloseTo(70.77696528569201, 10);
    expect(first?.params).toEqual({ alpha: '0.01', l1_ratio: '0.5', seed: '7', test_size: '0.25' });
    expect(new Date(first!.createdAt).toISOString().slice(0, 10)).toBe('2026-11-21');
    expect((await service.client.call('POST /verify', {})).ok).toBe(true);
    const runs = await service.client.call('GET /runs', { status: 'finished' });
    expect(runs.runs.length).toBeGreaterThan(0);
  },
);

test('a second import brings nothing, and sets nothing back that was changed here', async () => {
  const service = await store('filestore');
  await service.client.call('POST /import', { path: service.path });
  await service.client.call('POST /models/:model/versions/:version/promote', {
    model,
    version: '1',
    alias: 'champion',
  });
  const again = await service.client.call('POST /import', { path: service.path });
  expect(again).toMatchObject({ versions: 0, known: 2, left: [] });
  const { found, versions } = await imported(service);
  expect(versions).toHaveLength(2);
  expect(found.pointers.find(({ name }) => name === 'champion')?.holder).toBe(1);
});

test('files outside of the store are left out and named, and taken when that is allowed', async () => {
  const service = await store('filestore');
  const outside = join(service.folder, 'outside');
  mkdirSync(outside);
  renameSync(join(service.path, logged, 'artifacts'), join(outside, 'artifacts'));
  rmSync(join(service.path, logged), { recursive: true });
  const meta = join(service.path, 'models', model, 'version-2', 'meta.yaml');
  const location = `storage_location: file://${join(outside, 'artifacts')}`;
  writeFileSync(
    meta,
    readFileSync(meta, 'utf8')
      .replace(/^storage_location: .*$/m, location)
      .replace(/^(source|model_id): .*$/gm, '$1: x'),
  );
  const reply = await service.client.call('POST /import', { path: service.path });
  expect(reply.versions).toBe(1);
  expect(reply.left[0]).toContain(join(outside, 'artifacts'));
  expect(reply.left[1]).toContain('@champion');
  expect(await service.client.call('POST /import', { path: service.path, anywhere: true })).toMatchObject({
    versions: 1,
    known: 1,
    left: [],
  });
  expect((await imported(service)).versions.map(({ number }) => number)).toEqual([2, 1]);
});

test.each(['nothing.db', 'short.db', 'empty'])('%s is refused in one sentence', async (name) => {
  const service = await store('sqlite');
  const path = join(service.folder, name);
  if (name === 'short.db') writeFileSync(path, readFileSync(service.path).subarray(0, 5000));
  if (name === 'empty') mkdirSync(path);
  await expect(service.client.call('POST /import', { path })).rejects.toThrow(path);
  expect(service.errors).toEqual([]);
});
