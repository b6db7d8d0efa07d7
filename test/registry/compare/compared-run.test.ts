import { expect, test } from 'vitest';
import { runReference } from '../../../daemon/shared/references.ts';
import { startMlflowService } from '../../api/mlflow/asked.ts';
import { rowNamed } from '../../support/comparison.ts';

test('runs that an MLflow client logged are compared by their last values, params and curves before they have a version', async () => {
  const { client, ok } = await startMlflowService();
  const logged = async (name: string, lr: string, losses: readonly number[]): Promise<string> => {
    const made = await ok('POST', 'runs/create', { experiment_id: '0', run_name: name, start_time: 1 });
    const { run_id } = (made['run'] as { info: { run_id: string } }).info;
    const metrics = losses.map((value, step) => ({ key: 'val_loss', value, timestamp: 1000 + step, step }));
    await ok('POST', 'runs/log-batch', { run_id, metrics, params: [{ key: 'lr', value: lr }] });
    return run_id;
  };
  await logged('a, 100 %', '0.1', [0.9, 0.5, 0.4]);
  await logged('b', '0.2', [0.8, 0.6]);
  const { runs } = await client.call('GET /runs', {});
  const ids = ['a, 100 %', 'b'].map((name) => runs.find(({ folder }) => folder.endsWith(`/${name}`))?.id ?? '');
  const versions = ids.map(runReference).join(',');
  const reply = await client.call('GET /compare', { versions });
  expect(reply.columns.map(({ kind, run }) => [kind, run])).toEqual([
    ['run', 'mlflow:/Default/a, 100 %'],
    ['run', 'mlflow:/Default/b'],
  ]);
  expect(rowNamed(reply.metrics, 'val_loss')).toMatchObject({ values: [0.4, 0.6], better: [null, false] });
  expect(rowNamed(reply.params, 'lr').differs).toBe(true);
  expect((await client.call('GET /series', { versions })).metrics.map(({ metric }) => metric)).toEqual(['val_loss']);
  const [points] = await client.points(ids.map(runReference), 'val_loss', 100);
  expect([[...(points?.steps ?? [])], [...(points?.values ?? [])]]).toEqual([
    [0, 1, 2],
    [0.9, 0.5, 0.4],
  ]);
  const gone = runReference('mlflow:/Default/0123');
  await expect(client.call('GET /compare', { versions: `${versions},${gone}` })).rejects.toThrow(
    'There is no run 0123 of an MLflow client.',
  );
});
