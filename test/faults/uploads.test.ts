import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { readDaemonFile } from '../../daemon/clients/client/discover.ts';
import { isProven } from '../../daemon/clients/client/prove.ts';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import { temporary, until } from '../support/daemon.ts';

const serve = join(import.meta.dirname, 'serve.ts');

/** The service as a process that can be killed, and the requests of MLflow's clients to it. */
interface Killable {
  client: Client;
  put(path: string, text: string): Promise<void>;
  post(path: string, body: object): Promise<object>;
  get(path: string): Promise<Response>;
  kill(): Promise<void>;
}

async function started(data: string, command = process.execPath, args: string[] = []): Promise<Killable> {
  const child: ChildProcess = spawn(command, [...args, serve, data], { stdio: 'ignore' });
  const file = await until(
    async () => {
      const found = readDaemonFile(data);
      return found && (await isProven(found)) ? found : undefined;
    },
    'the service',
    60_000,
  );
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    process.kill(file.pid, 'SIGKILL');
    await gone;
    rmSync(join(data, 'daemon.json'), { force: true });
  };
  onTestFinished(kill);
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${file.token}`, 'content-type': 'application/json' };
    return fetch(`http://127.0.0.1:${file.port}/api/2.0/${path}`, { ...init, headers });
  };
  const post = async (path: string, body: object): Promise<object> => {
    const answer = await ask(`mlflow/${path}`, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
    return (await answer.json()) as object;
  };
  const put = async (path: string, text: string): Promise<void> => {
    const answer = await ask(`mlflow-artifacts/artifacts/${path}`, { method: 'PUT', body: text });
    expect(answer.status).toBe(200);
  };
  return { client: connect(file, 'test'), put, post, get: (path) => ask(`mlflow-artifacts/artifacts/${path}`), kill };
}

const names = Array.from({ length: 30 }, (_, index) => `part-${index}.txt`);

async function putAll({ put }: Killable, folder: string): Promise<void> {
  for (const name of names) await put(`${folder}/${name}`, `${folder} ${name}`);
}

/** Creates a run, uploads all files to it and registers them. Resolves when the service has answered. */
async function registered(service: Killable): Promise<void> {
  const { run } = (await service.post('runs/create', { experiment_id: '0' })) as { run: { info: { run_id: string } } };
  const { run_id: id } = run.info;
  await putAll(service, `0/${id}/artifacts/model`);
  await service.post('model-versions/create', { name: 'm', source: `runs:/${id}/model`, run_id: id });
}

test('uploads that were answered a second ago outlive a kill', { timeout: 120_000 }, async () => {
  const data = join(temporary(), 'data');
  const first = await started(data);
  await putAll(first, '0/a');
  await sleep(1000);
  await first.kill();
  const next = await started(data);
  for (const name of names) expect(await (await next.get(`0/a/${name}`)).text()).toBe(`0/a ${name}`);
  expect((await next.client.call('POST /verify', {})).faults).toEqual([]);
});

test('a kill right after an upload leaves the file whole or not at all', { timeout: 120_000 }, async () => {
  const data = join(temporary(), 'data');
  const first = await started(data);
  await putAll(first, '0/a');
  await first.kill();
  const next = await started(data);
  for (const name of names) {
    const answer = await next.get(`0/a/${name}`);
    if (answer.status !== 404) expect(await answer.text()).toBe(`0/a ${name}`);
  }
  expect((await next.client.call('POST /verify', {})).faults).toEqual([]);
});

test('a version that was answered has every file that was uploaded before, whenever the service is killed', { timeout: 180_000 }, async () => {
  const data = join(temporary(), 'data');
  let service = await started(data);
  await service.post('registered-models/create', { name: 'm' });
  for (const version of ['1', '2', '3']) {
    await registered(service);
    await service.kill();
    service = await started(data);
    const of = { model: 'm', version };
    const { files } = await service.client.call('GET /models/:model/versions/:version', of);
    expect(files.map(({ path }) => path).toSorted()).toEqual(names.toSorted());
    expect((await service.client.call('POST /verify', {})).faults).toEqual([]);
  }
}); // prettier-ignore

const tracer = spawnSync('strace', ['-qq', '-o', '/dev/null', process.execPath, '-e', '0']);
const missing =
  tracer.error || tracer.status !== 0
    ? 'strace is not installed, or may not trace here: it was not seen what is flushed'
    : '';

/** Returns the successful system calls of a trace in the order in which they ended. Calls of several threads overlap in the log. */
function callsIn(log: string): string[] {
  const begun = new Map<string, string>();
  const ended: string[] = [];
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const [, thread = '', text = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (text.endsWith('<unfinished ...>')) begun.set(thread, text.replace(/ *<unfinished \.\.\.>$/, ''));
    else if (text.startsWith('<...')) ended.push((begun.get(thread) ?? '') + text.replace(/^<\.\.\. \w+ resumed>/, ''));
    else ended.push(text);
  }
  return ended.filter((call) => call.endsWith('= 0'));
}

/** True when a power cut after these calls leaves the blob: its bytes were flushed, then it was renamed, then its folder was flushed. */
function isOnDisk(calls: readonly string[], blob: string): boolean {
  const named = calls.findIndex((call) => call.startsWith('rename') && call.includes(`, "${blob}")`));
  const temp = /^rename\w*\((?:AT_FDCWD\S*, )?"([^"]+)"/.exec(calls[named] ?? '')?.[1];
  if (temp === undefined) return false;
  const isFlush = (path: string, call: string): boolean => call.startsWith('fsync(') && call.includes(`<${path}>`);
  const bytes = calls.findIndex((call) => isFlush(temp, call));
  return bytes >= 0 && bytes < named && calls.some((call, at) => at > named && isFlush(dirname(blob), call));
}

test('when a version is answered a power cut would leave every byte that it names', { timeout: 180_000 }, async (context) => {
  if (missing !== '') return context.skip(missing);
  const folder = temporary();
  const [data, log] = [join(folder, 'data'), join(folder, 'trace')];
  const args = ['-f', '-qq', '-y', '-s', '400', '-o', log, '-e', 'trace=fsync,/^rename', process.execPath];
  const service = await started(data, 'strace', args);
  await service.post('registered-models/create', { name: 'm' });
  await registered(service);
  const calls = callsIn(log);
  const { files } = await service.client.call('GET /models/:model/versions/:version', { model: 'm', version: '1' });
  expect(files).toHaveLength(names.length);
  const lost = files.filter(({ sha256 }) => !isOnDisk(calls, join(data, 'blobs', 'sha256', sha256.slice(0, 2), sha256)));
  expect(lost).toEqual([]);
}); // prettier-ignore
