import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { copySample, here, samples, until, type Here } from '../../support/daemon.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));

/** Saves a unique model, so that it becomes a version of its own. */
function save({ out }: Here, path: string, salt: number): string {
  const bytes = Buffer.from(weights);
  bytes.writeUInt32LE(salt, bytes.length - 4);
  return write(join(out, path), bytes);
}

function write(path: string, content: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function namesIn(place: Here, count: number): Promise<string[]> {
  await place.client.call('POST /roots', { path: place.out });
  const listed = async (): Promise<string[] | undefined> => {
    const { items } = await place.client.call('GET /models', {});
    const total = items.reduce((sum, { versions }) => sum + versions, 0);
    return total >= count ? items.map(({ name }) => name).toSorted() : undefined;
  };
  return until(listed, `${count} versions`, 60_000);
}

test('an artifact that dvc.yaml or artifacts.yaml names is called so, and its neighbours are not', async () => {
  const place = await here();
  copySample(join('dvc', 'pipeline'), join(place.out, 'pipeline'));
  write(join(place.out, 'gto', 'artifacts.yaml'), 'churn:\n  type: model\n  path: out/model.safetensors\n');
  const path = save(place, 'gto/out/model.safetensors', 1);
  save(place, 'gto/other/best_rent.safetensors', 2);
  expect(await namesIn(place, 3)).toEqual(['churn', 'rent', 'wine-sgd']);
  expect(await place.client.call('GET /why', { path })).toMatchObject({
    named: { by: 'tracker', from: join(place.out, 'gto', 'artifacts.yaml') },
  });
});

test('registered models of MLflow give their names to the models of their runs, in mlruns and in mlflow.db', async () => {
  const place = await here();
  copySample(join('mlflow', 'filestore'), join(place.out, 'files'));
  copySample(join('mlflow', 'sqlite'), join(place.out, 'base'));
  const names = await namesIn(place, 4);
  expect(names).toContain('diabetes-elasticnet');
  expect(names).not.toContain('files');
  expect(names).not.toContain('base');
});

test('a plain checkpoint is called as the job that saved it: the project of W&B, the job of Hydra', async () => {
  const place = await here({ timing: { runQuietMs: 1500 } });
  copySample('wandb', join(place.out, 'one'));
  copySample(join('npz', 'weights.npz'), join(place.out, 'one', 'model.npz'));
  copySample(join('hydra', 'outputs', '2026-11-21'), join(place.out, 'two', 'outputs', '2026-11-21'));
  for (const time of ['08-43-52', '08-43-56']) {
    const settings = join(place.out, 'two', 'outputs', '2026-11-21', time, '.hydra', 'hydra.yaml');
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('    name: train\n', '    name: fit_churn\n'));
  }
  expect(await namesIn(place, 3)).toEqual(['digits', 'fit_churn']);
});

test('a model that W&B logged as an artifact is called so, and a file of another size is not', async () => {
  const place = await here();
  copySample('wandb', join(place.out, 'logged'));
  copySample('wandb', join(place.out, 'other'));
  copySample(join('npz', 'weights.npz'), join(place.out, 'other', 'model.npz'));
  expect(await namesIn(place, 2)).toEqual(['digits', 'digits-model']);
  const { named } = await place.client.call('GET /why', { path: join(place.out, 'logged', 'model.npz') });
  expect(named?.by).toBe('tracker');
  expect(named?.from).toMatch(/run-4n3lea50\.wandb$/);
});

test('checkpoints of Lightning are called as their logger, whatever it calls the version', async () => {
  const place = await here({ timing: { runQuietMs: 1500 } });
  const run = join(place.out, 'lightning_logs', 'churn', 'baseline');
  copySample(join('lightning', 'lightning_logs', 'version_1'), run);
  expect(await namesIn(place, 1)).toEqual(['churn']);
  const path = join(run, 'checkpoints', 'last.ckpt');
  const { named } = await place.client.call('GET /why', { path });
  expect(named).toEqual({ by: 'tracker', from: join(run, 'hparams.yaml') });
});

test('a name that a person gave stays, also where a tracker says another one later; a former name leads to it', async () => {
  const place = await here();
  save(place, 'claims/model.safetensors', 1);
  expect(await namesIn(place, 1)).toEqual(['claims']);
  expect(await place.client.call('GET /models/:model', { model: 'claims' })).toMatchObject({
    named: { by: 'folder', from: 'claims' },
  });
  await place.client.call('POST /models/:model/rename', { model: 'claims', name: 'risk' });
  write(join(place.out, 'claims', 'dvc.yaml'), 'artifacts:\n  churn:\n    path: model.safetensors\n    type: model\n');
  save(place, 'claims/model.safetensors', 2);
  await until(
    async () => (await place.client.call('GET /models/:model', { model: 'risk' })).versions === 2,
    'a second version',
    60_000,
  );
  expect(await place.client.call('GET /models/:model', { model: 'risk' })).toMatchObject({ named: { by: 'user' } });
});

test('what trackers left in no known form names nothing', async () => {
  const place = await here();
  write(join(place.out, 'fraud', 'dvc.yaml'), 'artifacts: [\n');
  write(join(place.out, 'fraud', 'artifacts.yaml'), 'x: {path: 3}\n"": {path: model.safetensors, type: dataset}\n');
  write(join(place.out, 'fraud', 'mlflow.db'), 'no database');
  write(join(place.out, 'fraud', '.hydra', 'hydra.yaml'), 'hydra: {job: {name: [1]}}');
  write(join(place.out, 'fraud', 'wandb', 'run-20261121_090726-4n3lea50', 'run-4n3lea50.wandb'), ':W&B');
  cpSync(join(place.out, 'fraud', 'mlflow.db'), join(place.out, 'fraud', 'registered_model_meta'));
  save(place, 'fraud/model.safetensors', 1);
  expect(await namesIn(place, 1)).toEqual(['fraud']);
});
