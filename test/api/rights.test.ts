import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import { RegistryError } from '../../daemon/errors.ts';
import { rawRoutes, routes } from '../../daemon/api/routes.ts';
import { mlflowRoutes } from '../../daemon/api/mlflow/router.ts';
import { roles, type Role } from '../../daemon/protocol/token.ts';
import { startService, threeVersions, until, type TestService } from '../support/daemon.ts';

const rows: Record<string, { role: Role | 'open' }> = { ...rawRoutes, ...routes };

interface Limits {
  models?: string[];
  pointers?: string[];
}

async function as(
  service: TestService,
  owner: string,
  role: Role,
  limits: Limits = {},
): Promise<Client & { id: string }> {
  const { token, id } = await service.client.call('POST /tokens', { owner, role, ...limits });
  return { ...connect({ ...service.daemon.file, token }, 'test'), id };
}

async function codeOf(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'done',
    (error: unknown) => (error instanceof RegistryError ? error.code : String(error)),
  );
}

async function statusOf(service: TestService, token: string, method: string, path: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = method === 'GET' ? undefined : '{}';
  const named = path.replace('part/:name', 'part/ABC123.js').replaceAll(/[:*]\w+/g, 'x');
  const url = `http://127.0.0.1:${service.daemon.file.port}${named}`;
  return (await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) })).status;
}

test('every route refuses whoever has less than the role of its row', async () => {
  const service = await startService();
  for (const role of roles) {
    const { token } = await service.client.call('POST /tokens', { owner: role, role });
    for (const [route, row] of Object.entries(rows)) {
      if (route === 'POST /stop' || route === 'POST /backup') continue;
      const [method = '', path = ''] = route.split(' ');
      const status = await statusOf(service, token, method, path);
      const may = row.role === 'open' || roles.indexOf(role) >= roles.indexOf(row.role);
      expect([route, role, status === 403]).toEqual([route, role, !may]);
    }
  }
});

test('only the routes whose row is open answer without a token, and those that are open are these', async () => {
  const service = await startService();
  const open = [];
  for (const [route, { role }] of Object.entries(rows)) {
    const [method = '', path = ''] = route.split(' ');
    const status = await statusOf(service, '', method, path);
    if (route !== 'POST /pages/session') expect([route, status === 401]).toEqual([route, role !== 'open']);
    if (role === 'open') open.push(route);
  }
  const assets = ['browser.js', 'part/:name', 'page.css', 'theme.css'].map((name) => `GET /pages/${name}`);
  const own = ['GET /', 'GET /health', 'GET /pages/report', 'GET /proof', 'GET /version', 'POST /pages/session'];
  expect(open.toSorted()).toEqual([...own, ...assets].toSorted());
});

test('nothing but a part of the pages is behind the open route with a name', async () => {
  const service = await startService();
  for (const name of [
    'ABC123.js',
    '..%2fmain.js',
    'x',
    'a.css',
    '%2e%2e',
    ':name',
    'a/b.js',
    'a.js%00',
    '../../status',
  ]) {
    const status = await statusOf(service, '', 'GET', `/pages/part/${name}`);
    expect([name, status === 404 || status === 401]).toEqual([name, true]);
  }
});

test("a viewer changes nothing through MLflow's routes", async () => {
  const service = await startService();
  const { token } = await service.client.call('POST /tokens', { owner: 'eve', role: 'viewer' });
  for (const [key, { role }] of Object.entries(mlflowRoutes)) {
    const [method = '', path = ''] = key.split(' ');
    const base = path.startsWith('3.0/') ? '/api/3.0/mlflow/' : '/api/2.0/mlflow/';
    const status = await statusOf(service, token, method, base + path.replace('3.0/', ''));
    expect([key, status === 403]).toEqual([key, role !== 'viewer']);
    const isSearch = /(^|[/-])(search|get-latest-versions)(-|$|\/)/.test(path);
    expect([key, role]).toEqual([key, method === 'GET' || isSearch ? 'viewer' : 'contributor']);
  }
});

test('rights end at the models and pointers that a token names', async () => {
  const service = await startService();
  const model = await threeVersions(service.client);
  const bo = await as(service, 'bo', 'contributor', { models: ['ir*'], pointers: ['staging', '@*'] });
  const promote = (request: { stage?: string; alias?: string }): Promise<string> =>
    codeOf(bo.call('POST /models/:model/versions/:version/promote', { model, version: '1', ...request }));
  expect(await promote({ stage: 'staging' })).toBe('done');
  expect(await promote({ alias: 'champion' })).toBe('done');
  expect(await promote({ stage: 'production' })).toBe('forbidden');
  expect(await promote({ stage: 'PRODUCTION' })).toBe('forbidden');
  await service.client.call('POST /models/:model/versions/:version/promote', {
    model,
    version: '2',
    stage: 'production',
  });
  const leaving = bo.call('POST /models/:model/versions/:version/promote', { model, version: '2', stage: 'staging' });
  expect(await codeOf(leaving)).toBe('forbidden');
  expect(await codeOf(bo.call('POST /models/:model/rename', { model, name: 'other' }))).toBe('forbidden');
  expect(await codeOf(bo.call('POST /undo', { seq: 9 }))).toBe('forbidden');
  const { items } = await service.client.call('GET /models/:model/history', { model });
  expect(items.findLast(({ type }) => type === 'pointer.moved/1')?.actor).toBe('bo/test');
});

test('who a client says it is does not count: the actor is the owner of its token', async () => {
  const service = await startService();
  const { token } = await service.client.call('POST /tokens', { owner: 'bo', role: 'contributor' });
  const model = await threeVersions(service.client);
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'x-plinth-client': 'root/cli',
  };
  const url = `http://127.0.0.1:${service.daemon.file.port}/models/${model}/describe`;
  await fetch(url, { method: 'POST', headers, body: JSON.stringify({ description: 'mine', actor: 'root' }) });
  await fetch(url, { method: 'POST', headers, body: JSON.stringify({ description: 'mine' }) });
  const { items } = await service.client.call('GET /models/:model/history', { model });
  expect(items.find(({ type }) => type === 'model.described/1')).toMatchObject({ actor: 'bo/api' });
});

test('a revoked token is of no use from then on, and its stream is closed', async () => {
  const service = await startService();
  const { token, id } = await service.client.call('POST /tokens', { owner: 'bo', role: 'viewer' });
  const bo = connect({ ...service.daemon.file, token }, 'test');
  expect(await codeOf(bo.call('GET /models', {}))).toBe('done');
  const socket = new WebSocket(`ws://127.0.0.1:${service.daemon.file.port}/events`, {
    headers: { authorization: `Bearer ${token}` },
  });
  let closed = 0;
  socket.on('close', (code) => (closed = code));
  await new Promise((resolve) => socket.once('message', resolve));
  await service.client.call('POST /tokens/revoke', { id });
  await until(() => closed === 1008, 'the end of the stream');
  expect(await codeOf(bo.call('GET /models', {}))).toBe('unauthorized');
  expect(await codeOf(service.client.call('POST /tokens/revoke', { id }))).toBe('conflict');
});

test('the registry keeps the hash of a token and nowhere the token', async () => {
  const service = await startService();
  const { token } = await service.client.call('POST /tokens', { owner: 'bo', role: 'viewer' });
  const rows = service.daemon.context.db.sql('SELECT body FROM events').all();
  expect(JSON.stringify(rows)).not.toContain(token);
  expect(JSON.stringify(await service.client.call('GET /tokens', {}))).not.toContain(token);
  const tables = service.daemon.context.db.sql('SELECT reply FROM idempotency').all();
  expect(JSON.stringify(tables)).not.toContain(token);
});

test('two people of one name are told apart, or said to be one', async () => {
  const service = await startService();
  await service.client.call('POST /tokens', { owner: 'bo', role: 'approver' });
  expect(await codeOf(service.client.call('POST /tokens', { owner: 'Bo', role: 'approver' }))).toBe('conflict');
  expect(await codeOf(service.client.call('POST /tokens', { owner: 'BO', role: 'viewer', again: true }))).toBe('done');
  const { tokens } = await service.client.call('GET /tokens', {});
  expect(tokens.map(({ owner }) => owner)).toEqual(['bo', 'bo']);
  expect(await codeOf(service.client.call('POST /tokens', { owner: 'a/b', role: 'viewer' }))).toBe('invalid-request');
});

test('a token that is too old is refused', async () => {
  let now = 1_800_000_000_000;
  const service = await startService({ now: () => now });
  const { token } = await service.client.call('POST /tokens', { owner: 'bo', role: 'viewer', days: 1 });
  const bo = connect({ ...service.daemon.file, token }, 'test');
  expect(await codeOf(bo.call('GET /models', {}))).toBe('done');
  now += 86_400_001;
  expect(await codeOf(bo.call('GET /models', {}))).toBe('unauthorized');
});

test('whoever opens a page speaks through it for themselves, until their token is revoked', async () => {
  const service = await startService();
  const bo = await as(service, 'bo', 'viewer');
  const url = `http://127.0.0.1:${service.daemon.file.port}/pages/session`;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ code: await bo.pageCode() });
  const entered = (await (await fetch(url, { method: 'POST', headers, body })).json()) as { token: string };
  expect(entered).toMatchObject({ owner: 'bo', role: 'viewer' });
  expect(await statusOf(service, entered.token, 'GET', '/models')).toBe(200);
  expect(await statusOf(service, entered.token, 'POST', '/roots')).toBe(403);
  await service.client.call('POST /tokens/revoke', { id: bo.id });
  expect(await statusOf(service, entered.token, 'GET', '/models')).toBe(401);
});
