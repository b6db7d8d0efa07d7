import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readDaemonFile } from '../../daemon/clients/client/discover.ts';
import { isProven } from '../../daemon/clients/client/prove.ts';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import { openDatabase } from '../../daemon/db/database.ts';
import { openBlobStore } from '../../daemon/blobs/store.ts';
import type { DaemonFile } from '../../daemon/protocol/handshake.ts';
import type { Registered } from '../../daemon/protocol/routes/versions.ts';
import { samples, temporary, until } from '../support/daemon.ts';

const serve = join(import.meta.dirname, 'serve.ts');
const model = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));

/** Faults are injected into system calls of the real service, so the tests need a tracer that is allowed to trace. */
const tracer = spawnSync('strace', ['-qq', '-o', '/dev/null', process.execPath, '-e', '0']);
const missing =
  tracer.error || tracer.status !== 0
    ? 'strace is not installed, or may not trace here: no failing disk was tried'
    : '';

interface Traced {
  client: Client;
  token: string;
  port: number;
  stop(): Promise<void>;
}

/** Starts the service under strace with `inject`, only for system calls on these paths. The trace goes to `log`. */
async function traced(data: string, inject: string, calls: string, paths: string[], log: string): Promise<Traced> {
  const args = [
    '-f',
    '-qq',
    '-y',
    '-o',
    log,
    '-e',
    `trace=${calls}`,
    ...(inject === '' ? [] : ['-e', `inject=${inject}`]),
  ];
  const child = spawn('strace', [...args, ...paths.flatMap((path) => ['-P', path]), process.execPath, serve, data], {
    stdio: 'ignore',
  });
  const file = await serving(data);
  const end = async (): Promise<void> => {
    const gone = exited(child);
    // Read again: a service that just started on the port of a killed one is found before it has written its own number.
    process.kill(readDaemonFile(data)?.pid ?? file.pid, 'SIGKILL');
    await gone;
  };
  onTestFinished(() => end().catch(() => undefined));
  return { client: connect(file, 'test'), token: file.token, port: file.port, stop: end };
}

function serving(data: string): Promise<DaemonFile> {
  const look = async (): Promise<DaemonFile | undefined> => {
    const found = readDaemonFile(data);
    return found && (await isProven(found)) ? found : undefined;
  };
  return until(look, 'the service', 60_000);
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Makes a model with unique bytes. Returns also the path of its future blob. */
function saved(folder: string, data: string, mark: number): { path: string; blob: string } {
  const bytes = Buffer.from(model);
  bytes.writeUInt32LE(mark, bytes.length - 4);
  const path = join(folder, `m${mark}`, 'model.safetensors');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, blob: join(data, 'blobs', 'sha256', sha256.slice(0, 2), sha256) };
}

function register({ client }: Traced, path: string): Promise<Registered> {
  return client.call('POST /register', { path, model: 'm' });
}

const readOnly = {
  code: 'read-only',
  message: 'The registry can no longer be written (EIO). Check the disk, then restart the service.',
};

function prepared(): { folder: string; data: string } {
  const folder = temporary();
  const data = join(folder, 'data');
  void openBlobStore(data).close();
  return { folder, data };
}

test(
  'after a folder whose flush failed nothing is acknowledged until the service starts again',
  { timeout: 120_000 },
  async (context) => {
    if (missing !== '') return context.skip(missing);
    const { folder, data } = prepared();
    const { path, blob } = saved(folder, data, 1);
    const other = saved(folder, data, 2);
    const log = join(folder, 'trace');
    const service = await traced(data, 'fsync:error=EIO:when=1', 'fsync', [dirname(blob)], log);
    await expect(register(service, path)).rejects.toMatchObject(readOnly);
    expect(existsSync(blob)).toBe(false);
    for (const again of [path, other.path]) await expect(register(service, again)).rejects.toMatchObject(readOnly);
    const described = service.client.call('POST /models/:model/card', { model: 'm', text: 'x' });
    await expect(described).rejects.toMatchObject(readOnly);
    const upload = await fetch(`http://127.0.0.1:${service.port}/api/2.0/mlflow-artifacts/artifacts/0/a`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${service.token}` },
      body: 'x',
    });
    expect(await upload.text()).toContain(readOnly.message);
    expect((await service.client.call('GET /status', {})).readOnly).toBe(readOnly.message);
    await service.stop();
    const next = await traced(data, '', 'fsync', [dirname(blob)], log);
    expect((await register(next, path)).created).toBe(true);
  },
);

test(
  'a blob whose bytes could not be flushed has no name, and the client is told in one sentence',
  { timeout: 120_000 },
  async (context) => {
    if (missing !== '') return context.skip(missing);
    const { folder, data } = prepared();
    const { path, blob } = saved(folder, data, 1);
    const child = spawn(process.execPath, [serve, data], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const file = await serving(data);
    const args = ['-f', '-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO', '-p', String(file.pid)];
    const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    await once(strace.stderr, 'data');
    const client = connect(file, 'test');
    await expect(client.call('POST /register', { path, model: 'm' })).rejects.toMatchObject(readOnly);
    expect([existsSync(blob), readdirSync(join(data, 'tmp'))]).toEqual([false, []]);
    child.kill('SIGKILL');
    await exited(strace);
  },
);

test(
  'bytes that are there already are acknowledged only after their folder was flushed',
  { timeout: 120_000 },
  async (context) => {
    if (missing !== '') return context.skip(missing);
    const { folder, data } = prepared();
    const { path, blob } = saved(folder, data, 1);
    openDatabase(data).close();
    const blobs = openBlobStore(data);
    await blobs.own(path, folder);
    await blobs.close();
    const log = join(folder, 'trace');
    const service = await traced(data, '', 'fsync', [dirname(blob)], log);
    const before = flushes(log);
    expect((await register(service, path)).created).toBe(true);
    expect(flushes(log)).toBe(before + 1);
  },
);

function flushes(log: string): number {
  return readFileSync(log, 'utf8').match(/fsync\(.* = 0/g)?.length ?? 0;
}
