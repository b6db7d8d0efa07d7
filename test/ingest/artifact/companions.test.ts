import { copyFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { VersionDetail } from '../../../daemon/protocol/routes/versions.ts';
import { samples, until, untilIdle, startWatchingService, type TestService } from '../../support/daemon.ts';

const made = join(import.meta.dirname, '..', '..', 'fixtures', 'made', 'companions');

function save(name: string, target: string): string {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(made, name), target);
  return target;
}

async function versionOf({ client }: TestService, model: string): Promise<VersionDetail> {
  return until(
    async () => client.call('GET /models/:model/versions/:version', { model, version: '1' }).catch(() => undefined),
    `${model}@1`,
  );
}

async function reason({ client }: TestService, path: string): Promise<string> {
  return (await client.call('GET /why', { path })).reason;
}

async function models({ client }: TestService): Promise<string[]> {
  return (await client.call('GET /models', {})).items.map(({ name }) => name);
}

test('encoders and scalers that are saved with a model are files of its version', async () => {
  const service = await startWatchingService();
  for (const name of ['model.joblib', 'scaler.joblib', 'label_encoder.pkl', 'preprocessor.pkl'])
    save(name, join(service.out, 'churn', name));
  writeFileSync(join(service.out, 'churn', 'metrics.json'), '{"auc": 0.91}');
  const { files } = await versionOf(service, 'churn');
  expect(files.map(({ path }) => path)).toEqual([
    'label_encoder.pkl',
    'model.joblib',
    'preprocessor.pkl',
    'scaler.joblib',
  ]);
  await untilIdle(service);
  expect(await models(service)).toEqual(['churn']);
  expect(await reason(service, join(service.out, 'churn', 'scaler.joblib'))).toMatch(/^Part of .*model\.joblib/);
  const page = await service.client.call('GET /models/:model/versions', { model: 'churn' });
  expect(page.items.map(({ number, metrics }) => [number, metrics])).toEqual([[1, { auc: 0.91 }]]);
});

test('what an earlier stage saved becomes part of the model that is saved beside it later', async () => {
  const service = await startWatchingService();
  const scaler = save('scaler.joblib', join(service.out, 'churn', 'scaler.joblib'));
  await until(async () => (await reason(service, scaler)).includes('prepares the input'), 'waiting');
  expect(await models(service)).toEqual([]);
  copyFileSync(join(samples, 'keras', 'digits-run2', 'model_legacy.h5'), join(service.out, 'churn', 'net.h5'));
  const { files } = await versionOf(service, 'churn');
  expect(files.map(({ path }) => path)).toEqual(['net.h5', 'scaler.joblib']);
  expect((await service.client.call('GET /artifacts', { state: 'waiting' })).items).toEqual([]);
});

test('a scaler that no model comes to lie beside is a version after a while', async () => {
  const service = await startWatchingService({ timing: { companionMs: 5000 } });
  save('scaler.joblib', join(service.out, 'scaling', 'scaler.joblib'));
  await untilIdle(service);
  expect(await models(service)).toEqual([]);
  expect((await versionOf(service, 'scaler')).facts.modelClass).toBe('StandardScaler');
});

test('a model that was saved long before a scaler does not get it', async () => {
  const service = await startWatchingService({ timing: { companionMs: 1500 } });
  const model = save('model.joblib', join(service.out, 'churn', 'model.joblib'));
  utimesSync(model, new Date(), new Date(Date.now() - 3_600_000));
  await versionOf(service, 'churn');
  save('scaler.joblib', join(service.out, 'churn', 'scaler.joblib'));
  await until(async () => (await models(service)).length === 2, 'a model of its own');
  const page = await service.client.call('GET /models/:model/versions', { model: 'churn' });
  expect(page.items.map(({ number, files }) => [number, files])).toEqual([[1, 1]]);
});

test('a service that is started anew knows a model and its companions again', async () => {
  const service = await startWatchingService();
  for (const name of ['model.joblib', 'scaler.joblib']) save(name, join(service.out, 'churn', name));
  expect((await versionOf(service, 'churn')).files).toHaveLength(2);
  await service.client.call('POST /roots/pause', { path: service.out });
  await service.client.call('POST /roots/resume', { path: service.out });
  await untilIdle(service);
  const page = await service.client.call('GET /models/:model/versions', { model: 'churn' });
  expect([page.items.length, await models(service)]).toEqual([1, ['churn']]);
});

test('models that are each saved in two formats, and one of them with a scaler, keep nothing waiting', async () => {
  const service = await startWatchingService();
  const forest = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1');
  for (const stem of ['churn', 'fraud'])
    for (const ending of ['pkl', 'joblib']) {
      mkdirSync(join(service.out, 'zoo'), { recursive: true });
      copyFileSync(join(forest, `model.${ending}`), join(service.out, 'zoo', `${stem}.${ending}`));
    }
  save('scaler.joblib', join(service.out, 'zoo', 'scaler.joblib'));
  for (const model of ['churn', 'fraud']) expect((await versionOf(service, model)).files).toHaveLength(2);
  expect((await service.client.call('GET /artifacts', { state: 'waiting' })).items).toEqual([]);
});
