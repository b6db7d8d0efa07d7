import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { logFrames } from '../../daemon/api/event-frames.ts';
import { connect } from '../../daemon/clients/client/request.ts';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import { startService, samples, threeVersions, until, type TestService } from '../support/daemon.ts';

interface Listener {
  socket: WebSocket;
  messages: StreamMessage[];
  events(): number[];
}

function follow(service: TestService, query = ''): Listener {
  const { port, token } = service.daemon.file;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/events${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const messages: StreamMessage[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as StreamMessage));
  return {
    socket,
    messages,
    events: () => messages.flatMap((message) => (message.kind === 'event' ? [message.event.seq] : [])),
  };
}

async function greeted(listener: Listener): Promise<Extract<StreamMessage, { kind: 'hello' }>> {
  return until(() => listener.messages.find((message) => message.kind === 'hello'), 'hello');
}

test('a client that comes fresh is greeted with log and head, then hears every event in order', async () => {
  const service = await startService();
  const listener = follow(service);
  const hello = await greeted(listener);
  expect(hello).toMatchObject({ seq: 0, logId: service.daemon.context.db.logId });
  await threeVersions(service.client);
  const head = (await service.client.call('GET /status', {})).seq;
  await until(() => listener.events().includes(head), 'the last event');
  expect(listener.events().slice(0, head)).toEqual(Array.from({ length: head }, (_, index) => index + 1));
});

test('a client hears of a promotion and of one that gates refused what webhooks are told', async () => {
  const service = await startService();
  const listener = follow(service);
  await greeted(listener);
  await threeVersions(service.client);
  const promote = (version: string): Promise<unknown> =>
    service.client.call('POST /models/:model/versions/:version/promote', {
      model: 'iris',
      version,
      stage: 'production',
    });
  await promote('1');
  const gate = '{ gate: metric, metric: accuracy, at_least: 2 }';
  writeFileSync(
    join(service.out, 'plinth.yaml'),
    `models:\n  - match: iris\n    gates:\n      production:\n        - ${gate}\n`,
  );
  await service.client.call('POST /models/:model/policy', { model: 'iris', path: join(service.out, 'plinth.yaml') });
  await expect(promote('2')).rejects.toThrow();
  const notices = await until(() => {
    const found = listener.messages.flatMap((message) => (message.kind === 'notice' ? [message.notice] : []));
    return found.length >= 2 && found;
  }, 'two notices');
  expect(notices).toMatchObject([
    { kind: 'promoted', model: 'iris', version: 1, from: null, to: 1, event: expect.any(Number) },
    { kind: 'gate-failed', model: 'iris', version: 2, pointer: 'production', event: null },
  ]);
});

test('a client that was away resumes where it was and misses nothing', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const head = (await service.client.call('GET /status', {})).seq;
  const listener = follow(service, `?log=${service.daemon.context.db.logId}&after=3`);
  await until(() => listener.events().includes(head), 'the last event');
  const known = listener.events().filter((seq) => seq <= head);
  expect(known).toEqual(Array.from({ length: head - 3 }, (_, index) => index + 4));
  expect(listener.messages.some((message) => message.kind === 'resync')).toBe(false);
});

test('an unknown log and a position past the head are answered by resync', async () => {
  const service = await startService();
  for (const query of [
    '?log=other&after=0',
    `?log=${service.daemon.context.db.logId}&after=99`,
    `?log=${service.daemon.context.db.logId}&after=-1`,
    '?after=0',
  ]) {
    const listener = follow(service, query);
    await until(() => listener.messages.some((message) => message.kind === 'resync'), `resync for ${query}`);
  }
});

test('messages of every length come whole', async () => {
  const service = await startService();
  const listener = follow(service);
  await greeted(listener);
  const notes = [0, 1, 40, 60, 125, 126, 300, 65_400, 65_536, 90_000].map((length) => 'ü'.repeat(length / 2));
  for (const note of notes)
    service.daemon.context.publish({ kind: 'progress', task: 'verify', subject: 'all', done: 1, total: 2, note });
  const heard = (): (string | undefined)[] =>
    listener.messages.flatMap((message) => (message.kind === 'progress' ? [message.note] : []));
  await until(() => heard().length === notes.length, 'the last message');
  expect(heard()).toEqual(notes);
});

async function commitTags({ daemon }: TestService, model: string, count: number, length: number): Promise<void> {
  const value = 'x'.repeat(length);
  const events = Array.from({ length: count }, (_, n) => ({
    type: 'model.tagged/1' as const,
    body: { model, key: `k${n % 10}`, value },
  }));
  await daemon.context.commit({ actor: 'test' }, () => ({ events, result: () => null }));
}

test('a client that reads nothing for a while is not cut, and hears everything once it reads again', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const { model } = service.daemon.context.db.sql('SELECT id AS model FROM models').get() as { model: string };
  const [listener, quick] = [follow(service), follow(service)];
  await greeted(listener);
  await greeted(quick);
  listener.socket.pause();
  // More than the system itself buffers for a connection.
  for (let round = 0; round < 90; round += 1) await commitTags(service, model, 32, 3000);
  await commitTags(service, model, 300, 3000);
  const head = (await service.client.call('GET /status', {})).seq;
  await until(() => quick.events().includes(head), 'the last event for who reads');
  expect(listener.socket.readyState).toBe(listener.socket.OPEN);
  listener.socket.resume();
  await until(() => listener.events().includes(head), 'the last event for who waited');
  await commitTags(service, model, 1, 10);
  await until(() => listener.events().includes(head + 1), 'an event after that');
  for (const { events } of [listener, quick]) {
    const seqs = events();
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => seqs[0]! + index));
  }
}, 60_000);

test('clients that read the same part of the log share what is sent', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const { context } = service.daemon;
  const { model } = context.db.sql('SELECT id AS model FROM models').get() as { model: string };
  await commitTags(service, model, 100, 10);
  const log = logFrames(context);
  const block = log.blockAfter(33);
  expect(log.blockAfter(40)).toBe(block);
  expect(log.blockAfter(33)).toBe(block);
  const all = Array.from(log.blockAfter(32)!.seqs);
  expect(all).toEqual(Array.from({ length: 32 }, (_, index) => 33 + index));
  const { seq } = await service.client.call('GET /status', {});
  expect(log.blockAfter(seq)).toBeUndefined();
  const open = log.blockAfter(seq - 1);
  await commitTags(service, model, 1, 10);
  expect(log.blockAfter(seq - 1)?.seqs.at(-1)).toBe(seq + 1);
  expect(open?.seqs.at(-1)).toBe(seq);
});

test('a thin event stays below 4 KiB however much its body holds', async () => {
  const service = await startService();
  const listener = follow(service);
  await greeted(listener);
  await threeVersions(service.client);
  await service.client.call('POST /models/:model/versions/:version/describe', {
    model: 'iris',
    version: '1',
    description: 'x'.repeat(9000),
  });
  await until(
    () => listener.messages.some((message) => message.kind === 'event' && message.event.type === 'version.described/1'),
    'the event',
  );
  for (const message of listener.messages) expect(JSON.stringify(message).length).toBeLessThan(4 * 1024);
});

test('a repeated request with the same key is answered the same and done once', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const { port, token } = service.daemon.file;
  const send = async (text: string, key: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/models/iris/versions/1/comment`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ text }),
    });
  const answers = await Promise.all([send('once', 'k1'), send('once', 'k1')]);
  const bodies = await Promise.all(answers.map((answer) => answer.json()));
  expect(bodies[1]).toEqual(bodies[0]);
  const { comments } = await service.client.call('GET /models/:model/versions/:version', {
    model: 'iris',
    version: '1',
  });
  expect(comments).toHaveLength(1);
  expect((await send('another', 'k1')).status).toBe(409);
});

test('a file of a version is served by its name in the manifest, and a damaged one is never served whole', async () => {
  const service = await startService();
  await service.client.call('POST /register', { path: join(samples, 'peft', 'adapter-lora'), model: 'adapter' });
  const { port, token } = service.daemon.file;
  const get = async (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/models/adapter/versions/1/files/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
  expect(await (await get('adapter_config.json')).json()).toMatchObject({ peft_type: 'LORA' });
  for (const hostile of ['..%2f..%2fregistry.db', 'nowhere', '%2e%2e/identity.json'])
    expect((await get(hostile)).status).toBe(404);
  const { files } = await service.client.call('GET /models/:model/versions/:version', {
    model: 'adapter',
    version: '1',
  });
  const weights = files.find((file) => file.path.endsWith('.safetensors'));
  const blob = service.daemon.context.blobs.pathOf(`sha256:${weights?.sha256}`);
  const { chmodSync, readFileSync, writeFileSync } = await import('node:fs');
  const bytes = readFileSync(blob);
  bytes[9] = (bytes[9] ?? 0) ^ 1;
  chmodSync(blob, 0o644);
  writeFileSync(blob, bytes);
  const cut = await get(weights?.path ?? '').then(
    async (response) => (await response.arrayBuffer()).byteLength,
    () => -1,
  );
  expect(cut).not.toBe(bytes.length);
});

test('a daemon that starts again keeps its port, its token and its log', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const before = service.daemon.file;
  await service.daemon.stop();
  const { startDaemon } = await import('../../daemon/daemon.ts');
  const { configure } = await import('../../daemon/config.ts');
  const { silent } = await import('../../daemon/log.ts');
  const again = await startDaemon(configure({ version: '0', dataFolder: join(service.folder, 'data') }), silent);
  expect([again.file.port, again.file.token]).toEqual([before.port, before.token]);
  expect((await connect(again.file, 'test').call('GET /models', {})).items[0]?.versions).toBe(3);
  await again.stop();
});
