import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { samples, until } from '../support/daemon.ts';
import { startMlflowService } from '../api/mlflow/asked.ts';
import { letters } from './examples.ts';

const model = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');

/** Returns the files below a folder that contain one of the words. */
function holding(folder: string, words: readonly string[]): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap(({ parentPath, name }) => {
    const bytes = readFileSync(join(parentPath, name));
    return words.filter((word) => bytes.includes(word)).map((word) => `${name}: ${word}`);
  });
}

test('a secret that a training wrote beside its model, logged to MLflow or printed at its deployment is nowhere in the registry', async () => {
  const service = await startMlflowService();
  const words = ['config', 'params', 'script', 'logged', 'tagged', 'source', 'printed'].map(
    (word) => `hunter2-${word}`,
  );
  const [config, params, script, logged, tagged, source, printed] = words as [string, ...string[]];
  const folder = join(service.out, 'churn');
  mkdirSync(join(service.out, '.git'));
  mkdirSync(folder);
  const run = JSON.stringify(`echo ready; echo "password: ${String(printed)}"`);
  writeFileSync(
    join(service.out, 'plinth.yaml'),
    `models: [{ match: churn, deployment: { production: { run: ${run} } } }]\n`,
  );
  writeFileSync(join(folder, 'config.yaml'), `lr: 0.1\npassword: |\n  ${config}\n`);
  writeFileSync(
    join(folder, 'params.json'),
    JSON.stringify({ lr: 0.1, db: { password: params, note: script } }).replace(
      String(script),
      `PASSWORD=${String(script)}`,
    ),
  );
  copyFileSync(model, join(folder, 'model.joblib'));
  await service.client.call('POST /roots', { path: service.out });
  const request = { model: 'churn', version: '1' };
  const detail = await until(async () => {
    const found = await service.client.call('GET /models/:model/versions/:version', request).catch(() => undefined);
    return found?.lineage && found.evidence.length > 0 ? found : undefined;
  }, 'the version with its lineage and params');
  expect(detail.lineage?.captured.map(({ path }) => path)).toContain('churn/config.yaml');
  expect(detail.evidence.map((one) => one.params)).toContainEqual(
    expect.objectContaining({ lr: 0.1, db: { password: '[redacted]', note: 'PASSWORD=[redacted]' } }),
  );

  const made = (await service.ok('POST', 'runs/create', {
    experiment_id: '0',
    tags: [{ key: 'mlflow.source.git.repoURL', value: `https://ana:${String(tagged)}@example.com/x.git` }],
  })) as { run: { info: { run_id: string } } };
  const { run_id } = made.run.info;
  await service.ok('POST', 'runs/log-parameter', { run_id, key: 'hf_token', value: logged });
  await service.ok('POST', 'runs/log-parameter', { run_id, key: 'hf_token', value: logged });
  await service.ok('POST', 'runs/log-batch', { run_id, params: [{ key: 'args', value: `--token ${letters(30)}` }] });
  const dataset = { name: 'd', digest: 'x', source_type: 'sql', source: `postgres://ana:${String(source)}@db/x` };
  await service.ok('POST', 'runs/log-inputs', { run_id, datasets: [{ dataset, tags: [] }] });

  await service.client.call('POST /trust', { path: service.out });
  await service.client.call('POST /models/:model/versions/:version/promote', { ...request, stage: 'production' });
  const deployment = await until(async () => {
    const { deployments = [] } = await service.client.call('GET /models/:model/versions/:version', request);
    return deployments.find(({ finishedAt }) => finishedAt !== null);
  }, 'the deployment');
  expect(deployment).toMatchObject({ exit: 0, said: 'password: [redacted]' });

  await service.daemon.stop();
  expect(holding(join(service.folder, 'data'), [...words.filter((word) => word !== printed), letters(30)])).toEqual([]);
}, 30_000);
