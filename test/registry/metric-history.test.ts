import { expect, test } from 'vitest';
import { startService, threeVersions } from '../support/daemon.ts';

test('metrics over the versions of a model have one value a version, the oldest first', async () => {
  const { client } = await startService();
  await threeVersions(client);
  const history = await client.call('GET /models/:model/metrics', { model: 'iris' });
  expect(history.versions).toEqual([1, 2, 3]);
  const { items } = await client.call('GET /models/:model/versions', { model: 'iris' });
  const oldestFirst = items.toReversed().map(({ metrics }) => metrics['accuracy'] ?? null);
  expect(history.metrics['accuracy']).toEqual(oldestFirst);
  const newest = await client.call('GET /models/:model/metrics', { model: 'iris', limit: 2 });
  expect(newest.versions).toEqual([2, 3]);
});

test('pinned metrics keep their order, the first is the primary one, and a change of them can be undone', async () => {
  const { client } = await startService();
  await threeVersions(client);
  const model = (): ReturnType<typeof client.call<'GET /models/:model'>> =>
    client.call('GET /models/:model', { model: 'iris' });
  const pin = (metrics: string[]): ReturnType<typeof client.call<'POST /models/:model/metrics'>> =>
    client.call('POST /models/:model/metrics', { model: 'iris', metrics });
  await pin(['f1', 'accuracy', 'f1']);
  expect((await model()).pinnedMetrics).toEqual(['f1', 'accuracy']);
  expect((await model()).primaryMetric?.name).toBe('f1');
  await client.call('POST /models/:model/metric', { model: 'iris', metric: 'accuracy' });
  expect((await model()).pinnedMetrics).toEqual(['accuracy', 'f1']);
  const { seq } = await pin([]);
  expect((await model()).primaryMetric?.chosenBy).toBe('versions');
  await client.call('POST /undo', { seq });
  expect((await model()).pinnedMetrics).toEqual(['accuracy', 'f1']);
});
