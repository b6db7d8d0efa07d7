import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serviceUrl } from '../../../daemon/clients/client/address.ts';
import { downloadVersion } from '../../../daemon/clients/client/download.ts';
import { reachUrl } from '../../../daemon/clients/client/remote.ts';
import { registerByUpload } from '../../../daemon/clients/client/upload.ts';
import { samples, startService, temporary, threeVersions, type TestService } from '../../support/daemon.ts';

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Tunnel {
  url: string;
  /** Bytes of bodies that came from the client. */
  sent: number;
  /** Called for each piece of a body on its way to the service; may change it, or throw to cut the connection. */
  onPiece: (piece: Buffer, path: string) => Buffer;
  /** Called for each piece on its way back. */
  onReply: (piece: Buffer, path: string) => Buffer;
}

/** A proxy before a service, as an SSH tunnel is, which can damage and cut what passes. */
async function tunnelTo({ daemon }: TestService): Promise<Tunnel> {
  const tunnel: Tunnel = { url: '', sent: 0, onPiece: (piece) => piece, onReply: (piece) => piece };
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '';
    const { method, headers } = request;
    const onward = httpRequest({ host: '127.0.0.1', port: daemon.file.port, method, path, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.on('data', (piece: Buffer) => response.write(tunnel.onReply(piece, path)));
      reply.on('end', () => response.end());
    });
    onward.on('error', () => request.destroy());
    request.on('error', () => onward.destroy());
    request.on('data', (piece: Buffer) => {
      tunnel.sent += piece.length;
      try {
        onward.write(tunnel.onPiece(piece, path));
      } catch {
        request.destroy();
        onward.destroy();
      }
    });
    request.on('end', () => onward.end());
  };
  tunnel.url = await listening(createServer(pass));
  return tunnel;
}

async function tokenOf(
  { client }: TestService,
  role: 'viewer' | 'contributor' | 'admin' = 'contributor',
): Promise<string> {
  return (await client.call('POST /tokens', { owner: 'ana', role })).token;
}

function bigFile(bytes: number): { path: string; sha256: string } {
  const path = join(temporary(), 'weights.bin');
  const content = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 64) content.writeUInt32LE(at, at);
  writeFileSync(path, content);
  return { path, sha256: createHash('sha256').update(content).digest('hex') };
}

const silent = (): void => undefined;

test(
  'an upload that is cut continues where it stopped, and is registered with the bytes of the client',
  { timeout: 60_000 },
  async () => {
    const service = await startService();
    const tunnel = await tunnelTo(service);
    const client = await reachUrl(tunnel.url, await tokenOf(service), 'cli');
    const { path, sha256 } = bigFile(24 << 20);
    let cuts = 0;
    let passed = 0;
    tunnel.onPiece = (piece) => {
      passed += piece.length;
      if (cuts < 6 && passed > (cuts + 1) * (4 << 20)) {
        cuts += 1;
        throw new Error('cut');
      }
      return piece;
    };
    const { version } = await registerByUpload(client, { path, model: 'big', again: undefined }, silent);
    expect(cuts).toBe(6);
    const { files } = await service.client.call('GET /models/:model/versions/:version', { model: 'big', version: '1' });
    expect(files).toEqual([{ path: '', size: 24 << 20, sha256 }]);
    expect(version.source.path).toMatch(/^[\w.-]+:\/.*weights\.bin$/);
    expect(tunnel.sent).toBeLessThan(48 << 20);
    expect(readdirSync(join(service.folder, 'data', 'incoming'))).toEqual([]);
    const again = registerByUpload(client, { path, model: 'big', again: undefined }, silent);
    await expect(again).rejects.toMatchObject({ code: 'already-registered' });
  },
);

test('bytes that are changed on their way are not registered', { timeout: 30_000 }, async () => {
  const service = await startService();
  const tunnel = await tunnelTo(service);
  const client = await reachUrl(tunnel.url, await tokenOf(service), 'cli');
  const { path } = bigFile(3 << 20);
  let isFlipped = false;
  tunnel.onPiece = (piece) => {
    if (isFlipped || piece.length < 1000) return piece;
    isFlipped = true;
    const changed = Buffer.from(piece);
    changed[500] = changed[500]! ^ 1;
    return changed;
  };
  const sent = registerByUpload(client, { path, model: 'big', again: undefined }, silent);
  await expect(sent).rejects.toThrow('arrived damaged');
  expect((await service.client.call('GET /models', {})).items).toEqual([]);
});

test('a folder is registered as on the machine itself: same files, same format, same digest', async () => {
  const service = await startService();
  const folder = join(samples, 'xgboost', 'breast-cancer', 'run-001');
  const client = await reachUrl((await tunnelTo(service)).url, await tokenOf(service), 'cli');
  const { version } = await registerByUpload(client, { path: folder, model: 'by-url', again: undefined }, silent);
  expect(version).toMatchObject({ wholeFolder: true, framework: 'xgboost', actor: 'ana/cli' });
  const one = await registerByUpload(
    client,
    { path: join(folder, 'model.ubj'), model: 'one', again: undefined },
    silent,
  );
  const here = await service.client.call('POST /register', {
    path: join(folder, 'model.ubj'),
    model: 'one',
    again: true,
  });
  expect(here.version).toMatchObject({ digest: one.version.digest, framework: one.version.framework, number: 2 });
});

test('without a name, a model gets the same one by address as on the machine itself', { timeout: 60_000 }, async () => {
  const [here, there] = [await startService(), await startService()];
  const client = await reachUrl((await tunnelTo(there)).url, await tokenOf(there, 'admin'), 'cli');
  const top = temporary();
  mkdirSync(join(top, 'shop', '.git'), { recursive: true });
  for (const [place, name] of [
    ['shop/runs/exp1/best.joblib', 'shop'],
    ['rent/models/prices_final.joblib', 'prices'],
    ['churn-2026/outputs/model.joblib', 'churn-2026'],
  ] as const) {
    const path = join(top, place);
    mkdirSync(dirname(path), { recursive: true });
    cpSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'), path);
    const sent = await registerByUpload(client, { path, again: true }, silent);
    const own = await here.client.call('POST /register', { path, again: true });
    expect([sent.version.model, own.version.model, sent.named]).toEqual([name, name, own.named]);
    const whole = await registerByUpload(client, { path: dirname(path), again: true }, silent);
    expect(whole.version.model).toBe(name);
  }
});

test('files are copied into the cache, verified, and kept only whole', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const tunnel = await tunnelTo(service);
  const client = await reachUrl(tunnel.url, await tokenOf(service, 'viewer'), 'cli');
  process.env['XDG_CACHE_HOME'] = temporary();
  onTestFinished(() => void delete process.env['XDG_CACHE_HOME']);
  const detail = await client.call('GET /models/:model/versions/:version', { model: 'iris', version: '2' });
  tunnel.onReply = (piece, path) => (path.includes('/files/') ? Buffer.alloc(piece.length) : piece);
  await expect(downloadVersion(client, detail, silent)).rejects.toThrow('arrived damaged');
  tunnel.onReply = (piece) => piece;
  const path = await downloadVersion(client, detail, silent);
  const original = join(samples, 'sklearn', 'iris-script', 'outputs', 'v2', 'model.joblib');
  expect(readFileSync(path).equals(readFileSync(original))).toBe(true);
  tunnel.onReply = (piece, asked) => (asked.includes('/files/') ? Buffer.alloc(0) : piece);
  expect(await downloadVersion(client, detail, silent)).toBe(path);
});

test('an upload is refused for a viewer, for another model than the token allows, and for a path that leads out', async () => {
  const service = await startService();
  const { url } = await tunnelTo(service);
  const { path, sha256 } = bigFile(100);
  const viewer = await reachUrl(url, await tokenOf(service, 'viewer'), 'cli');
  await expect(registerByUpload(viewer, { path, model: 'm', again: undefined }, silent)).rejects.toMatchObject({
    code: 'forbidden',
  });
  const { token: secret } = await service.client.call('POST /tokens', {
    owner: 'ben',
    role: 'contributor',
    models: ['mine*'],
  });
  const ben = await reachUrl(url, secret, 'cli');
  await expect(registerByUpload(ben, { path, model: 'yours', again: undefined }, silent)).rejects.toMatchObject({
    code: 'forbidden',
  });
  await registerByUpload(ben, { path, model: 'mine', again: undefined }, silent);
  const files = [{ path: '../x', size: 100, sha256 }];
  const request = { model: 'mine', files, wholeFolder: true, from: 'laptop:/x' };
  await expect(ben.call('POST /register/uploaded', request)).rejects.toMatchObject({ code: 'invalid-request' });
  const local = { ...request, files: [{ path: 'x', size: 100, sha256 }], from: '/etc/passwd' };
  await expect(ben.call('POST /register/uploaded', local)).rejects.toMatchObject({ code: 'invalid-request' });
});

test.each([
  ['http://models.example', 'must begin with https:// for models.example'],
  ['ftp://127.0.0.1', 'take an address such as'],
  ['127.0.0.1:8080', 'take an address such as'],
  ['https://ana:secret@models.example', 'no user and password'],
  ['http://127.0.0.1.models.example', 'must begin with https://'],
])('the address %s is refused before anything is sent', (address, reason) => {
  expect(() => serviceUrl(address)).toThrow(reason);
});

test('a slash at the end of an address does not matter, and a proxy may put a service under a path', () => {
  expect(serviceUrl('http://127.0.0.1:8080/')).toBe('http://127.0.0.1:8080');
  expect(serviceUrl('https://models.example/plinth/')).toBe('https://models.example/plinth');
});

test('what is no Plinth of this protocol is one sentence, and sees no token', async () => {
  const seen: string[] = [];
  let answer: (response: ServerResponse) => void = (response) => void response.end();
  const url = await listening(
    createServer((request, response) => {
      seen.push(String(request.headers.authorization));
      answer(response);
    }),
  );
  const reached = (): Promise<unknown> => reachUrl(url, 'secret', 'cli');
  answer = (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<form>Log in</form>');
  await expect(reached()).rejects.toThrow(
    `the program at ${url} answered with status 200 and a web page instead of a reply of Plinth`,
  );
  answer = (response) => void response.writeHead(302, { location: 'https://login.example/?next=1' }).end();
  await expect(reached()).rejects.toThrow('status 302 and a redirect to login.example');
  answer = (response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>');
  await expect(reached()).rejects.toThrow('status 502: it does not reach the service behind it. Check that');
  answer = (response) => void response.writeHead(413, { 'content-type': 'text/html' }).end();
  await expect(reached()).rejects.toThrow('status 413: it refuses requests of this size. Raise its limit');
  answer = (response) => void response.end('{"version":"9.0.0","protocol":7}');
  await expect(reached()).rejects.toThrow('Plinth 9.0.0 at');
  answer = (response) => void response.end('{"version":"0.0.1","mlflow":"3"}');
  await expect(reached()).rejects.toThrow('speaks an older protocol where this program speaks 1');
  answer = (response) => void response.end('[]');
  await expect(reached()).rejects.toThrow('is not a Plinth service');
  expect(new Set(seen)).toEqual(new Set(['undefined']));
  await expect(reachUrl('http://127.0.0.1:1', 'secret', 'cli')).rejects.toThrow(
    'the Plinth service at http://127.0.0.1:1 does not answer',
  );
});
