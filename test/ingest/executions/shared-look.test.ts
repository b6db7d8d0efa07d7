import { spawn } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isProcessTableVisible } from '../../../daemon/ingest/executions/proc.ts';
import { processBehind, seenProcesses, type OpenProcess } from '../../../daemon/ingest/executions/process.ts';
import { SharedLook } from '../../../daemon/ingest/executions/shared-look.ts';
import { temporary } from '../../support/daemon.ts';

/** A process that writes each file that it is told to, and keeps it open. */
interface Training {
  pid: number | undefined;
  write(path: string): Promise<void>;
  kill(): Promise<void>;
}

async function startTraining(): Promise<Training> {
  const script = `process.stdin.on('data', (path) => {
    const fs = require('node:fs'); fs.writeSync(fs.openSync(String(path), 'w'), 'weights'); console.log('written');
  }); console.log('ready');`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const answered = (): Promise<unknown> => new Promise((resolve) => child.stdout.once('data', resolve));
  await answered();
  const write = async (path: string): Promise<void> => {
    mkdirSync(dirname(path), { recursive: true });
    child.stdin.write(path);
    await answered();
  };
  const kill = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  return { pid: child.pid, write, kill };
}

/** Clocks that stand still, so that a slow machine changes nothing. */
function clocksAt(epochMs: number): { at: number; now(): number; steady(): number } {
  return {
    at: epochMs,
    now() {
      return this.at;
    },
    steady: () => 0,
  };
}

type Looks = SharedLook<OpenProcess[]>;

function writerOf(looks: Looks, path: string): ReturnType<typeof processBehind> {
  return processBehind(path, [], Date.now(), looks.after(path));
}

/** Looks at all processes for a file that nobody has open. */
function look(looks: Looks, folder: string): void {
  const path = join(folder, 'before', 'model.bin');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'weights');
  expect(writerOf(looks, path)).toBeUndefined();
}

describe.skipIf(!isProcessTableVisible)('looks at processes that files share', () => {
  test('a look that began after the last write of a file shows its writer, even if that has ended since', async () => {
    const folder = temporary();
    const training = await startTraining();
    const path = join(folder, 'net', 'model.bin');
    await training.write(path);
    await sleep(50);
    const looks = new SharedLook(seenProcesses, clocksAt(Date.now()));
    look(looks, folder);
    await training.kill();
    expect(writerOf(looks, path)).toMatchObject({ pid: training.pid, seen: 'writing' });
  });

  test('a look that began before the last write of a file is not used for it', async () => {
    const folder = temporary();
    const looks = new SharedLook(seenProcesses, clocksAt(Date.now()));
    const training = await startTraining();
    const path = join(folder, 'net', 'model.bin');
    look(looks, folder);
    await training.write(path);
    expect(writerOf(looks, path)?.pid).toBe(training.pid);
  });

  test('a look is not used for a file that was written some ms before by the clock of files, which is behind', async () => {
    const folder = temporary();
    const began = Date.now() + 60_000;
    const looks = new SharedLook(seenProcesses, clocksAt(began));
    const training = await startTraining();
    const path = join(folder, 'net', 'model.bin');
    look(looks, folder);
    await training.write(path);
    utimesSync(path, new Date(began), new Date(began - 10));
    expect(writerOf(looks, path)?.pid).toBe(training.pid);
  });

  test('a look is not used for a file that came after it with an earlier time', async () => {
    const folder = temporary();
    const looks = new SharedLook(seenProcesses, clocksAt(Date.now()));
    const training = await startTraining();
    const path = join(folder, 'net', 'model.bin');
    look(looks, folder);
    await training.write(path);
    const yesterday = new Date(Date.now() - 24 * 3600 * 1000);
    utimesSync(path, yesterday, yesterday);
    expect(writerOf(looks, path)?.pid).toBe(training.pid);
  });

  test('a look is not used after the clock was set back', async () => {
    const folder = temporary();
    const clocks = clocksAt(Date.now() + 60_000);
    const looks = new SharedLook(seenProcesses, clocks);
    const training = await startTraining();
    const path = join(folder, 'net', 'model.bin');
    look(looks, folder);
    clocks.at -= 60_000;
    await training.write(path);
    expect(writerOf(looks, path)?.pid).toBe(training.pid);
  });
});
