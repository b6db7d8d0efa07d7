import { expect, test } from 'vitest';
import { startMlflowService, runIn, type Mlflow } from './asked.ts';

async function put(service: Mlflow, path: string, body: string): Promise<void> {
  const { status, text } = await service.send(`/api/2.0/mlflow-artifacts/artifacts/${path}`, { method: 'PUT', body });
  if (status !== 200) throw new Error(`${path}: ${text}`);
}

async function create(service: Mlflow, fields: object): Promise<string> {
  return service.refused('POST', 'model-versions/create', { name: 'm', ...fields });
}

test('only sources that belong to the run or model that the request names are taken', async () => {
  const service = await startMlflowService();
  await service.ok('POST', 'registered-models/create', { name: 'm' });
  const run = await runIn(service);
  const wrong: [object, RegExp][] = [
    [{ source: `runs:/${run}/model` }, /Invalid model version source.*run_id has to be given/],
    [{ source: `runs:/${run}/model`, run_id: 'other' }, /Invalid model version source/],
    [{ source: 'mlflow-artifacts:/0/other/artifacts/model', run_id: run }, /contained within the artifact directory/],
    [{ source: `mlflow-artifacts:/0/${run}/artifactsX`, run_id: run }, /contained within the artifact directory/],
    [
      { source: `mlflow-artifacts://host/0/${run}/artifacts/m`, run_id: run },
      /cannot use the 'mlflow-artifacts' scheme/,
    ],
    [
      { source: `mlflow-artifacts:/0/${run}/artifacts/../../other`, run_id: run },
      /If supplying a source as an http, https,/,
    ],
    [{ source: `mlflow-artifacts:/0/${run}/artifacts/%2e%2e/other`, run_id: run }, /If supplying a source as an http/],
    [
      { source: `mlflow-artifacts:/0/${run}/artifacts/%252e%252e/other`, run_id: run },
      /If supplying a source as an http/,
    ],
    [{ source: 's3://bucket/%00' }, /If supplying a source as an http/],
    [{ source: '/etc/passwd' }, /To use a local path as a model version/],
    [{ source: 'file:///etc/passwd', run_id: run }, /To use a local path as a model version/],
    [{ source: 'C:\\models\\m' }, /^400 INVALID_PARAMETER_VALUE/],
    [{ source: 'C:/models/m' }, /To use a local path as a model version/],
    [{ source: 'path/to/source' }, /To use a local path as a model version/],
    [{ source: 'https://evil.example/m' }, /cannot use the 'https' scheme/],
    [{ source: 'models:/m-00000000000000000000000000000000' }, /^400 INVALID_PARAMETER_VALUE: .*model_id/],
    [{ source: 'models:/none/1' }, /^404 RESOURCE_DOES_NOT_EXIST/],
    [{ source: '' }, /Missing value for required parameter 'source'/],
  ];
  for (const [fields, told] of wrong)
    expect([fields, await create(service, fields)]).toEqual([fields, expect.stringMatching(told)]);
  for (const source of ['s3://b/m', 'gs://b/m', 'dbfs:/m', 'wasbs://c@a/m'])
    expect(await create(service, { source })).toMatch(/^200/);
  expect(await create(service, { source: 'runs:/gone/model', run_id: 'gone' })).toMatch(/^200/);
});

test('a version owns what was uploaded, and keeps it whatever becomes of the upload', async () => {
  const service = await startMlflowService();
  await service.ok('POST', 'registered-models/create', { name: 'm' });
  const run = await runIn(service, { run_name: 'r' });
  await service.ok('POST', 'runs/log-metric', { run_id: run, key: 'acc', value: 0.5, timestamp: 1 });
  const root = `0/${run}/artifacts/model`;
  await put(service, `${root}/MLmodel`, 'flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n');
  await put(service, `${root}/data/a.bin`, 'one');
  expect(await create(service, { source: `mlflow-artifacts:/${root}`, run_id: run })).toMatch(/^200/);
  await put(service, `${root}/data/a.bin`, 'two');
  await service.send(`/api/2.0/mlflow-artifacts/artifacts/${root}/MLmodel`, { method: 'DELETE' });
  const { artifact_uri: uri } = await service.ok('GET', 'model-versions/get-download-uri', { name: 'm', version: '1' });
  const folder = String(uri).replace('mlflow-artifacts:/', '');
  const list = async (path: string): Promise<unknown> =>
    (await service.ok('GET', '/api/2.0/mlflow-artifacts/artifacts', { path }))['files'];
  expect(await list(folder)).toEqual([
    { path: 'MLmodel', is_dir: false, file_size: 62 },
    { path: 'data', is_dir: true },
  ]);
  const file = (path: string): string => `/api/2.0/mlflow-artifacts/artifacts/${folder}/${path}`;
  expect((await service.send(file('data/a.bin'), {})).text).toBe('one');
  expect((await service.send(file('data/a.bin'), { method: 'PUT', body: 'x' })).status).toBe(403);
  expect((await service.send(file('data/a.bin'), { method: 'DELETE' })).status).toBe(403);
  expect((await service.send(file('none'), {})).status).toBe(404);
  expect((await service.send(file('data'), {})).status).toBe(400);
  const query = '?name=m&version=1&path=data/a.bin';
  for (const path of [`/model-versions/get-artifact${query}`, `//model-versions/get-artifact${query}`])
    expect((await service.send(path, {})).text).toBe('one');
  const kept = await service.client.call('GET /models/:model/versions/:version', { model: 'm', version: '1' });
  expect(kept.version).toMatchObject({ files: 2, framework: 'scikit-learn', metrics: { acc: 0.5 } });
  expect(kept.version.source.mlflow).toMatchObject({ runId: run });
});

test('a copy of a version has the same bytes, and says which version it was made of', async () => {
  const service = await startMlflowService();
  for (const name of ['m', 'copy']) await service.ok('POST', 'registered-models/create', { name });
  const run = await runIn(service);
  await put(service, `0/${run}/artifacts/m/weights.bin`, 'w');
  await create(service, { source: `runs:/${run}/m`, run_id: run });
  await service.ok('POST', 'registered-models/alias', { name: 'm', alias: 'best', version: '1' });
  const { model_version: made } = await service.ok('POST', 'model-versions/create', {
    name: 'copy',
    source: 'models:/m@best',
  });
  expect(made).toMatchObject({ source: 'models:/m/1', run_id: run });
  const digest = async (model: string): Promise<string> =>
    (await service.client.call('GET /models/:model/versions/:version', { model, version: '1' })).version.digest;
  expect(await digest('copy')).toBe(await digest('m'));
});

test('a logged model is made, finished, tagged, searched, registered and deleted', async () => {
  const service = await startMlflowService();
  const run = await runIn(service);
  const { model } = await service.ok('POST', 'logged-models', {
    experiment_id: '0',
    name: 'lm',
    source_run_id: run,
    params: [{ key: 'p', value: '1' }],
  });
  const id = (model as { info: { model_id: string } }).info.model_id;
  expect(model).toMatchObject({
    info: { name: 'lm', status: 'LOGGED_MODEL_PENDING', artifact_uri: `mlflow-artifacts:/0/models/${id}/artifacts` },
    data: { params: [{ key: 'p', value: '1' }] },
  });
  await put(service, `0/models/${id}/artifacts/MLmodel`, 'flavors: {}');
  await service.ok('PATCH', `logged-models/${id}`, { model_id: id, status: 'LOGGED_MODEL_READY' });
  await service.ok('PATCH', `logged-models/${id}/tags`, { tags: [{ key: 't', value: 'x' }] });
  await service.ok('POST', `logged-models/${id}/params`, { model_id: id, params: [{ key: 'q', value: '2' }] });
  const metric = {
    run_id: run,
    key: 'acc',
    value: 0.9,
    timestamp: 1,
    model_id: id,
    dataset_name: 'd',
    dataset_digest: '1',
  };
  await service.ok('POST', 'runs/log-metric', metric);
  const search = async (fields: object): Promise<number> => {
    const { models = [] } = (await service.ok('POST', 'logged-models/search', {
      experiment_ids: ['0'],
      ...fields,
    })) as {
      models?: unknown[];
    };
    return models.length;
  };
  expect(await search({ filter: "name = 'lm' AND metrics.acc > 0.5 AND params.q = '2' AND tags.t = 'x'" })).toBe(1);
  expect(await search({ datasets: [{ dataset_name: 'other' }] })).toBe(0);
  expect(await search({ order_by: [{ field_name: 'metrics.acc', ascending: false }] })).toBe(1);
  expect(await service.refused('POST', 'logged-models/search', {})).toMatch(/^400/);
  expect(await service.refused('POST', 'logged-models/search', { experiment_ids: ['0'], filter: "no = 'x'" })).toMatch(
    /^400/,
  );
  await service.ok('POST', 'registered-models/create', { name: 'm' });
  const { model_version: made } = await service.ok('POST', 'model-versions/create', {
    name: 'm',
    source: `models:/${id}`,
    model_id: id,
  });
  expect(made).toMatchObject({ run_id: run, model_id: id, source: `models:/${id}` });
  const { model: now } = await service.ok('GET', `logged-models/${id}`);
  expect(now).toMatchObject({
    info: {
      status: 'LOGGED_MODEL_READY',
      tags: [
        { key: 'mlflow.modelVersions', value: '[{"name": "m", "version": 1}]' },
        { key: 't', value: 'x' },
      ],
    },
    data: { metrics: [{ key: 'acc', value: 0.9, model_id: id, run_id: run, dataset_name: 'd' }] },
  });
  const listed = await service.ok('GET', `logged-models/${id}/artifacts/directories`);
  expect(listed).toMatchObject({ files: [{ path: 'MLmodel', is_dir: false }] });
  const file = await service.send(
    `/ajax-api/2.0/mlflow/logged-models/${id}/artifacts/files?artifact_file_path=MLmodel`,
    {},
  );
  expect(file.text).toBe('flavors: {}');
  expect((await service.send(`logged-models/${id}/tags/t`, { method: 'DELETE' })).status).toBe(200);
  expect((await service.send(`logged-models/${id}/tags/t`, { method: 'DELETE' })).text).toMatch(/No tag with key/);
  expect((await service.send(`logged-models/${id}`, { method: 'DELETE' })).status).toBe(200);
  expect((await service.send(`logged-models/${id}`, { method: 'DELETE' })).status).toBe(200);
  expect(await service.refused('GET', `logged-models/${id}`)).toMatch(/^404 .*not found/);
  expect(await search({})).toBe(0);
});
