import { expect, test } from 'vitest';
import { until } from '../../support/daemon.ts';
import { startMlflowService, runIn } from './asked.ts';

const create = 'experiments/create';

test('experiments are made, found, renamed, tagged, deleted and restored', async () => {
  const service = await startMlflowService();
  expect(await service.ok('GET', 'experiments/get', { experiment_id: '0' })).toMatchObject({
    experiment: { name: 'Default', lifecycle_stage: 'active', artifact_location: 'mlflow-artifacts:/0' },
  });
  const tags = [{ key: 'team', value: 'red' }];
  const { experiment_id: id } = await service.ok('POST', create, { name: 'one', tags });
  expect(await service.refused('POST', create, { name: 'one' })).toMatch(/^400 RESOURCE_ALREADY_EXISTS/);
  await service.ok('POST', 'experiments/update', { experiment_id: id, new_name: 'two' });
  await service.ok('POST', 'experiments/set-experiment-tag', { experiment_id: id, key: 'k', value: 'v' });
  await service.ok('POST', 'experiments/delete-experiment-tag', { experiment_id: id, key: 'team' });
  expect(await service.ok('GET', 'experiments/get-by-name', { experiment_name: 'two' })).toMatchObject({
    experiment: {
      experiment_id: id,
      artifact_location: `mlflow-artifacts:/${String(id)}`,
      tags: [{ key: 'k', value: 'v' }],
    },
  });
  await service.ok('POST', 'experiments/delete', { experiment_id: id });
  expect(await service.refused('POST', 'experiments/delete', { experiment_id: id })).toMatch(/RESOURCE_DOES_NOT_EXIST/);
  expect(await service.refused('POST', create, { name: 'two' })).toMatch(
    /Experiment\(name=two\) already exists\. It is deleted/,
  );
  expect(await service.refused('POST', 'runs/create', { experiment_id: id })).toMatch(/^400 INVALID_PARAMETER_VALUE/);
  await service.ok('POST', 'experiments/restore', { experiment_id: id });
  expect(await service.refused('GET', 'experiments/get', { experiment_id: '99' })).toBe(
    '404 RESOURCE_DOES_NOT_EXIST: No Experiment with id=99 exists',
  );
  expect(await service.refused('GET', 'experiments/get', { experiment_id: 'x' })).toMatch(/^400 INVALID/);
});

test('experiments are searched newest first, page by page, with a token that outlives another page size', async () => {
  const service = await startMlflowService();
  for (const name of ['a', 'ab', 'Abc']) await service.ok('POST', create, { name, tags: [{ key: 'n', value: name }] });
  const names = async (fields: object): Promise<string[]> => {
    const { experiments = [] } = (await service.ok('POST', 'experiments/search', fields)) as {
      experiments?: { name: string }[];
    };
    return experiments.map(({ name }) => name);
  };
  expect(await service.refused('POST', 'experiments/search', {})).toMatch(/parameter 'max_results' supplied/);
  expect(await names({ max_results: 10 })).toEqual(['Abc', 'ab', 'a', 'Default']);
  expect(await names({ max_results: 10, filter: "name ILIKE 'ab%'", order_by: ['name ASC'] })).toEqual(['Abc', 'ab']);
  expect(await names({ max_results: 10, filter: "name LIKE 'ab%'" })).toEqual(['ab']);
  expect(await names({ max_results: 10, filter: 'tags.n IS NULL' })).toEqual(['Default']);
  const page = await service.ok('POST', 'experiments/search', { max_results: 1 });
  expect(await names({ max_results: 2, page_token: page['next_page_token'] })).toEqual(['ab', 'a']);
  expect(await service.refused('POST', 'experiments/search', { max_results: 1, page_token: 'evilhax' })).toMatch(
    /Invalid page token, could not base64-decode/,
  );
});

test('a run keeps what it is told, in the words and types that clients read', async () => {
  const service = await startMlflowService();
  const id = await runIn(service, {
    run_name: 'r',
    user_id: 'ana',
    start_time: '12',
    tags: [{ key: 't', value: '1' }],
  });
  await service.ok('POST', 'runs/log-parameter', { run_uuid: id, key: 'p', value: 'x' });
  await service.ok('POST', 'runs/log-parameter', { run_id: id, key: 'p', value: 'x' });
  await service.ok('POST', 'runs/log-parameter', { run_id: id, key: 'empty' });
  expect(await service.refused('POST', 'runs/log-parameter', { run_id: id, key: 'p', value: 'y' })).toMatch(
    /400 INVALID_PARAMETER_VALUE: Changing param values is not allowed/,
  );
  for (const [value, step] of [
    [1.5, 2],
    ['NaN', 1],
    ['Infinity', 3],
    [1.5, 2],
  ])
    await service.ok('POST', 'runs/log-metric', { run_id: id, key: 'm', value, timestamp: 7, step });
  const { run } = await service.ok('GET', 'runs/get', { run_id: id });
  expect(run).toMatchObject({
    info: { run_id: id, run_uuid: id, run_name: 'r', user_id: 'ana', start_time: 12, status: 'RUNNING' },
    data: {
      metrics: [{ key: 'm', value: Number.MAX_VALUE, timestamp: 7, step: 3 }],
      params: [
        { key: 'empty', value: '' },
        { key: 'p', value: 'x' },
      ],
      tags: [
        { key: 'mlflow.runName', value: 'r' },
        { key: 't', value: '1' },
      ],
    },
  });
  expect(run).toMatchObject({ info: { artifact_uri: `mlflow-artifacts:/0/${id}/artifacts` } });
  expect((run as { info: object }).info).not.toHaveProperty('end_time');
  const { metrics } = await service.ok('GET', 'metrics/get-history', { run_id: id, metric_key: 'm' });
  expect((metrics as { value: unknown }[]).map(({ value }) => value)).toEqual(['NaN', 1.5, Number.MAX_VALUE]);
  expect(await service.ok('GET', 'metrics/get-history', { run_id: 'none', metric_key: 'm' })).toEqual({});
});

test('a run is renamed by its tag and the tag by its name; without a status the status stays', async () => {
  const service = await startMlflowService();
  const id = await runIn(service);
  await service.ok('POST', 'runs/set-tag', { run_id: id, key: 'mlflow.runName', value: 'new' });
  expect(await service.ok('POST', 'runs/update', { run_id: id })).toMatchObject({
    run_info: { run_name: 'new', status: 'RUNNING' },
  });
  await service.ok('POST', 'runs/update', { run_id: id, run_name: 'newer', status: 'FINISHED', end_time: 9 });
  expect(await service.ok('GET', 'runs/get', { run_id: id })).toMatchObject({
    run: {
      info: { run_name: 'newer', status: 'FINISHED', end_time: 9 },
      data: { tags: [{ key: 'mlflow.runName', value: 'newer' }] },
    },
  });
  const both = { experiment_id: '0', run_name: 'a', tags: [{ key: 'mlflow.runName', value: 'b' }] };
  expect(await service.refused('POST', 'runs/create', both)).toMatch(/^400 INVALID_PARAMETER_VALUE/);
  expect(await service.refused('POST', 'runs/delete-tag', { run_id: id, key: 'no' })).toMatch(
    /^404 RESOURCE_DOES_NOT_EXIST: No tag with name: no/,
  );
});

test('a deleted run takes no notes until it is restored', async () => {
  const service = await startMlflowService();
  const id = await runIn(service);
  await service.ok('POST', 'runs/delete', { run_id: id });
  await service.ok('POST', 'runs/delete', { run_id: id });
  const metric = { run_id: id, key: 'm', value: 1, timestamp: 1 };
  expect(await service.refused('POST', 'runs/log-metric', metric)).toMatch(/The run \w+ must be in the 'active' state/);
  await service.ok('POST', 'runs/restore', { run_id: id });
  await service.ok('POST', 'runs/log-metric', metric);
  expect(await service.refused('GET', 'runs/get', { run_id: 'none' })).toBe(
    '404 RESOURCE_DOES_NOT_EXIST: Run with id=none not found',
  );
});

test('a batch is kept whole or not at all, and within its limits', async () => {
  const service = await startMlflowService();
  const id = await runIn(service);
  const metrics = Array.from({ length: 1000 }, (_, step) => ({ key: 'm', value: step, timestamp: 1, step }));
  await service.ok('POST', 'runs/log-batch', { run_id: id, metrics });
  const page = await service.ok('GET', 'metrics/get-history', { run_id: id, metric_key: 'm', max_results: 900 });
  expect(page['metrics']).toHaveLength(900);
  const rest = { run_id: id, metric_key: 'm', page_token: page['next_page_token'] };
  expect((await service.ok('GET', 'metrics/get-history', rest))['metrics']).toHaveLength(100);
  const params = [{ key: 'p', value: '1' }];
  await service.ok('POST', 'runs/log-batch', { run_id: id, params });
  const conflict = { run_id: id, params: [{ key: 'p', value: '2' }], tags: [{ key: 'late', value: 'x' }] };
  expect(await service.refused('POST', 'runs/log-batch', conflict)).toMatch(/Changing param values/);
  expect(JSON.stringify(await service.ok('GET', 'runs/get', { run_id: id }))).not.toContain('late');
  const refusals: [object, RegExp][] = [
    [{ metrics: [...metrics, ...metrics] }, /at most 1000 metrics/],
    [{ params: [...params, ...params] }, /Duplicate parameter keys/],
    [{ metrics: [{ key: 'm', value: 1 }] }, /Missing value for required parameter 'metrics\[0\]\.timestamp'/],
    [{ params: [{ value: 'x' }] }, /Missing value for required parameter 'params\[0\]\.key'/],
    [
      { metrics: [{ key: 'm', value: 'foo', timestamp: 1 }] },
      /Invalid value "foo" for parameter 'metrics\[0\]\.value'/,
    ],
    [{ metrics: [...metrics.slice(1), { key: 'm', value: 1, timestamp: 2.5, step: 'x' }] }, /'metrics\[999\]\.step'/],
    [{ metrics: [metrics[0], { key: 'm/../n', value: 1, timestamp: 1, step: 1 }] }, /must not resolve to other names/],
    [{ metrics: [metrics[0], { key: '', value: 1, timestamp: 1, step: 1 }] }, /'metrics\[1\]\.key'/],
    [{ metrics: [metrics[0], { key: 'm', value: 1, timestamp: 1, step: 1, model_id: 7 }] }, /metrics\[1\]\.model_id/],
    [{ tags: [{ key: '../x', value: '' }] }, /^400 INVALID_PARAMETER_VALUE/],
    [{ tags: [{ key: 'a#b', value: '' }] }, /Names may only contain/],
    [{ tags: [{ key: 'k'.repeat(251), value: '' }] }, /exceeds the maximum length of 250 characters/],
  ];
  for (const [fields, told] of refusals)
    expect(await service.refused('POST', 'runs/log-batch', { run_id: id, ...fields })).toMatch(told);
  const texts = { key: 'mixed', value: '-Infinity', timestamp: '7', model_id: null };
  const mixed = [
    { key: 'mixed', value: 1, timestamp: 1, step: 2, unknown: {} },
    { ...texts, step: 3.9 },
  ];
  await service.ok('POST', 'runs/log-batch', { run_id: id, metrics: mixed });
  expect((await service.ok('GET', 'metrics/get-history', { run_id: id, metric_key: 'mixed' }))['metrics']).toEqual([
    { key: 'mixed', value: 1, timestamp: 1, step: 2 },
    { key: 'mixed', value: -Number.MAX_VALUE, timestamp: 7, step: 3 },
  ]);
});

test('runs are searched by what they are, with and without a value to sort by', async () => {
  const service = await startMlflowService();
  const ids: string[] = [];
  for (const [n, loss] of [0.5, 'NaN', undefined, 0.1].entries()) {
    const id = await runIn(service, { run_name: `run ${n}`, start_time: n, tags: [{ key: 'my key', value: `v${n}` }] });
    const metrics = loss === undefined ? [] : [{ key: 'loss', value: loss, timestamp: 1 }];
    await service.ok('POST', 'runs/log-batch', { run_id: id, metrics, params: [{ key: 'n', value: String(n) }] });
    ids.push(id);
  }
  const found = async (filter: string, order_by: string[] = []): Promise<number[]> => {
    const { runs = [] } = (await service.ok('POST', 'runs/search', { experiment_ids: ['0'], filter, order_by })) as {
      runs?: { info: { run_id: string } }[];
    };
    return runs.map(({ info }) => ids.indexOf(info.run_id));
  };
  expect(await found('')).toEqual([3, 2, 1, 0]);
  expect(await found('', ['metrics.loss'])).toEqual([3, 0, 1, 2]);
  expect(await found('', ['metrics.loss DESC'])).toEqual([0, 3, 1, 2]);
  expect(await found('metrics.loss < 0.4')).toEqual([3]);
  expect(await found("params.n IN ('1')").catch(String)).toMatch(/Invalid comparator/);
  expect(await found("params.n != '1' and tags.`my key` LIKE 'v%'", ['params.n desc'])).toEqual([3, 2, 0]);
  expect(await found(`attributes.run_id IN ('${ids[0]}', '${ids[2]}')`)).toEqual([2, 0]);
  expect(await found(`run_id NOT IN ('${ids[0]}')`)).toEqual([3, 2, 1]);
  expect(await found('attributes.start_time >= 1 AND attributes.start_time < 3')).toEqual([2, 1]);
  expect(await found("attributes.`run name` = 'run 2'")).toEqual([2]);
  expect(await found("tags.absent != 'x'")).toEqual([]);
  expect(await found("tags.absent IS NULL AND status = 'RUNNING'", ['start_time'])).toEqual([0, 1, 2, 3]);
  await service.ok('POST', 'runs/delete', { run_id: ids[0] });
  expect(await found('', ['start_time ASC'])).toEqual([1, 2, 3]);
  expect(await service.ok('POST', 'runs/search', { experiment_ids: [] })).toEqual({});
  const deleted = { experiment_ids: ['0'], run_view_type: 'DELETED_ONLY' };
  expect((await service.ok('POST', 'runs/search', deleted))['runs']).toHaveLength(1);
});

test('what a run read and made is told with it, and found by the data set', async () => {
  const service = await startMlflowService();
  const id = await runIn(service);
  const dataset = { name: 'iris', digest: 'd1', source_type: 'local', source: '{}', schema: 's' };
  const datasets = [{ dataset, tags: [{ key: 'mlflow.data.context', value: 'train' }] }];
  await service.ok('POST', 'runs/log-inputs', { run_id: id, datasets, models: [{ model_id: 'm-1' }] });
  await service.ok('POST', 'runs/outputs', { run_id: id, models: [{ model_id: 'm-2', step: 3 }] });
  expect(await service.ok('GET', 'runs/get', { run_id: id })).toMatchObject({
    run: {
      inputs: { dataset_inputs: datasets, model_inputs: [{ model_id: 'm-1' }] },
      outputs: { model_outputs: [{ model_id: 'm-2', step: 3 }] },
    },
  });
  const filter = "dataset.name = 'iris' AND dataset.context = 'train'";
  expect((await service.ok('POST', 'runs/search', { experiment_ids: ['0'], filter }))['runs']).toHaveLength(1);
  const summaries = await service.ok('POST', '/ajax-api/2.0/mlflow/experiments/search-datasets', {
    experiment_ids: ['0'],
  });
  expect(summaries).toEqual({
    dataset_summaries: [{ experiment_id: '0', name: 'iris', digest: 'd1', context: 'train' }],
  });
  await service.ok('POST', 'runs/log-model', { run_id: id, model_json: '{"artifact_path":"m"}' });
  expect(await service.refused('POST', 'runs/log-model', { run_id: id, model_json: 'no' })).toMatch(
    /Malformed model info/,
  );
});

test('a run is seen in the tree while it goes on, and told as finished', async () => {
  const service = await startMlflowService();
  const told: string[] = [];
  service.daemon.listen((message) => {
    if (message.kind === 'run') told.push(`${message.run.folder} ${message.run.status}`);
  });
  const id = await runIn(service, { run_name: 'live' });
  await service.ok('POST', 'runs/log-metric', { run_id: id, key: 'loss', value: 0.5, timestamp: 1 });
  const { runs } = await service.client.call('GET /runs', { status: 'running' });
  expect(runs).toMatchObject([{ folder: 'mlflow:/Default/live', metrics: { loss: 0.5 } }]);
  await service.ok('POST', 'runs/update', { run_id: id, status: 'FINISHED', end_time: 9 });
  await until(() => told.includes('mlflow:/Default/live finished'), 'the end of the run');
  expect((await service.client.call('GET /runs', { status: 'running' })).runs).toEqual([]);
});

test('series of several runs come in bulk, and thinned to as many points as are asked for', async () => {
  const service = await startMlflowService();
  const ids = [await runIn(service), await runIn(service)].sort();
  for (const id of ids) {
    const metrics = Array.from({ length: 100 }, (_, step) => ({ key: 'm', value: step, timestamp: 1, step }));
    await service.ok('POST', 'runs/log-batch', { run_id: id, metrics });
  }
  const bulk = await service.ok('GET', '/ajax-api/2.0/mlflow/metrics/get-history-bulk', {
    run_id: ids,
    metric_key: 'm',
  });
  expect((bulk['metrics'] as { run_id: string }[]).map((one) => one.run_id)).toEqual([
    ...Array<string>(100).fill(ids[0]!),
    ...Array<string>(100).fill(ids[1]!),
  ]);
  const asked = { run_ids: ids[0], metric_key: 'm', max_results: 10 };
  const thin = await service.ok('GET', '/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval', asked);
  expect((thin['metrics'] as { step: number }[]).map(({ step }) => step)).toEqual([
    0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99,
  ]);
  expect(await service.refused('GET', 'metrics/get-history-bulk', { metric_key: 'm' })).toMatch(
    /GetMetricHistoryBulk request must specify at least one run_id/,
  );
});

test('a run’s page is told everything of it at once', async () => {
  const service = await startMlflowService();
  const run = await runIn(service, { run_name: 'one' });
  const metrics = [1, 2].map((step) => ({ key: 'loss', value: step === 1 ? 'NaN' : 0.5, timestamp: step, step }));
  await service.ok('POST', 'runs/log-batch', { run_id: run, metrics, params: [{ key: 'a', value: 'b' }] });
  await service.ok('POST', 'registered-models/create', { name: 'm' });
  await service.ok('POST', 'model-versions/create', { name: 'm', source: 's3://b/x', run_id: run });
  expect(await service.client.call('GET /mlflow/runs/:run', { run })).toMatchObject({
    name: 'one',
    experiment: { id: '0', name: 'Default' },
    status: 'running',
    metrics: { loss: 0.5 },
    params: { a: 'b' },
    versions: [{ model: 'm', number: 1 }],
    curves: [{ metric: 'loss', steps: [1, 2], values: [null, 0.5] }],
  });
  await expect(service.client.call('GET /mlflow/runs/:run', { run: 'no' })).rejects.toThrow(/Run with id=no not found/);
});
