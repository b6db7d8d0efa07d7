import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { workerScript, workerThread, type WorkerThread } from '../../daemon/runtime/worker-thread.ts';
import { temporary } from '../support/daemon.ts';
import type { Tasks } from './patient-worker.ts';

const url = new URL('./patient-worker.ts', import.meta.url);
const posix = { skip: process.platform === 'win32' };

function thread(limitMs: number): WorkerThread<Tasks> {
  const made = workerThread<Tasks>(url, limitMs);
  onTestFinished(() => made.close());
  return made;
}

/** Makes a FIFO that has no writer. When the test ends, whoever waits for it can go on. */
function fifo(): string {
  const path = join(temporary(), 'fifo');
  execFileSync('mkfifo', [path]);
  onTestFinished(() => {
    try {
      closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch {
      // nothing waits for it
    }
  });
  return path;
}

test('a worker that computes for ever is given up, and the requests behind it are answered', async () => {
  const worker = thread(1000);
  const [first, second] = [worker.call('spin', null), worker.call('steps', { count: 1, ms: 1 })];
  await expect(first).rejects.toMatchObject({ code: 'TIMEOUT', message: 'it did not come to an end within 1 s' });
  expect(await second).toEqual({ done: 1 });
});

test('a worker inside a system call is given up too, and closing does not wait for it', posix, async () => {
  const worker = thread(1000);
  const [first, second] = [worker.call('read', { path: fifo() }), worker.call('steps', { count: 1, ms: 1 })];
  await expect(first).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(await second).toEqual({ done: 1 });
  const third = worker.call('read', { path: fifo() });
  const refused = expect(third).rejects.toThrow('the service is stopping');
  await worker.close();
  await refused;
});

test('a worker that shows progress may take longer than the limit', async () => {
  const worker = thread(1500);
  const steps: number[] = [];
  expect(await worker.call('steps', { count: 8, ms: 300 }, (step) => steps.push(step))).toEqual({ done: 8 });
  expect(steps).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a process whose thread is inside a system call ends all the same', posix, async () => {
  const path = fifo();
  const script = `
    import { workerThread, exitProcess } from ${JSON.stringify(new URL('../../daemon/runtime/worker-thread.ts', import.meta.url).href)};
    const worker = workerThread(new URL(${JSON.stringify(url.href)}), 60_000);
    worker.call('read', { path: ${JSON.stringify(path)} }).catch(() => undefined);
    await worker.call('steps', { count: 1, ms: 1 }).catch(() => undefined);
  `;
  const ending = `process.once('SIGTERM', () => void worker.close().then(() => exitProcess(0))); console.log('ready');`;
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    script.replace('    await', `    ${ending}\n    await`),
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGTERM');
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once('exit', (...how) => resolve(how));
  });
  expect(code === 0 || signal === 'SIGKILL').toBe(true);
});

test('a worker is the source beside the one that starts it, and in the bundle a file of its folder', () => {
  vi.stubEnv('PLINTH_BUNDLE', undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(workerScript('file:///src/blobs/store.ts', './copy-worker.ts').href).toBe('file:///src/blobs/copy-worker.ts');
  expect(workerScript('file:///dist/command.js', './copy-worker.ts').href).toBe('file:///dist/copy-worker.js');
  expect(workerScript('file:///dist/command.js', '../blobs/copy-worker.ts').href).toBe('file:///dist/copy-worker.js');
  vi.stubEnv('PLINTH_BUNDLE', '/bundle');
  expect(workerScript('file:///src/blobs/store.ts', './copy-worker.ts').href).toBe('file:///bundle/copy-worker.js');
});

test('the compiler holds a request and its reply to the operation of that name', async () => {
  const worker = thread(5000);
  // @ts-expect-error: there is no such operation
  await expect(worker.call('stop', null)).rejects.toThrow('stop');
  // @ts-expect-error: a step has a count
  await worker.call('steps', { ms: 1 });
  const { done } = await worker.call('steps', { count: 2, ms: 1 });
  expect(done satisfies number).toBe(2);
});
