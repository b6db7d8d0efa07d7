import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { until, untilIdle, startWarmService, type TestService } from '../../support/daemon.ts';
import { train, writeScript } from '../../support/trainings.ts';
import { versionsByMark } from './interleaving.ts';

vi.setConfig({ testTimeout: 60_000 });
const isVisible = process.platform === 'linux';

async function watching(): Promise<TestService> {
  const service = await startWarmService();
  onTestFinished(() => expect(service.errors).toEqual([]));
  return service;
}

async function marksOf(service: TestService, wanted: readonly number[]): Promise<void> {
  await until(
    async () => {
      await sleep(200);
      const found = (await versionsByMark(service)).map(({ mark }) => mark).toSorted((a, b) => a - b);
      return JSON.stringify(found) === JSON.stringify(wanted);
    },
    `versions ${wanted.join(', ')}`,
    30_000,
  );
}

function canRun(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

const lastPid = '/proc/sys/kernel/ns_last_pid';

function canChoosePid(): boolean {
  try {
    accessSync(lastPid, constants.W_OK);
    writeFileSync(lastPid, readFileSync(lastPid));
    return true;
  } catch {
    return false;
  }
}

/** Starts a script as a process that has the pid of an earlier one. Others may take the pid first. */
async function startAs(pid: number, service: TestService, name: string): Promise<ChildProcess> {
  for (let tried = 0; tried < 200; tried += 1) {
    writeFileSync(lastPid, String(pid - 1));
    const child = spawn(process.execPath, [name], { cwd: service.folder, stdio: 'ignore' });
    if (child.pid === pid) return child;
    child.kill('SIGKILL');
    await sleep(20);
  }
  throw new Error(`no process was given the pid ${pid}`);
}

test.skipIf(!isVisible || !canChoosePid())(
  'a later process that has the pid of an earlier one is another run',
  async () => {
    const service = await watching();
    const save = (mark: number): string => `save('out/churn/last.safetensors', ${mark}); await sleep(900);`;
    const first = train(service.folder, save(1));
    await first.ended;
    await marksOf(service, [1]);
    writeScript(service.folder, save(2));
    const second = await startAs(first.pid, service, 'train.mjs');
    onTestFinished(() => void second.kill('SIGKILL'));
    await marksOf(service, [1, 2]);
    const { runs } = await service.client.call('GET /runs', {});
    const ids = runs.map(({ execution }) => execution?.id ?? '');
    expect(new Set(ids).size).toBe(2);
    expect(ids.map((id) => id.split('-')[0])).toEqual([String(first.pid), String(first.pid)]);
  },
);

/** A save as `save` of a training writes it. */
const saving = `
import json, os, struct, sys, time
def save(path, mark):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    head = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).ljust(64).encode()
    open(path, "wb").write(struct.pack("<Q", len(head)) + head + struct.pack("<ff", mark, 1))
def trial(mark):
    time.sleep(1)
    save(f"out/churn/trial_{mark}.safetensors", mark)
    time.sleep(0.5)
    return mark
`;

test.skipIf(!isVisible || !canRun('python3', '--version'))(
  'the workers of a pool of multiprocessing are the run of the script that started them',
  async () => {
    const service = await watching();
    const main = `
if __name__ == "__main__":
    import multiprocessing
    time.sleep(1.5)
    with multiprocessing.get_context("spawn").Pool(4) as pool: pool.map(trial, range(1, 5), 1)
    save("out/churn/best_model.safetensors", 9)
    time.sleep(0.5)
`;
    writeFileSync(join(service.folder, 'search.py'), saving + main);
    const child = spawn('python3', ['search.py'], { cwd: service.folder, stdio: ['ignore', 'ignore', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(code).toBe(0);
    await marksOf(service, [9]);
    await untilIdle(service, 30_000);
    const { runs } = await service.client.call('GET /runs', {});
    expect(runs.map(({ execution }) => execution?.script)).toEqual([join(service.folder, 'search.py')]);
    expect(runs[0]?.saves).toHaveLength(5);
  },
);
