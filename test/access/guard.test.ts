import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startService, type TestService } from '../support/daemon.ts';

interface Answer {
  status: number;
  body: string;
}

/** Sends a raw request, so that every header is exactly as the test says. */
function ask(
  service: TestService,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { port: service.daemon.file.port, host: '127.0.0.1', path, method, headers, setHost: false },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends exactly these bytes and returns everything that comes back. */
function raw(service: TestService, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(service.daemon.file.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

function good(service: TestService): Record<string, string> {
  return { host: `127.0.0.1:${service.daemon.file.port}`, authorization: `Bearer ${service.daemon.file.token}` };
}

async function routes(service: TestService): Promise<{ method: string; path: string }[]> {
  const { body } = await ask(service, '/openapi.json', good(service));
  const { paths } = JSON.parse(body) as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, 'x') })),
  );
}

const hostileHosts = [
  'evil.example',
  'evil.example:80',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'evil.example#127.0.0.1',
  '127.0.0.1@evil.example',
  'user@127.0.0.1',
  '127.0.0.1:80:80',
  '127.0.0.2',
  '0.0.0.0',
  '127.1',
  '2130706433',
  '0x7f000001',
  '[::1]',
  '[::ffff:127.0.0.1]',
  'LOCALHOST.',
  'localhost.',
  '*.localhost',
  'sub.localhost',
  '',
  ' ',
  '127.0.0.1/',
  '127.0.0.1\\',
  'http://127.0.0.1',
  '127.0.0.1,evil.example',
];

test('every route refuses every foreign Host, before anything else', async () => {
  const service = await startService();
  for (const { method, path } of await routes(service)) {
    const { status } = await ask(service, path, { ...good(service), host: 'evil.example' }, method);
    expect([path, status]).toEqual([path, 400]);
  }
  for (const host of hostileHosts) {
    const { status } = await ask(service, '/status', { ...good(service), host });
    expect([host, status]).toEqual([host, 400]);
  }
});

test('a missing and a doubled Host are refused', async () => {
  const service = await startService();
  const { authorization } = good(service);
  expect((await ask(service, '/status', { authorization: authorization ?? '' })).status).toBe(400);
  const host = `Host: 127.0.0.1:${service.daemon.file.port}`;
  const lines = ['GET /status HTTP/1.1', host, host, `Authorization: ${authorization}`, 'Connection: close', '', ''];
  expect(await raw(service, lines.join('\r\n'))).toMatch(/^HTTP\/1\.1 400 /);
});

test('every route but health and version answers 401 without the token, and with a wrong one', async () => {
  const service = await startService();
  const { host } = good(service);
  for (const { method, path } of [
    ...(await routes(service)),
    { method: 'GET', path: '/openapi.json' },
    { method: 'GET', path: '/nowhere' },
  ]) {
    for (const authorization of [
      '',
      'Bearer wrong',
      `Bearer ${service.daemon.file.token}x`,
      `Basic ${btoa('x:wrong')}`,
    ]) {
      const { status } = await ask(
        service,
        path,
        { host: host ?? '', ...(authorization ? { authorization } : {}) },
        method,
      );
      expect([path, authorization, status]).toEqual([path, authorization, 401]);
    }
  }
  expect(await ask(service, '/health', { host: host ?? '' })).toEqual({ status: 200, body: 'OK' });
  expect((await ask(service, '/version', { host: host ?? '' })).status).toBe(200);
});

test('the token is taken as Bearer and as the password of Basic with any user', async () => {
  const service = await startService();
  const { host } = good(service);
  const authorization = `Basic ${btoa(`anyone:${service.daemon.file.token}`)}`;
  expect((await ask(service, '/status', { host: host ?? '', authorization })).status).toBe(200);
});

test('another origin and another site are refused on every method', async () => {
  const service = await startService();
  for (const method of ['GET', 'POST', 'OPTIONS']) {
    for (const extra of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect(
        (await ask(service, '/status', { ...good(service), ...extra } as Record<string, string>, method)).status,
      ).toBe(403);
    }
  }
  const own = {
    ...good(service),
    origin: `http://127.0.0.1:${service.daemon.file.port}`,
    'sec-fetch-site': 'same-origin',
  };
  expect((await ask(service, '/status', own)).status).toBe(200);
});

test('the upgrade to the stream is guarded in the same way', async () => {
  const service = await startService();
  const refused = async (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${service.daemon.file.port}/events`, { headers });
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('open', () => resolve(101));
      socket.on('error', () => undefined);
    });
  const authorization = `Bearer ${service.daemon.file.token}`;
  expect(await refused({})).toBe(401);
  expect(await refused({ authorization, host: 'evil.example' })).toBe(400);
  expect(await refused({ authorization, origin: 'http://evil.example' })).toBe(403);
  expect(await refused({ authorization })).toBe(101);
});

test('bodies that reach for a prototype, nest too deep, are too large or no JSON are refused in one sentence', async () => {
  const service = await startService();
  const headers = { ...good(service), 'content-type': 'application/json' };
  const send = async (body: string, type = 'application/json'): Promise<Answer> =>
    ask(
      service,
      '/undo',
      { ...headers, 'content-type': type, 'content-length': String(Buffer.byteLength(body)) },
      'POST',
      body,
    );
  expect((await send('{"__proto__":{"seq":1}}')).status).toBe(400);
  expect((await send(`{"seq":${'['.repeat(100)}${']'.repeat(100)}}`)).status).toBe(400);
  expect((await send(`{"seq":"${'x'.repeat(2_000_000)}"}`)).status).toBe(413);
  expect((await send('{"seq":')).status).toBe(400);
  expect((await send('seq=1', 'application/x-www-form-urlencoded')).status).toBe(415);
  expect((await send('{"seq":1,"surprise":2}')).body).toMatch(/surprise/);
});

test('an unknown route and a wrong field are told what is expected', async () => {
  const service = await startService();
  expect(JSON.parse((await ask(service, '/nowhere', good(service))).body)).toMatchObject({
    error: { code: 'not-found' },
  });
  const { status, body } = await ask(service, '/models?limit=9999', good(service));
  expect([status, JSON.parse(body)]).toEqual([
    400,
    { error: { code: 'invalid-request', message: expect.stringMatching(/^limit: /) as string, details: {} } },
  ]);
});
