import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { copySample, startService, samples, until, type TestService } from '../../support/daemon.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));

/** Saves a unique model, so that it becomes a version of its own. */
function save({ out }: TestService, path: string, salt: number): string {
  const bytes = Buffer.from(weights);
  bytes.writeUInt32LE(salt, bytes.length - 4);
  return write(join(out, path), bytes);
}

function write(path: string, content: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function namesIn(service: TestService, count: number): Promise<string[]> {
  await service.client.call('POST /roots', { path: service.out });
  const listed = async (): Promise<string[] | undefined> => {
    const { items } = await service.client.call('GET /models', {});
    const total = items.reduce((sum, { versions }) => sum + versions, 0);
    return total >= count ? items.map(({ name }) => name).toSorted() : undefined;
  };
  return until(listed, `${count} versions`, 60_000);
}

test('an artifact that dvc.yaml or artifacts.yaml names is called so, and its neighbours are not', async () => {
  const service = await startService();
  copySample(join('dvc', 'pipeline'), join(service.out, 'pipeline'));
  write(join(service.out, 'gto', 'artifacts.yaml'), 'churn:\n  type: model\n  path: out/model.safetensors\n');
  const path = save(service, 'gto/out/model.safetensors', 1);
  save(service, 'gto/other/best_rent.safetensors', 2);
  expect(await namesIn(service, 3)).toEqual(['churn', 'rent', 'wine-sgd']);
  expect(await service.client.call('GET /why', { path })).toMatchObject({
    named: { by: 'tracker', from: join(service.out, 'gto', 'artifacts.yaml') },
  });
});

test('registered models of MLflow give their names to the models of their runs, in mlruns and in mlflow.db', async () => {
  const service = await startService();
  copySample(join('mlflow', 'filestore'), join(service.out, 'files'));
  copySample(join('mlflow', 'sqlite'), join(service.out, 'base'));
  const names = await namesIn(service, 4);
  expect(names).toContain('diabetes-elasticnet');
  expect(names).not.toContain('files');
  expect(names).not.toContain('base');
});

test('a plain checkpoint is called as the job that saved it: the project of W&B, the job of Hydra', async () => {
  const service = await startService({ timing: { runQuietMs: 1500 } });
  copySample('wandb', join(service.out, 'one'));
  copySample(join('npz', 'weights.npz'), join(service.out, 'one', 'model.npz'));
  copySample(join('hydra', 'outputs', '2026-11-21'), join(service.out, 'two', 'outputs', '2026-11-21'));
  for (const time of ['08-43-52', '08-43-56']) {
    const settings = join(service.out, 'two', 'outputs', '2026-11-21', time, '.hydra', 'hydra.yaml');
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('    name: train\n', '    name: fit_churn\n'));
  }
  expect(await namesIn(service, 3)).toEqual(['digits', 'fit_churn']);
});

test('a model that W&B logged as an artifact is called so, and a file of another size is not', async () => {
  const service = await startService();
  copySample('wandb', join(service.out, 'logged'));
  copySample('wandb', join(service.out, 'other'));
  copySample(join('npz', 'weights.npz'), join(service.out, 'other', 'model.npz'));
  expect(await namesIn(service, 2)).toEqual(['digits', 'digits-model']);
  const { named } = await service.client.call('GET /why', { path: join(service.out, 'logged', 'model.npz') });
  expect(named?.by).toBe('tracker');
  expect(named?.from).toMatch(/run-4n3lea50\.wandb$/);
});

test('checkpoints of Lightning are called as their logger, whatever it calls the version', async () => {
  const service = await startService({ timing: { runQuietMs: 1500 } });
  const run = join(service.out, 'lightning_logs', 'churn', 'baseline');
  copySample(join('lightning', 'lightning_logs', 'version_1'), run);
  expect(await namesIn(service, 1)).toEqual(['churn']);
  const path = join(run, 'checkpoints', 'last.ckpt');
  const { named } = await service.client.call('GET /why', { path });
  expect(named).toEqual({ by: 'tracker', from: join(run, 'hparams.yaml') });
});

test('a name that a person gave stays, also where a tracker says another one later; a former name leads to it', async () => {
  const service = await startService();
  save(service, 'claims/model.safetensors', 1);
  expect(await namesIn(service, 1)).toEqual(['claims']);
  expect(await service.client.call('GET /models/:model', { model: 'claims' })).toMatchObject({
    named: { by: 'folder', from: 'claims' },
  });
  await service.client.call('POST /models/:model/rename', { model: 'claims', name: 'risk' });
  write(
    join(service.out, 'claims', 'dvc.yaml'),
    'artifacts:\n  churn:\n    path: model.safetensors\n    type: model\n',
  );
  save(service, 'claims/model.safetensors', 2);
  await until(
    async () => (await service.client.call('GET /models/:model', { model: 'risk' })).versions === 2,
    'a second version',
    60_000,
  );
  expect(await service.client.call('GET /models/:model', { model: 'risk' })).toMatchObject({ named: { by: 'user' } });
});

test('what trackers left in no known form names nothing', async () => {
  const service = await startService();
  write(join(service.out, 'fraud', 'dvc.yaml'), 'artifacts: [\n');
  write(join(service.out, 'fraud', 'artifacts.yaml'), 'x: {path: 3}\n"": {path: model.safetensors, type: dataset}\n');
  write(join(service.out, 'fraud', 'mlflow.db'), 'no database');
  write(join(service.out, 'fraud', '.hydra', 'hydra.yaml'), 'hydra: {job: {name: [1]}}');
  write(join(service.out, 'fraud', 'wandb', 'run-20261121_090726-4n3lea50', 'run-4n3lea50.wandb'), ':W&B');
  cpSync(join(service.out, 'fraud', 'mlflow.db'), join(service.out, 'fraud', 'registered_model_meta'));
  save(service, 'fraud/model.safetensors', 1);
  expect(await namesIn(service, 1)).toEqual(['fraud']);
});
