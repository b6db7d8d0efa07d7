import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { findModel } from '../../daemon/registry/versions/resolve.ts';
import { startService, threeVersions, until, type TestService } from '../support/daemon.ts';

const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

/** Returns raw requests for every way in which a request can be refused. */
function refusals(service: TestService): Record<string, string> {
  const { port, token } = service.daemon.file;
  const host = `Host: 127.0.0.1:${port}`;
  const bearer = `Authorization: Bearer ${token}`;
  const text = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
  return {
    'an upgrade without a token': text('GET /events HTTP/1.1', host, ...upgrade, key),
    'an upgrade with a wrong token': text('GET /events HTTP/1.1', host, 'Authorization: Bearer x', ...upgrade, key),
    'an upgrade with a wrong ticket': text(
      'GET /events HTTP/1.1',
      host,
      ...upgrade,
      key,
      'Sec-WebSocket-Protocol: plinth, ticket.x',
    ),
    'an upgrade for another host': text('GET /events HTTP/1.1', 'Host: evil.example', bearer, ...upgrade, key),
    'an upgrade from another site': text(
      'GET /events HTTP/1.1',
      host,
      bearer,
      'Origin: http://evil.example',
      ...upgrade,
      key,
    ),
    'an upgrade of another path': text('GET /models HTTP/1.1', host, bearer, ...upgrade, key),
    'an upgrade without a key': text('GET /events HTTP/1.1', host, bearer, ...upgrade),
    'an upgrade of another version': text(
      'GET /events HTTP/1.1',
      host,
      bearer,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 7',
      key,
    ),
    'an upgrade by POST': text('POST /events HTTP/1.1', host, bearer, ...upgrade, key),
    'an upgrade to HTTP/2': text(
      'GET /events HTTP/1.1',
      host,
      'Upgrade: h2c',
      'Connection: Upgrade',
      'HTTP2-Settings: AAMAAABk',
    ),
    'an accepted upgrade': text('GET /events HTTP/1.1', host, bearer, ...upgrade, key),
    'an accepted upgrade that resumes': text('GET /events?log=x&after=0 HTTP/1.1', host, bearer, ...upgrade, key),
    'no token': text('GET /models HTTP/1.1', host),
    'no HTTP': 'hello\r\n\r\n',
    'no end of headers': `GET /models HTTP/1.1\r\n${host}\r\n`,
    'headers that are too long': `GET /models HTTP/1.1\r\n${host}\r\nX: ${'x'.repeat(100_000)}`,
    'a body that breaks off':
      text('POST /register HTTP/1.1', host, bearer, 'Content-Type: application/json', 'Content-Length: 1000') + '{',
    'an upload that breaks off':
      text('PUT /api/2.0/mlflow-artifacts/artifacts/a/b HTTP/1.1', host, bearer, 'Content-Length: 1000') + 'x',
    'a chunk of no length': text('POST /register HTTP/1.1', host, bearer, 'Transfer-Encoding: chunked') + 'zz\r\n',
    'a CONNECT': text('CONNECT example.com:443 HTTP/1.1', host),
    'an Expect': text('GET /models HTTP/1.1', host, bearer, 'Expect: nothing'),
  };
}

/** Sends the text and resets the connection: at once, a turn later, when the answer begins, or a moment later. */
async function sendAndReset(port: number, text: string, when: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  socket.write(text, () => {
    const reset = (): void => void socket.resetAndDestroy();
    if (when === 0) reset();
    else if (when === 1) setImmediate(reset);
    else if (when === 2) socket.once('data', reset);
    setTimeout(reset, 20);
  });
  await closed;
}

test('a peer that resets at any moment of any refusal ends nothing', async () => {
  const service = await startService();
  const { port } = service.daemon.file;
  for (const text of Object.values(refusals(service)))
    for (const when of [0, 0, 0, 1, 1, 1, 2, 3]) await sendAndReset(port, text, when);
  await threeVersions(service.client);
  expect((await service.client.call('GET /models', {})).items).toHaveLength(1);
  expect(service.errors).toEqual([]);
});

test('a refused upgrade is answered with its reason and its connection is closed', async () => {
  const service = await startService();
  const socket = connect({ port: service.daemon.file.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write(refusals(service)['an upgrade without a token'] ?? '');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await once(socket, 'end');
  expect(answer).toContain('401 Unauthorized');
  expect(answer).toContain('"unauthorized"');
  const lost = new Promise((resolve) => socket.once('error', resolve));
  for (let sent = 0; sent < 50 && !socket.destroyed; sent += 1) {
    socket.write('x'.repeat(1000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await lost;
});

/** Resolves when the service has closed the connection. */
async function closedAfter(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
}

test('a connection is closed when its peer is silent: before, within and after the headers, within a body', async () => {
  const service = await startService({ maxSilenceMs: 300 });
  const { port, token } = service.daemon.file;
  const head = `PUT /api/2.0/mlflow-artifacts/artifacts/a/b HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n`;
  const texts = ['', 'GET /mod', head, `${head}Content-Length: 100\r\n\r\n`, `${head}Content-Length: 100\r\n\r\nxxxx`];
  await Promise.all(
    texts.map(async (text) => {
      const socket = connect(port, '127.0.0.1');
      if (text !== '') socket.write(text);
      await closedAfter(socket);
    }),
  );
});

test('headers that drip in are cut, however steadily they come', async () => {
  const service = await startService({ maxSilenceMs: 300 });
  const { port } = service.daemon.file;
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET /models HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`);
  const dripping = setInterval(() => socket.write('x-a: b\r\n'), 50);
  await closedAfter(socket);
  clearInterval(dripping);
});

test('a slow upload goes on for as long as bytes flow', async () => {
  const service = await startService({ maxSilenceMs: 300 });
  const { port, token } = service.daemon.file;
  const pieces = 20;
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.write(
    `PUT /api/2.0/mlflow-artifacts/artifacts/a/b HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${pieces}\r\n\r\n`,
  );
  for (let sent = 0; sent < pieces; sent += 1) {
    await new Promise((resolve) => setTimeout(resolve, 80));
    socket.write('x');
  }
  await until(() => answer.startsWith('HTTP/1.1 200'), 'the answer');
  socket.destroy();
});

test('clients that resume from the first event and read nothing hold one block of events, which they share', async () => {
  const service = await startService();
  await threeVersions(service.client);
  // More than the kernel buffers for a connection. The service holds what the kernel does not take.
  const { id } = findModel(service.daemon.context, 'iris');
  await service.daemon.context.commit({ actor: 'test' }, () => ({
    events: Array.from({ length: 4000 }, (_, count) => ({
      type: 'version.described/1' as const,
      body: { model: id, number: 1, description: String(count).padEnd(3000, 'x') },
    })),
    result: () => null,
  }));
  let [writes, most, large] = [0, 0, 0];
  const held = new Set<ArrayBufferLike>();
  const written = Socket.prototype.write;
  vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...given: unknown[]) {
    const isTaken = Reflect.apply(written, this, given) as boolean;
    most = Math.max(most, this.writableLength);
    writes += 1;
    if (Buffer.isBuffer(given[0]) && given[0].length > 100_000) {
      large += 1;
      held.add(given[0].buffer);
    }
    return isTaken;
  });
  onTestFinished(() => void vi.restoreAllMocks());
  const { port, token } = service.daemon.file;
  const query = `log=${service.daemon.context.db.logId}&after=0`;
  const lines = [`GET /events?${query} HTTP/1.1`, `Host: 127.0.0.1:${port}`, `Authorization: Bearer ${token}`];
  const clients = 3;
  for (let count = 0; count < clients; count += 1) {
    const socket = connect(port, '127.0.0.1').pause();
    socket.on('error', () => undefined);
    socket.write(`${[...lines, ...upgrade, key].join('\r\n')}\r\n\r\n`);
    onTestFinished(() => void socket.destroy());
  }
  const settled = async (): Promise<boolean> => {
    const before = writes;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return writes === before && before > clients;
  };
  await until(settled, 'the moment when the kernel takes no more');
  expect(most, 'unread bytes').toBeLessThan(2 * 1024 * 1024);
  expect(large).toBeGreaterThanOrEqual(clients);
  expect(held.size * clients, 'blocks that are sent are shared').toBeLessThanOrEqual(large + clients);
});

test('the stream of a token that has expired hears nothing more and is closed', async () => {
  let ahead = 0;
  const service = await startService({ now: () => Date.now() + ahead });
  await threeVersions(service.client);
  const made = await service.client.call('POST /tokens', {
    owner: 'eve',
    role: 'viewer',
    models: [],
    pointers: [],
    days: 1,
  });
  const socket = new WebSocket(`ws://127.0.0.1:${service.daemon.file.port}/events`, {
    headers: { authorization: `Bearer ${made.token}` },
  });
  let events = 0;
  socket.on('message', (data: Buffer) => (events += data.toString().includes('"kind":"event"') ? 1 : 0));
  const closed = once(socket, 'close');
  await once(socket, 'open');
  ahead = 3 * 86_400_000;
  await service.client.call('POST /models/:model/versions/:version/describe', {
    model: 'iris',
    version: '1',
    description: 'after',
  });
  expect((await closed)[0]).toBe(1008);
  expect(events).toBe(0);
});
