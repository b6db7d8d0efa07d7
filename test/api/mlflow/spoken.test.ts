import { request } from 'node:http';
import { expect, test } from 'vitest';
import { computed } from '../../support/daemon.ts';
import { startMlflowService, runIn, type Mlflow } from './asked.ts';

const unspoken: readonly [string, string][] = [
  ['GET', '/api/2.0/mlflow/no/such/route'],
  ['POST', '/api/2.0/other/thing'],
  ['POST', '/api/3.0/mlflow/datasets/create'],
  ['POST', '/api/3.0/mlflow/scorers/register'],
  ['GET', '/ajax-api/2.0/mlflow/gateway-proxy'],
  ['GET', '/ajax-api/3.0/mlflow/anything'],
  ['POST', '/graphql'],
];

test('what is MLflow’s and not spoken is told so in MLflow’s form to who has the token, and 401 to who has not', async () => {
  const service = await startMlflowService();
  for (const [method, path] of unspoken) {
    const { status, body } = await service.ask(method, path);
    expect([path, status, body['error_code']]).toEqual([path, 404, 'ENDPOINT_NOT_FOUND']);
    expect(body['message']).toBe(`Plinth does not support ${method} ${path}. docs/mlflow.md lists what it supports.`);
    const denied = await service.send(path, { method, headers: { authorization: 'Bearer no' } });
    expect([path, denied.status, denied.body['error_code']]).toEqual([path, 401, 'UNAUTHENTICATED']);
  }
  expect(await service.refused('POST', '/v1/traces')).toMatch(
    /^501 NOT_IMPLEMENTED: REST OTLP span logging is not supp/,
  );
});

test('a route that is spoken with another method answers 405 and says which', async () => {
  const service = await startMlflowService();
  const { status, body, headers } = await service.ask('GET', 'experiments/create');
  expect([status, body['error_code'], headers.get('allow')]).toEqual([405, 'BAD_REQUEST', 'POST']);
  expect((await service.ask('PUT', 'traces/tr-1/tags')).headers.get('allow')).toBe('PATCH, DELETE');
});

test('what is no UTF-8 is refused with 400, in a body and in a query', async () => {
  const service = await startMlflowService();
  const headers = { 'content-type': 'application/json' };
  const body = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  const sent = await service.send('registered-models/create', { method: 'POST', headers, body });
  expect([sent.status, sent.body['message']]).toEqual([400, 'The body is not valid UTF-8.']);
  expect((await service.send('registered-models/get?name=%ff', {})).status).toBe(400);
  expect((await service.send('registered-models/get?name=%EF%BF%BD', {})).status).toBe(404);
});

test('a foreign Host is refused with 403 in MLflow’s form', async () => {
  const service = await startMlflowService();
  const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const options = {
      port: service.daemon.file.port,
      host: '127.0.0.1',
      path: '/api/2.0/mlflow/experiments/get',
      headers: { host: 'evil.example' },
      setHost: false,
    };
    request(options, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    })
      .on('error', reject)
      .end();
  });
  expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('PERMISSION_DENIED') });
});

test('a scalar is no list in a body; in a query one value is', async () => {
  const service = await startMlflowService();
  const create = 'experiments/create';
  expect(await service.refused('POST', create, { name: 'a', tags: '5' })).toBe(
    '400 INVALID_PARAMETER_VALUE: Invalid value "5" for parameter \'tags\' supplied.',
  );
  expect(await service.refused('POST', 'runs/log-batch', { run_id: 'x', metrics: 'foo' })).toMatch(
    /Invalid value "foo" for parameter 'metrics' supplied\./,
  );
  await service.ok('GET', 'experiments/search', { max_results: 10, order_by: 'name ASC' });
});

test('numbers below zero name nothing: 404, not 400', async () => {
  const service = await startMlflowService();
  await service.ok('POST', 'registered-models/create', { name: 'm' });
  expect(await service.refused('GET', 'experiments/get', { experiment_id: '-1' })).toMatch(
    /^404 RESOURCE_DOES_NOT_EXIST/,
  );
  expect(await service.refused('GET', 'model-versions/get', { name: 'm', version: '-1' })).toMatch(/^404/);
  expect(await service.refused('GET', 'experiments/get', { experiment_id: 'x' })).toBe(
    "400 INVALID_PARAMETER_VALUE: Invalid experiment ID 'x'. Experiment ID must be a valid integer.",
  );
});

test('a version of an unknown model is an unknown version', async () => {
  const service = await startMlflowService();
  expect(await service.refused('GET', 'model-versions/get', { name: 'no', version: '1' })).toBe(
    '404 RESOURCE_DOES_NOT_EXIST: Model Version (name=no, version=1) not found',
  );
});

test('a path is checked before what it would be looked for in', async () => {
  const service = await startMlflowService();
  const path = '../x';
  expect(await service.refused('GET', '/model-versions/get-artifact', { name: 'no', version: '1', path })).toMatch(
    /Invalid path$/,
  );
  const upload = `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=no&path=..%2Fx`;
  expect((await service.send(upload, { method: 'POST' })).text).toMatch(/Invalid path/);
});

async function put(service: Mlflow, path: string): Promise<number> {
  const url = `/api/2.0/mlflow-artifacts/artifacts/${path}`;
  return (await service.send(url, { method: 'PUT', body: 'x' })).status;
}

test('`.` and `./` name the folder itself where something is read, and nothing where it is written', async () => {
  const service = await startMlflowService();
  const run = await runIn(service);
  expect(await put(service, `0/${run}/artifacts/d/a.txt`)).toBe(200);
  for (const path of ['.', './'])
    expect(await service.ok('GET', 'artifacts/list', { run_id: run, path })).toMatchObject({ files: [{ path: 'd' }] });
  expect(await service.ok('GET', 'artifacts/list', { run_id: run, path: './d' })).toMatchObject({
    files: [{ path: 'd/a.txt' }],
  });
  expect((await service.ask('GET', '/get-artifact', { run_id: run, path: './d/./a.txt' })).text).toBe('x');
  expect((await service.ask('GET', '/get-artifact', { run_id: run, path: './../a.txt' })).status).toBe(400);
  const listed = await service.ok('GET', '/api/2.0/mlflow-artifacts/artifacts', { path: `./0/${run}/artifacts/.` });
  expect(listed).toEqual({ files: [{ path: 'd', is_dir: true }] });
  expect(await put(service, `0/${run}/artifacts/%2e%2fb.txt`)).toBe(400);
});

test('a file whose name no disk takes is refused when it is uploaded', async () => {
  const service = await startMlflowService();
  expect(await put(service, `0/r/${'a'.repeat(255)}`)).toBe(200);
  expect(await put(service, `0/r/${'a'.repeat(256)}`)).toBe(400);
  expect(await put(service, `0/r/${encodeURIComponent('ä'.repeat(128))}/b`)).toBe(400);
});

test('a relative location is a folder of the store, and a query stays at the end', async () => {
  const service = await startMlflowService();
  const uri = async (name: string, location: string): Promise<string> => {
    const { experiment_id } = await service.ok('POST', 'experiments/create', { name, artifact_location: location });
    const { run } = await service.ok('POST', 'runs/create', { experiment_id });
    const { artifact_uri, run_id } = (run as { info: Record<string, string> }).info;
    return artifact_uri?.replace(run_id ?? '', 'RUN') ?? '';
  };
  expect(await uri('a', 'my/place/')).toBe('mlflow-artifacts:/my/place/RUN/artifacts');
  expect(await uri('b', './there')).toBe('mlflow-artifacts:/there/RUN/artifacts');
  expect(await uri('c', 's3://bucket/x/?region=eu')).toBe('s3://bucket/x/RUN/artifacts?region=eu');
  expect(await uri('d', '/srv/runs')).toBe('/srv/runs/RUN/artifacts');
  for (const location of ['s3://b/x#y', 'runs:/1/a', '../x', 's3://b/x;p=1'])
    expect(await service.refused('POST', 'experiments/create', { name: 'e', artifact_location: location })).toMatch(
      /^400/,
    );
});

test('a filter names 10,000 runs, in time that grows with its length', async () => {
  const service = await startMlflowService();
  const run = await runIn(service);
  const search = async (count: number): Promise<number> => {
    const ids = Array.from({ length: count - 1 }, (_, n) => `'${n.toString(16).padStart(32, '0')}'`);
    const filter = `attributes.run_id IN (${[...ids, `'${run}'`].join(', ')})`;
    const started = computed();
    const { runs } = await service.ok('POST', 'runs/search', { experiment_ids: ['0'], filter });
    expect(runs).toMatchObject([{ info: { run_id: run } }]);
    return computed() - started;
  };
  await search(1000);
  expect(await search(10_000)).toBeLessThan(2000);
  const tooMany = Array.from({ length: 10_001 }, () => "'x'").join(',');
  const asked = { experiment_ids: ['0'], filter: `run_id IN (${tooMany})` };
  expect(await service.refused('POST', 'runs/search', asked)).toMatch(/at most 10000 items/);
  for (const filter of [`run_id = '${"''".repeat(400_000)}`, '('.repeat(1_000_000), `a${'.a'.repeat(500_000)} = 1`])
    expect((await service.ask('POST', 'runs/search', { experiment_ids: ['0'], filter })).status).toBe(400);
  const many = Array.from({ length: 40_000 }, (_, n) => String(n));
  await service.ok('POST', 'runs/search', { experiment_ids: many });
});

test('a name is kept as an MLflow client gives it, up to 256 characters', async () => {
  const service = await startMlflowService();
  for (const name of [' a ', 'a@b', 'a\\b', '"q', 'x'.repeat(256)]) {
    await service.ok('POST', 'registered-models/create', { name });
    expect(await service.ok('GET', 'registered-models/get', { name })).toMatchObject({ registered_model: { name } });
    const made = await service.ok('POST', 'model-versions/create', { name, source: 's3://b/x' });
    expect(made).toMatchObject({ model_version: { name, version: '1' } });
    await service.ok('POST', 'registered-models/alias', { name, alias: 'best', version: '1' });
    const shown = await service.client.call('GET /models/:model/versions/:version', { model: name, version: '@best' });
    expect(shown.version.number).toBe(1);
  }
  expect(await service.refused('POST', 'registered-models/create', { name: 'a' })).toMatch(/^200/);
  await service.ok('POST', 'registered-models/rename', { name: 'a', new_name: ' a@2 ' });
  for (const name of ['x'.repeat(257), 'a/b', 'a:b', '..', '   ', 'a\u0007'])
    expect(await service.refused('POST', 'registered-models/create', { name })).toMatch(/^400/);
});

test('tags and descriptions are as long as MLflow lets them be', async () => {
  const service = await startMlflowService();
  const value = 'ä'.repeat(100_000);
  await service.ok('POST', 'registered-models/create', { name: 'm', description: value, tags: [{ key: 'k', value }] });
  await service.ok('POST', 'model-versions/create', { name: 'm', source: 's3://b/x', description: value });
  const ofVersion = { name: 'm', version: '1', key: 'k' };
  await service.ok('POST', 'model-versions/set-tag', { ...ofVersion, value });
  expect(await service.refused('POST', 'model-versions/set-tag', { ...ofVersion, value: `${value}x` })).toMatch(
    /^400 .*'value' exceeds the maximum length of 100000 characters/,
  );
});
