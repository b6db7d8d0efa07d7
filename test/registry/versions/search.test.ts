import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Client } from '../../../daemon/clients/client/request.ts';
import { samples, startService, threeVersions, until, type TestService } from '../../support/daemon.ts';

async function startIris(): Promise<TestService> {
  const service = await startService();
  await threeVersions(service.client);
  const path = join(samples, 'xgboost', 'breast-cancer', 'run-001', 'model.ubj');
  await service.client.call('POST /register', { path, model: 'breast' });
  return service;
}

async function found(client: Client, request: Parameters<typeof call>[1]): Promise<string[]> {
  return (await call(client, request)).items.map(({ model, number }) => `${model}@${number}`);
}

function call(
  client: Client,
  request: { models?: string; where?: string; sort?: string; limit?: number; cursor?: string },
) {
  return client.call('GET /versions', request);
}

test('versions are found over all models by metric, stage, alias and tag, and sorted by a metric with the best first', async () => {
  const { client } = await startIris();
  const log = async (version: string, auc: number | string): Promise<void> => {
    const metrics = { val_auc: auc };
    await client.call('POST /models/:model/versions/:version/metrics', { model: 'iris', version, metrics });
  };
  await Promise.all([log('1', 0.91), log('2', 0.95), log('3', 'NaN')]);
  await client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '2',
    stage: 'production',
  });
  await client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '1',
    alias: 'champion',
  });
  await client.call('POST /models/:model/versions/:version/tag', {
    model: 'iris',
    version: '3',
    key: 'team',
    value: 'a b',
  });

  expect(await found(client, { sort: 'val_auc' })).toEqual(['iris@2', 'iris@1', 'iris@3', 'breast@1']);
  expect(await found(client, { where: 'val_auc > 0.9 and stage = production' })).toEqual(['iris@2']);
  expect(await found(client, { where: 'alias = champion or tags.team = "a b"', sort: 'version' })).toEqual([
    'iris@1',
    'iris@3',
  ]);
  expect(await found(client, { models: 'bre*' })).toEqual(['breast@1']);
  expect(await found(client, { models: 'iris', where: 'not val_auc > 0.9' })).toEqual([]);
  expect(await found(client, { models: 'none*' })).toEqual([]);
  await expect(found(client, { models: 'none' })).rejects.toThrow('There is no model none.');
});

test('a mistake in a filter or an order is refused with its place, and an unknown name is reported', async () => {
  const { client } = await startIris();
  await expect(call(client, { where: 'val_auc >> 1' })).rejects.toMatchObject({
    code: 'invalid-request',
    message: expect.stringMatching(/^Cannot read the filter at character 10: ">" is not expected here/) as string,
    details: { at: 9 },
  });
  await expect(call(client, { sort: 'a b c' })).rejects.toThrow('Cannot read the sort order at character 1');
  await expect(call(client, { where: 'age < 7' })).rejects.toThrow('Write 7 with a unit');
  expect(await call(client, { where: 'acuracy > 0 or stage = none' })).toMatchObject({
    items: [],
    total: 0,
    unknown: ['acuracy'],
  });
  const sorted = await call(client, { where: 'model = iris', sort: 'acuracy, accuracy', limit: 5000 });
  expect([sorted.items.length, sorted.unknown]).toEqual([3, ['acuracy']]);
});

test('pages of a search continue where the last one ended', async () => {
  const { client } = await startIris();
  const first = await call(client, { sort: 'version desc, model', limit: 3 });
  const second = await call(client, { sort: 'version desc, model', limit: 3, cursor: first.next! });
  expect([first.total, first.items.length, second.items.length, second.next]).toEqual([4, 3, 1, null]);
  expect(new Set([...first.items, ...second.items].map(({ seq }) => seq)).size).toBe(4);
});

test('runs of MLflow clients are found by metric, param and tag', async () => {
  const { client, daemon } = await startService();
  const { token } = await client.call('GET /mlflow', {});
  const post = async (path: string, body: object): Promise<{ run: { info: { run_id: string } } }> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const url = `http://127.0.0.1:${daemon.file.port}/api/2.0/mlflow/runs/${path}`;
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json() as never;
  };
  for (const [name, auc, lr] of [
    ['one', 0.8, '0.1'],
    ['two', 0.9, '0.01'],
    ['three', 0.7, '0.001'],
  ] as const) {
    const { run_id } = (await post('create', { experiment_id: '0', run_name: name, start_time: 1 })).run.info;
    const metrics = [{ key: 'val_auc', value: auc, timestamp: 1, step: 0 }];
    const tags = [{ key: 'team', value: name === 'two' ? 'risk' : 'fraud' }];
    await post('log-batch', { run_id, metrics, params: [{ key: 'lr', value: lr }], tags });
  }
  const names = async (where: string, sort?: string): Promise<string[]> =>
    (await client.call('GET /runs', { where, sort })).runs.map(({ folder }) => folder.split('/').at(-1)!);
  await until(async () => (await names('', 'val_auc')).join() === 'two,one,three', 'the runs in order');
  expect(await names('val_auc >= 0.8 and lr < 0.05')).toEqual(['two']);
  expect(await names('tags.team = fraud', 'lr')).toEqual(['three', 'one']);
  expect(await names('status = running and started < 2000-01-01', 'lr desc')).toEqual(['one', 'two', 'three']);
  await expect(names('lr <')).rejects.toThrow('Cannot read the filter at character 5');
});
