import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startService, samples } from '../support/daemon.ts';
import { mlflowPython, runPython } from './python.ts';

const steps = [
  'a run is logged with params, metrics, tags and files in folders',
  'runs are searched by metric, param and tag',
  'a model is logged, registered, aliased and loaded in every way',
  'stages move, and a search finds models and versions',
  'what an alias holds cannot be deleted; what nothing holds can',
  "a version's bytes stay what they were when its artifacts are overwritten",
  'autolog notes a training by itself',
  'experiments and runs are deleted, restored, renamed and searched',
  'a large file goes up and comes down as it was',
  'what a folder was watched for is loaded by MLflow too',
];

test(
  'unmodified MLflow scripts log, register, promote, search and load here',
  { timeout: 1_800_000 },
  async (context) => {
    const found = mlflowPython();
    if ('reason' in found) {
      Object.assign(context.task.meta, { reason: found.reason });
      return context.skip(found.reason);
    }
    const service = await startService();
    for (const file of ['model.joblib', 'model.pkl'])
      await service.client.call('POST /register', {
        path: join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', file),
        model: file,
      });
    const { token } = await service.client.call('GET /mlflow', {});
    const { code, out, err } = await runPython(found.python, [join(import.meta.dirname, 'flow.py')], {
      MLFLOW_TRACKING_URI: `http://127.0.0.1:${service.daemon.file.port}`,
      MLFLOW_TRACKING_TOKEN: token,
      FLOW_LARGE_MB: '100',
      FLOW_SEEN: 'models:/model.joblib/1 models:/model.pkl/1',
    });
    expect([code, err.slice(-3000)]).toEqual([0, expect.anything()]);
    expect(out.split('\n').filter((line) => line.startsWith('ok '))).toEqual(steps.map((step) => `ok ${step}`));
    expect(service.errors).toEqual([]);
    const { items } = await service.client.call('GET /models/:model/history', { model: 'churn' });
    expect(items.map(({ type }) => type)).toContain('pointer.moved/1');
  },
);
