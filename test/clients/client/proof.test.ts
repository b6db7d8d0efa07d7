import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findDaemon, readDaemonFile } from '../../../daemon/clients/client/discover.ts';
import { follow } from '../../../daemon/clients/client/follow.ts';
import { reach } from '../../../daemon/clients/client/launch.ts';
import { connect } from '../../../daemon/clients/client/request.ts';
import { Unavailable } from '../../../daemon/clients/client/unavailable.ts';
import type { DaemonFile } from '../../../daemon/protocol/handshake.ts';
import { startService, temporary, until } from '../../support/daemon.ts';
import { mainScript } from '../../support/program.ts';

/** An id that no process has, beyond Linux's largest. */
const nobody = 2 ** 22 + 7;

interface Squatter {
  server: Server;
  port: number;
  /** Requests that contained a token. */
  stolen: string[];
  asked: string[];
}

/** Listens at the port of a former service, answers like one, and collects every token it gets. `answer` may do more. */
async function squatter(answer?: (url: string) => Promise<string> | undefined): Promise<Squatter> {
  const found: Squatter = { server: createServer(), port: 0, stolen: [], asked: [] };
  const hear = (request: IncomingMessage): void => {
    found.asked.push(request.url ?? '');
    if (request.headers.authorization !== undefined) found.stolen.push(request.headers.authorization);
  };
  found.server.on('request', (request: IncomingMessage, response) => {
    hear(request);
    const more = answer?.(request.url ?? '') ?? Promise.resolve('OK');
    void more.then((text) => response.end(text));
  });
  found.server.on('upgrade', (request: IncomingMessage, socket) => {
    hear(request);
    socket.destroy();
  });
  await new Promise<void>((resolve) => found.server.listen(0, '127.0.0.1', resolve));
  found.port = (found.server.address() as AddressInfo).port;
  onTestFinished(() => {
    found.server.closeAllConnections();
    found.server.close();
  });
  return found;
}

/** Makes a data folder whose daemon.json points to this port. */
function pointing(port: number, more: Partial<DaemonFile> = {}): { folder: string; file: DaemonFile } {
  const folder = temporary();
  const token = 'x'.repeat(43);
  const file = {
    pid: nobody,
    port,
    token,
    proofKey: 'k'.repeat(64),
    protocol: 1,
    version: '0.0.0',
    startedAt: 1,
    ...more,
  };
  writeFileSync(join(folder, 'daemon.json'), JSON.stringify(file));
  return { folder, file };
}

function textAt(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}

test('whoever answers on the port of a stale daemon.json gets no token, and the file is removed', async () => {
  const thief = await squatter();
  const { folder } = pointing(thief.port);
  expect(await findDaemon(folder)).toBeUndefined();
  expect(thief.asked).toHaveLength(1);
  expect(thief.stolen).toEqual([]);
  expect(existsSync(join(folder, 'daemon.json'))).toBe(false);
});

test('a client that was connected sends its token to nobody who took the port since, by a call or by its stream', async () => {
  const thief = await squatter();
  const { file } = pointing(thief.port);
  await expect(connect(file, 'test').call('GET /status', {})).rejects.toThrow(
    /cannot prove to be the registry service/,
  );
  await expect(connect(file, 'test').pageCode()).rejects.toThrow(Unavailable);
  const lost: string[] = [];
  const follower = follow({
    find: () => Promise.resolve(file),
    onMessage: () => undefined,
    onLost: (reason) => lost.push(reason),
  });
  onTestFinished(() => follower.close());
  await until(() => lost.length > 0, 'the refusal');
  expect(lost[0]).toMatch(/cannot prove/);
  expect(thief.stolen).toEqual([]);
});

test('an answer that was fetched from the service on another port proves nothing', async () => {
  const { daemon } = await startService();
  const { file } = daemon;
  const thief = await squatter((url) => textAt(file.port, url));
  await expect(connect({ ...file, port: thief.port }, 'test').call('GET /status', {})).rejects.toThrow(Unavailable);
  expect(thief.asked.some((url) => url.startsWith('/proof?nonce='))).toBe(true);
  expect(thief.stolen).toEqual([]);
  expect(await connect(file, 'test').call('GET /status', {})).toMatchObject({ version: '0.0.0' });
});

test('a service is started on another port where somebody took its own', { timeout: 30_000 }, async () => {
  const thief = await squatter();
  const { folder } = pointing(thief.port);
  const identity = { token: 'y'.repeat(43), port: thief.port, mlflow: 'z'.repeat(43) };
  writeFileSync(join(folder, 'identity.json'), JSON.stringify(identity));
  const client = await reach(folder, 'test', { script: mainScript });
  onTestFinished(async () => void (await client.call('POST /stop', {}).catch(() => undefined)));
  expect(client.daemon.port).not.toBe(thief.port);
  expect(await client.call('GET /status', {})).toMatchObject({ pid: readDaemonFile(folder)?.pid });
  expect(thief.stolen).toEqual([]);
});

test('a daemon.json of before proofs is not believed, and one sentence says so', async () => {
  const thief = await squatter();
  const { folder } = pointing(thief.port, { proofKey: undefined as never, pid: process.ppid });
  await expect(reach(folder, 'test', { script: mainScript })).rejects.toThrow(
    /no token was sent to it; if process \d+ is a service/,
  );
  expect(thief.stolen).toEqual([]);
});

test('a proof is given to anybody who asks well, is another for each nonce, and a bad nonce is refused', async () => {
  const { daemon, folder } = await startService();
  const { port, token, proofKey } = daemon.file;
  const [one, two] = await Promise.all(['a', 'b'].map((letter) => textAt(port, `/proof?nonce=${letter.repeat(32)}`)));
  expect(one).toMatch(/^[\w-]{43}$/);
  expect(one).not.toBe(two);
  for (const path of ['/proof', '/proof?nonce=x', `/proof?nonce=${'a'.repeat(65)}`, '/proof?nonce=a&nonce=b'])
    expect(await textAt(port, path)).toContain('invalid-request');
  const told = readFileSync(join(folder, 'data', 'daemon.json'), 'utf8');
  expect(told).toContain(proofKey);
  expect(one).not.toContain(token.slice(0, 20));
});
