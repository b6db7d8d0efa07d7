import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { mlflowRoutes } from '../../daemon/api/mlflow/router.ts';
import { touchesOf } from '../../daemon/api/route.ts';
import { rawRoutes, routes } from '../../daemon/api/routes.ts';
import type { Role } from '../../daemon/protocol/token.ts';
import { startService, samples, threeVersions, type TestService } from '../support/daemon.ts';

interface Limits {
  models?: string[];
  pointers?: string[];
}

async function tokenWith(service: TestService, owner: string, role: Role, limits: Limits): Promise<string> {
  return (await service.client.call('POST /tokens', { owner, role, ...limits })).token;
}

async function send(
  service: TestService,
  token: string,
  route: string,
  given: Record<string, unknown>,
): Promise<number> {
  const [method = '', template = ''] = route.split(' ');
  const rest = { ...given };
  const path = template.replaceAll(/[:*](\w+)/g, (_, name: string) => {
    const value = (rest[name] as string | undefined) ?? 'x';
    delete rest[name];
    return encodeURIComponent(value);
  });
  const query = method === 'GET' ? `?${new URLSearchParams(rest as Record<string, string>).toString()}` : '';
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${service.daemon.file.port}${path}${query}`;
  return (await fetch(url, { method, headers, ...(method === 'GET' ? {} : { body: JSON.stringify(rest) }) })).status;
}

interface Shape {
  properties?: Record<string, Shape>;
  anyOf?: Shape[];
  enum?: string[];
  type?: string;
  pattern?: string;
  items?: Shape;
  additionalProperties?: Shape | boolean;
  required?: string[];
}

/** Makes a request with every field that the schema requires, and the values of `named` for the fields that it has. */
function requestFor(schema: z.ZodType, named: Record<string, unknown>): Record<string, unknown> {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
  const fields = Object.entries(properties).flatMap(([name, shape]) => {
    if (name in named) return [[name, named[name]]];
    return required.includes(name) ? [[name, valueOf(shape)]] : [];
  });
  return Object.fromEntries(fields) as Record<string, unknown>;
}

function valueOf({ anyOf, enum: choices, type, items, properties, additionalProperties }: Shape): unknown {
  if (choices) return choices[0];
  if (anyOf?.[0]) return valueOf(anyOf[0]);
  if (type === 'array') return items ? [valueOf(items)] : [];
  if (type === 'object') {
    // A record of any names gets one.
    const shapes = properties ?? (typeof additionalProperties === 'object' ? { x: additionalProperties } : {});
    return Object.fromEntries(Object.entries(shapes).map(([name, one]) => [name, valueOf(one)]));
  }
  if (type === 'integer' || type === 'number') return 1;
  return type === 'boolean' ? false : 'x';
}

/**
 * Routes that need more than a viewer, but change nothing that a token could be limited to. They read for the local user, or
 * receive bytes that only a later request makes part of a model.
 */
const ofNoModel = [
  'GET /identify',
  'GET /inspect',
  'GET /inspect/tokenizer',
  'GET /why',
  'GET /policy',
  'GET /trust',
  'GET /tokens',
  'GET /uploads/:key',
  'GET /models/:model/policy/draft',
  'POST /uploads/:key',
  'POST /tensors/compare-file',
  'POST /tensors/describe',
];

test('a route for viewers touches nothing, and every other one says what it touches', () => {
  const rows: Record<string, { role: Role | 'open'; touches: unknown }> = { ...rawRoutes, ...routes };
  for (const [route, { role, touches }] of Object.entries(rows)) {
    const isReading = role === 'viewer' || role === 'open' || ofNoModel.includes(route);
    expect([route, touches === 'nothing']).toEqual([route, isReading]);
  }
});

test('every route that changes something refuses a token for another model, whatever its role', async () => {
  const service = await startService();
  const model = await threeVersions(service.client);
  const token = await tokenWith(service, 'bo', 'admin', { models: ['other'] });
  const named = {
    model,
    name: 'renamed',
    version: '1',
    alias: 'champion',
    versions: [`${model}@1`],
    to: 'moved',
    from: 'laptop:x',
    files: [{ path: 'x', size: 1, sha256: 'a'.repeat(64) }],
    digest: `sha256:${'a'.repeat(64)}`,
  };
  for (const [route, { touches, schema }] of Object.entries(routes)) {
    const status = await send(service, token, route, requestFor(schema as z.ZodType, named));
    expect([route, status === 403]).toEqual([route, touches !== 'nothing']);
  }
  const { items } = await service.client.call('GET /audit', { actor: 'bo' });
  expect(items).toEqual([]);
});

test('every route that moves a pointer refuses a token for another one', async () => {
  const service = await startService();
  const model = await threeVersions(service.client);
  const token = await tokenWith(service, 'bo', 'admin', { pointers: ['staging'] });
  const moving: string[] = [];
  for (const [route, { touches, schema }] of Object.entries(routes)) {
    const isAlias = route.endsWith('/unalias');
    const named = {
      model,
      version: '1',
      versions: [`${model}@1`],
      ...(isAlias ? { alias: 'c' } : { stage: 'Production' }),
    };
    const request = requestFor(schema as z.ZodType, named);
    const touched = touchesOf(touches as never, request as never);
    const isMoving = typeof touched === 'object' && (touched.pointers ?? []).length > 0;
    if (isMoving) moving.push(route.slice(route.lastIndexOf('/') + 1));
    if (isMoving || touched === 'everything')
      expect([route, await send(service, token, route, request)]).toEqual([route, 403]);
  }
  const expected = 'archive approve ask-approval gates promote reject retention rollback unalias';
  expect(moving.toSorted()).toEqual(expected.split(' ').toSorted());
});

test('a model that a request names in a field of its own is outside of a token for another one', async () => {
  const service = await startService();
  const model = await threeVersions(service.client);
  const token = await tokenWith(service, 'bo', 'admin', { models: [model] });
  const version = '1';
  expect(await send(service, token, 'POST /models/:model/rename', { model, name: 'other' })).toBe(403);
  expect(
    await send(service, token, 'POST /models/:model/versions/:version/move', { model, version, to: 'other' }),
  ).toBe(403);
  expect(await send(service, token, 'POST /retention', { versions: [`${model}@1`, 'other@1'] })).toBe(403);
  expect(await send(service, token, 'POST /retention', { versions: ['1'] })).toBe(403);
  expect(await send(service, token, 'POST /verify', {})).toBe(403);
  expect(await send(service, token, 'POST /verify', { model })).toBe(200);
  expect(await send(service, token, 'POST /register', { path: '/nowhere', model: 'other' })).toBe(403);
  expect(await send(service, token, 'POST /register', { path: '/nowhere' })).toBe(403);
  expect(await send(service, token, 'POST /register', { path: '/nowhere', model })).toBe(404);
  expect(await send(service, token, 'POST /models/:model/describe', { model, description: 'mine' })).toBe(200);
});

test('a name in another Unicode form, or with blanks around it, meets no limit that the kept name does not meet', async () => {
  const service = await startService();
  const token = await tokenWith(service, 'bo', 'contributor', { models: ['e*'] });
  const route = 'POST /models/:model/describe';
  expect(await send(service, token, route, { model: 'e\u0301tude', description: '' })).toBe(403);
  expect(await send(service, token, route, { model: 'etude', description: '' })).toBe(404);
  const odd = await tokenWith(service, 'eve', 'admin', { models: ['?tude'] });
  expect(await send(service, odd, 'POST /register', { path: '/nowhere', model: ' tude' })).toBe(403);
});

test('a token with limits gets no token without: neither another one nor the one for MLflow’s clients', async () => {
  const service = await startService();
  const token = await tokenWith(service, 'bo', 'admin', { models: ['iris'] });
  expect(await send(service, token, 'POST /tokens', { owner: 'eve', role: 'admin' })).toBe(403);
  expect(await send(service, token, 'GET /mlflow', {})).toBe(403);
  expect(await send(service, token, 'POST /mlflow/renew', {})).toBe(403);
});

test("MLflow's routes that change models or versions refuse a token for another model, and one for another pointer", async () => {
  const service = await startService();
  const model = await threeVersions(service.client);
  const other = await tokenWith(service, 'bo', 'contributor', { models: ['other'] });
  const staging = await tokenWith(service, 'eve', 'contributor', { pointers: ['staging'] });
  const named = { name: model, new_name: 'renamed', version: '1', alias: 'champion', stage: 'Production', key: 'k' };
  const moving = [];
  for (const [key, { role, schema, touches: touching }] of Object.entries(mlflowRoutes)) {
    const [method = '', path = ''] = key.split(' ');
    const isOfModels = role !== 'viewer' && /^(registered-models|model-versions)\//.test(path);
    const request = requestFor(schema, named);
    const touches = touchesOf(touching, request as never);
    expect([key, touches !== 'nothing']).toEqual([key, isOfModels]);
    if (!isOfModels || touches === 'nothing') continue;
    const route = `${method} /api/2.0/mlflow/${path}`;
    expect([key, await send(service, other, route, request)]).toEqual([key, 403]);
    if (touches === 'everything' || touches.pointers === undefined) continue;
    moving.push(key);
    expect([key, await send(service, staging, route, request)]).toEqual([key, 403]);
  }
  expect(moving).toEqual([
    'POST registered-models/alias',
    'DELETE registered-models/alias',
    'POST model-versions/transition-stage',
  ]);
});

test('a merge takes a token for both models, and for each stage that it clears', async () => {
  const service = await startService();
  const model = await threeVersions(service.client);
  const path = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');
  await service.client.call('POST /register', { path, model: 'other' });
  await service.client.call('POST /models/:model/versions/:version/promote', {
    model,
    version: '1',
    stage: 'production',
  });
  const merge = async (owner: string, limits: Limits, into: string, from: string): Promise<number> => {
    const token = await tokenWith(service, owner, 'admin', limits);
    return send(service, token, 'POST /models/:model/merge', { model: into, from });
  };
  expect(await merge('ana', { models: [model] }, model, 'other')).toBe(403);
  expect(await merge('bo', { models: ['other'] }, model, 'other')).toBe(403);
  expect(await merge('cy', { pointers: ['staging'] }, 'other', model)).toBe(403);
  expect(await merge('dan', { pointers: ['staging'] }, model, 'other')).toBe(200);
});
