import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished, expect, test } from 'vitest';
import { findDaemon } from '../../../daemon/clients/client/discover.ts';
import { follow } from '../../../daemon/clients/client/follow.ts';
import { reach, type Launch } from '../../../daemon/clients/client/launch.ts';
import { startService, samples, temporary, until } from '../../support/daemon.ts';
import { mainScript } from '../../support/program.ts';

const top = join(import.meta.dirname, '..', '..', '..');

async function reached(dataFolder: string, launch: Launch): Promise<{ pid: number; version: string }> {
  const client = await reach(dataFolder, 'test', { script: mainScript, ...launch });
  const stop = (): Promise<unknown> => client.call('POST /stop', {}).catch(() => undefined);
  const { pid } = await client.call('GET /status', {});
  if (pid !== process.pid) onTestFinished(async () => void (await stop()));
  return { pid, version: client.daemon.version };
}

test('a newer program has an older service leave, and starts its own', { timeout: 30_000 }, async () => {
  const { daemon, folder } = await startService({ version: '0.0.9' });
  const after = await reached(join(folder, 'data'), { version: '0.0.10' });
  expect(after.pid).not.toBe(process.pid);
  await daemon.stopped;
});

test('a service of the same age or a newer one is joined', async () => {
  const { folder } = await startService({ version: '0.0.10' });
  for (const version of ['0.0.10', '0.0.9'])
    expect((await reached(join(folder, 'data'), { version })).pid).toBe(process.pid);
});

test('a service is started with the environment and the program that were asked for', { timeout: 30_000 }, async () => {
  const { daemon, folder } = await startService();
  await daemon.stop();
  const dataFolder = join(folder, 'data');
  await reached(dataFolder, { node: process.execPath, env: { PLINTH_TEST: 'yes' }, idleSeconds: 30 });
  expect(await findDaemon(dataFolder)).toBeDefined();
});

test('a follower is told whether the service left on purpose', async () => {
  const { daemon } = await startService();
  const losses: boolean[] = [];
  let greeted = false;
  const follower = follow({
    find: () => (greeted ? Promise.reject(new Error('gone')) : Promise.resolve(daemon.file)),
    onMessage: () => (greeted = true),
    onLost: (_reason, _retryMs, onPurpose) => losses.push(onPurpose),
  });
  onTestFinished(() => follower.close());
  await until(() => greeted, 'a greeting');
  await daemon.stop();
  await until(() => losses.length > 0, 'the loss');
  expect(losses[0]).toBe(true);
});

/** Makes a copy of the packed program, with what a VSIX or an npm package contains. */
function installed(): string {
  const place = join(temporary(), 'program');
  const sqlite = join('node_modules', 'better-sqlite3');
  for (const part of [
    'dist',
    'package.json',
    join(sqlite, 'lib'),
    join(sqlite, 'package.json'),
    join(sqlite, 'prebuilds'),
  ])
    cpSync(join(top, part), join(place, part), { recursive: true });
  return place;
}

test('a service goes on working when the program that started it is removed', { timeout: 30_000 }, async () => {
  const program = installed();
  const dataFolder = join(temporary(), 'data');
  const client = await reach(dataFolder, 'test', { script: join(program, 'dist', 'plinth.js'), idleSeconds: 30 });
  onTestFinished(async () => void (await client.call('POST /stop', {})));
  rmSync(program, { recursive: true });
  const path = join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors');
  const { version } = await client.call('POST /register', { path, model: 'digits' });
  expect(version).toMatchObject({ number: 1, format: 'safetensors' });
  expect((await client.call('POST /verify', {})).ok).toBe(true);
});

/** Returns the processes with this text in their command line. */
function processesWith(text: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

const onLinux = process.platform === 'linux';

test.skipIf(!onLinux)(
  'whenever its client is killed, a service that nobody uses leaves',
  { timeout: 60_000 },
  async () => {
    const launch = join(top, 'daemon', 'clients', 'client', 'launch.ts');
    const dataFolder = join(temporary(), 'data');
    mkdirSync(dataFolder);
    const host = `const { reach } = await import(${JSON.stringify(launch)});
    await reach(process.argv[1], 'test', { script: ${JSON.stringify(mainScript)}, idleSeconds: 1 }); setInterval(() => {}, 1000);`;
    const isServiceUp = (): boolean => processesWith(dataFolder).length > 1;
    for (const afterMs of [150, 300, 600, 1500, Infinity]) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', host, dataFolder], { stdio: 'ignore' });
      if (afterMs === Infinity) await until(isServiceUp, 'the service that the client started', 15_000);
      else await sleep(afterMs);
      child.kill('SIGKILL');
      await until(
        () => processesWith(dataFolder).length === 0,
        `the end of every process, killed after ${afterMs} ms`,
        15_000,
      );
    }
  },
);

test('a service in use is not stopped by a program that is removed', async () => {
  const { daemon, client } = await startService();
  let greeted = false;
  const follower = follow({
    find: () => Promise.resolve(daemon.file),
    onMessage: () => (greeted = true),
    onLost: () => undefined,
  });
  await until(() => greeted, 'a greeting');
  expect(await client.call('POST /stop', { unlessInUse: true })).toEqual({ stopping: false });
  follower.close();
  await until(async () => (await client.call('POST /stop', { unlessInUse: true })).stopping, 'the stop');
  await daemon.stopped;
});
