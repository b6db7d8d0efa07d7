import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Evidence } from '../../../daemon/protocol/evidence.ts';
import type { Version } from '../../../daemon/protocol/model.ts';
import { startService, samples, until, type TestService } from '../../support/daemon.ts';

const model = readFileSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'));
const other = readFileSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v2', 'model.joblib'));

function put(path: string, bytes: Buffer | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

async function watching(service: TestService, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await service.client.call('POST /roots', { path: folder });
}

async function evidenceOf(service: TestService, name: string): Promise<{ version: Version; evidence: Evidence[] }> {
  await until(
    () =>
      service.client
        .call('GET /models/:model/versions/:version', { model: name, version: '1' })
        .catch(() => false as const),
    `a version of ${name}`,
  );
  return service.client.call('GET /models/:model/versions/:version', { model: name, version: '1' });
}

test("a model has the metrics of its project's folder of reports, whether they are there before or come later", async () => {
  const service = await startService();
  await watching(service, service.out);
  put(join(service.out, 'reports', 'metrics.json'), '{"auc": 0.9}');
  put(join(service.out, 'models', 'churn.joblib'), model);
  const { version, evidence } = await evidenceOf(service, 'churn');
  expect(version.metrics).toEqual({ auc: 0.9 });
  expect(evidence.map(({ source }) => source)).toContain('../reports/metrics.json');
  put(join(service.out, 'evaluation', 'scores.json'), '{"f1": 0.8}');
  await until(
    async () => (await evidenceOf(service, 'churn')).version.metrics['f1'] === 0.8,
    'the score that came later',
  );
});

test('beside a watched folder of outputs the project has its reports above it', async () => {
  const service = await startService();
  const outputs = join(service.folder, 'churn', 'outputs');
  put(join(service.folder, 'churn', 'eval', 'metrics.csv'), 'metric,value\nauc,0.9\n');
  await watching(service, outputs);
  put(join(outputs, 'churn.joblib'), model);
  expect((await evidenceOf(service, 'churn')).version.metrics).toEqual({ auc: 0.9 });
});

test('of a project of several models the reports speak of those that they name', async () => {
  const service = await startService();
  await watching(service, service.out);
  put(join(service.out, 'reports', 'metrics.json'), '{"auc": 0.9}');
  put(join(service.out, 'reports', 'churn_metrics.json'), '{"f1": 0.7}');
  put(join(service.out, 'models', 'churn.joblib'), model);
  put(join(service.out, 'models', 'fraud.joblib'), other);
  const metrics = async (name: string): Promise<Version['metrics']> =>
    (await evidenceOf(service, name)).version.metrics;
  await until(async () => (await metrics('fraud')) !== undefined, 'both');
  expect(await metrics('fraud')).toEqual({});
  expect((await metrics('churn'))['f1']).toBe(0.7);
});

test('what dvc.yaml calls metrics is read, whatever its name', async () => {
  const service = await startService();
  put(
    join(service.out, 'dvc.yaml'),
    'stages:\n  train:\n    cmd: python train.py\n    metrics:\n      - out/prc.json: {cache: false}\n      - missing.json\nmetrics:\n  - quality.yaml\n  - ../../secret.json\n',
  );
  put(join(service.out, 'out', 'prc.json'), '{"avg_prec": 0.6}');
  put(join(service.out, 'quality.yaml'), 'roc_auc: 0.8\n');
  await watching(service, service.out);
  put(join(service.out, 'models', 'churn.joblib'), model);
  expect((await evidenceOf(service, 'churn')).version.metrics).toEqual({ avg_prec: 0.6, roc_auc: 0.8 });
});
