import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLike } from '../../../daemon/db/sql-like.ts';
import { mlflowRoutes } from '../../../daemon/api/mlflow/router.ts';
import { computed } from '../../support/daemon.ts';
import { startMlflowService } from './asked.ts';

function routes(): [string, string][] {
  return Object.keys(mlflowRoutes).map((key) => {
    const [method, path] = key.split(' ') as [string, string];
    const [base, inner] = path.startsWith('3.0/') ? ['3.0', path.slice(4)] : ['2.0', path];
    return [method, `${base}/mlflow/${inner.replaceAll(/:\w+/g, 'x')}`];
  });
}

test('every route answers 401 in MLflow’s words without the token, below both base paths', async () => {
  const service = await startMlflowService();
  for (const [method, path] of routes()) {
    for (const base of ['/api', '/ajax-api']) {
      const { status, body } = await service.send(`${base}/${path}`, {
        method,
        headers: { authorization: 'Bearer no' },
      });
      expect([path, status, body['error_code']]).toEqual([path, 401, 'UNAUTHENTICATED']);
    }
  }
});

test('every route answers a request without fields, and one with every field wrong, with 200 or a 4xx that it explains', async () => {
  const service = await startMlflowService();
  const names = [
    'name',
    'experiment_id',
    'run_id',
    'version',
    'key',
    'filter',
    'order_by',
    'max_results',
    'tags',
    'metrics',
  ];
  for (const [method, path] of routes()) {
    for (const value of [undefined, '', 'x', -1, 1e300, true, [], {}, [[]], '\u0000', "' OR 1=1 --"]) {
      const fields = value === undefined ? {} : Object.fromEntries(names.map((name) => [name, value]));
      const { status, body, text } = await service.ask(method, `/api/${path}`, fields);
      expect([path, value, status < 500, text.slice(0, 200)]).toEqual([path, value, true, expect.anything()]);
      if (status !== 200) expect(body).toMatchObject({ error_code: expect.any(String), message: expect.any(String) });
    }
  }
  expect(service.errors).toEqual([]);
});

test('the MLflow token opens MLflow’s routes and nothing else, and is of no use once it was renewed', async () => {
  const service = await startMlflowService();
  expect((await service.send('/status', {})).status).toBe(401);
  expect((await service.send('/mlflow', {})).status).toBe(401);
  expect((await service.ask('GET', 'experiments/get', { experiment_id: '0' })).status).toBe(200);
  const { token } = await service.client.call('POST /mlflow/renew', {});
  expect((await service.ask('GET', 'experiments/get', { experiment_id: '0' })).status).toBe(401);
  const headers = { authorization: `Bearer ${token}` };
  expect((await service.send('experiments/get?experiment_id=0', { headers })).status).toBe(200);
});

test('service routes say what clients ask them for', async () => {
  const service = await startMlflowService();
  expect((await service.send('/health', {})).text).toBe('OK');
  expect((await service.send('/version', {})).text).toBe('3.17.2');
  expect(await service.ok('GET', '/api/3.0/mlflow/server-info')).toMatchObject({
    store_type: 'SqlStore',
    multipart_uploads_enabled: false,
    workspaces_enabled: false,
  });
  expect((await service.ask('GET', 'no/such/route')).body).toMatchObject({ error_code: 'ENDPOINT_NOT_FOUND' });
});

test('a body is JSON by its type; one that does not parse is an empty one', async () => {
  const service = await startMlflowService();
  const send = async (type: string | undefined, body: string): Promise<string> => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    return (await service.send('registered-models/create', { method: 'POST', headers, body })).text;
  };
  expect(await send('text/plain', '{"name":"a"}')).toMatch(/Content-Type must be 'application\/json'/);
  expect(await send('application/json; charset=utf-8', '{"name":"a","unknown":1}')).toMatch(/registered_model/);
  expect(await send('application/json', '{"name":')).toMatch(/Missing value for required parameter 'name'/);
  expect(await send('application/json', '{"__proto__":{"name":"x"}}')).toMatch(/INVALID_PARAMETER_VALUE/);
});

const pieces = ['name', 'tags.', 'metrics.', 'params.`', '`', "'", '"', '=', '!=', '<', 'LIKE', 'ILIKE', 'IN', 'NOT', 'IS', 'NULL', 'AND', 'OR', '(', ')', ',', '1', '-2.5e3', '%', '_', ';', '--', '/*', 'SELECT', '\\', '\u0000', 'ä', '😀', '.', ' ']; // prettier-ignore

test('no filter or order, however it is put together, is an error of SQL', async () => {
  const service = await startMlflowService();
  await service.ok('POST', 'registered-models/create', { name: 'a', tags: [{ key: 'k', value: 'v'.repeat(5000) }] });
  const any = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(' ')),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ maxLength: 40 }).map((text) => `tags.k LIKE '${text.replaceAll("'", '')}'`),
  );
  await fc.assert(
    fc.asyncProperty(any, any, async (filter, order) => {
      for (const [method, path, more] of [
        ['GET', 'registered-models/search', {}],
        ['GET', 'model-versions/search', {}],
        ['POST', 'experiments/search', { max_results: 10 }],
        ['POST', 'runs/search', { experiment_ids: ['0'] }],
        ['POST', 'logged-models/search', { experiment_ids: ['0'] }],
      ] as const) {
        const order_by = path.startsWith('logged') ? [{ field_name: order }] : [order];
        for (const fields of [{ filter }, { order_by }]) {
          const { status } = await service.ask(method, path, { ...more, ...fields });
          if (status !== 200 && status !== 400) throw new Error(`${path} ${status}`);
        }
      }
    }),
    { numRuns: 200 },
  );
  expect(service.errors).toEqual([]);
});

test('the slowest patterns are matched in time', async () => {
  const service = await startMlflowService();
  await service.ok('POST', 'registered-models/create', { name: 'a', tags: [{ key: 'k', value: 'a'.repeat(9000) }] });
  for (const filter of [`tags.k LIKE '${'%a'.repeat(2000)}b'`, `tags.k ILIKE '${'_%'.repeat(2000)}b'`]) {
    const started = computed();
    await service.ok('GET', 'registered-models/search', { filter });
    expect(computed() - started).toBeLessThan(1000);
  }
  const terms = Array.from({ length: 65 }, () => "name = 'a'").join(' AND ');
  expect(await service.refused('GET', 'registered-models/search', { filter: terms })).toMatch(/at most 64 comparisons/);
  expect(
    await service.refused('GET', 'registered-models/search', { filter: `name LIKE '${'x'.repeat(5000)}'` }),
  ).toMatch(/^400/);
});

test('LIKE means what it means in SQL', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', 'A'), maxLength: 12 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '%', '_'), maxLength: 8 }),
      (text, pattern) => {
        const wanted = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`, 's').test(text);
        expect(isLike(text, pattern)).toBe(wanted);
      },
    ),
  );
});
