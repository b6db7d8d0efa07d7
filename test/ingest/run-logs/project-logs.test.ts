import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Evidence } from '../../../daemon/protocol/evidence.ts';
import type { Version } from '../../../daemon/protocol/model.ts';
import { here, samples, until, type Here } from '../../support/daemon.ts';

const model = readFileSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'));
const other = readFileSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v2', 'model.joblib'));

function put(path: string, bytes: Buffer | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

async function watching(place: Here, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await place.client.call('POST /roots', { path: folder });
}

async function evidenceOf(place: Here, name: string): Promise<{ version: Version; evidence: Evidence[] }> {
  await until(
    () =>
      place.client
        .call('GET /models/:model/versions/:version', { model: name, version: '1' })
        .catch(() => false as const),
    `a version of ${name}`,
  );
  return place.client.call('GET /models/:model/versions/:version', { model: name, version: '1' });
}

test("a model has the metrics of its project's folder of reports, whether they are there before or come later", async () => {
  const place = await here();
  await watching(place, place.out);
  put(join(place.out, 'reports', 'metrics.json'), '{"auc": 0.9}');
  put(join(place.out, 'models', 'churn.joblib'), model);
  const { version, evidence } = await evidenceOf(place, 'churn');
  expect(version.metrics).toEqual({ auc: 0.9 });
  expect(evidence.map(({ source }) => source)).toContain('../reports/metrics.json');
  put(join(place.out, 'evaluation', 'scores.json'), '{"f1": 0.8}');
  await until(
    async () => (await evidenceOf(place, 'churn')).version.metrics['f1'] === 0.8,
    'the score that came later',
  );
});

test('beside a watched folder of outputs the project has its reports above it', async () => {
  const place = await here();
  const outputs = join(place.folder, 'churn', 'outputs');
  put(join(place.folder, 'churn', 'eval', 'metrics.csv'), 'metric,value\nauc,0.9\n');
  await watching(place, outputs);
  put(join(outputs, 'churn.joblib'), model);
  expect((await evidenceOf(place, 'churn')).version.metrics).toEqual({ auc: 0.9 });
});

test('of a project of several models the reports speak of those that they name', async () => {
  const place = await here();
  await watching(place, place.out);
  put(join(place.out, 'reports', 'metrics.json'), '{"auc": 0.9}');
  put(join(place.out, 'reports', 'churn_metrics.json'), '{"f1": 0.7}');
  put(join(place.out, 'models', 'churn.joblib'), model);
  put(join(place.out, 'models', 'fraud.joblib'), other);
  const metrics = async (name: string): Promise<Version['metrics']> => (await evidenceOf(place, name)).version.metrics;
  await until(async () => (await metrics('fraud')) !== undefined, 'both');
  expect(await metrics('fraud')).toEqual({});
  expect((await metrics('churn'))['f1']).toBe(0.7);
});

test('what dvc.yaml calls metrics is read, whatever its name', async () => {
  const place = await here();
  put(
    join(place.out, 'dvc.yaml'),
    'stages:\n  train:\n    cmd: python train.py\n    metrics:\n      - out/prc.json: {cache: false}\n      - missing.json\nmetrics:\n  - quality.yaml\n  - ../../secret.json\n',
  );
  put(join(place.out, 'out', 'prc.json'), '{"avg_prec": 0.6}');
  put(join(place.out, 'quality.yaml'), 'roc_auc: 0.8\n');
  await watching(place, place.out);
  put(join(place.out, 'models', 'churn.joblib'), model);
  expect((await evidenceOf(place, 'churn')).version.metrics).toEqual({ avg_prec: 0.6, roc_auc: 0.8 });
});
