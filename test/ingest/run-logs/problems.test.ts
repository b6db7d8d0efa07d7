import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Version } from '../../../daemon/protocol/model.ts';
import { samples, until, untilIdle, startWatchingService, type TestService } from '../../support/daemon.ts';

const weights = readFileSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'));

function put(path: string, bytes: Buffer | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

async function versionWhere(
  service: TestService,
  model: string,
  holds: (version: Version) => boolean,
): Promise<Version> {
  return until(async () => {
    const page = await service.client.call('GET /models/:model/versions', { model }).catch(() => ({ items: [] }));
    return page.items.find(holds);
  }, `such a version of ${model}`);
}

const head = 'epoch,steps,acc,active_dims,sparsity,active_dims,sparsity';
const damage = 'its head has 7 names and its first row 5 values: it is damaged, and nothing of it is used';

test('a damaged table beside a model stands on its version, and why tells it of both files', async () => {
  const service = await startWatchingService();
  const table = put(join(service.out, 'churn', 'results.csv'), `${head}\n1,100,0.8,12.5,0.99\n`);
  const model = put(join(service.out, 'churn', 'model.joblib'), weights);
  const version = await versionWhere(service, 'churn', () => true);
  expect(version.metrics).toEqual({});
  expect(version.problems).toEqual([{ code: 'run-log', message: `results.csv: ${damage}`, source: 'results.csv' }]);
  const told = async (path: string): Promise<string> => (await service.client.call('GET /why', { path })).reason;
  expect(await told(model)).toContain(`results.csv: ${damage}`);
  expect(await told(table)).toContain(damage);
});

test('a problem goes when its file is written anew, and one that comes later stands on the version, too', async () => {
  const service = await startWatchingService();
  const table = put(join(service.out, 'churn', 'results.csv'), '0.9,0.8\n0.7,0.6\n');
  put(join(service.out, 'churn', 'model.joblib'), weights);
  await versionWhere(service, 'churn', ({ problems }) => problems.length === 1);
  writeFileSync(table, 'epoch,loss\n1,0.9\n2,0.7\n');
  const version = await versionWhere(service, 'churn', ({ problems }) => problems.length === 0);
  expect(version.metrics).toEqual({ loss: 0.7 });
  put(join(service.out, 'churn', 'metrics.txt'), 'auc: 0.9\nabout 90 % in all\n');
  const later = await versionWhere(service, 'churn', ({ problems }) => problems.length > 0);
  expect(later.problems.map(({ message }) => message)).toEqual([
    'metrics.txt: 1 of its lines is no `name: number`; left out',
  ]);
  expect(later.metrics).toEqual({ loss: 0.7, auc: 0.9 });
});

test('a file that cannot be read for a moment takes back nothing that it said', async () => {
  const service = await startWatchingService();
  const metrics = put(join(service.out, 'churn', 'metrics.json'), '{"auc": 0.9}');
  put(join(service.out, 'churn', 'model.joblib'), weights);
  await versionWhere(service, 'churn', (version) => version.metrics['auc'] === 0.9);
  writeFileSync(metrics, '{"auc": 0.');
  await untilIdle(service);
  writeFileSync(metrics, '{"auc": 0.95}');
  const version = await versionWhere(service, 'churn', (one) => one.metrics['auc'] !== 0.9);
  expect([version.metrics, version.problems]).toEqual([{ auc: 0.95 }, []]);
});
