import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startService } from '../support/daemon.ts';
import { mlflowPython, runPython } from './python.ts';
import { shakyWayTo } from './shaky.ts';

test('an MLflow script whose every request fails once logs each thing once', { timeout: 600_000 }, async (context) => {
  const found = mlflowPython();
  if ('reason' in found) {
    Object.assign(context.task.meta, { reason: found.reason });
    return context.skip(found.reason);
  }
  const service = await startService();
  const { token } = await service.client.call('GET /mlflow', {});
  const way = await shakyWayTo(service.daemon.file.port);
  const { code, out, err } = await runPython(found.python, [join(import.meta.dirname, 'retries.py')], {
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${way.port}`,
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0',
    MLFLOW_HTTP_REQUEST_BACKOFF_JITTER: '0',
  });
  expect([code, out.includes('ok'), err.slice(-3000)]).toEqual([0, true, expect.anything()]);
  expect(way.failed()).toBeGreaterThan(20);
});
