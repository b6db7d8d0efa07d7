import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Executions, type SaveWriter } from '../../../daemon/ingest/executions/executions.ts';
import { silent } from '../../../daemon/log.ts';
import { temporary, until } from '../../support/daemon.ts';

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Returns the executions of one project folder, observed as the service does. */
function watching(root: string, isVisible = true): Executions {
  const controller = new AbortController();
  const ctx = { log: silent, now: Date.now };
  const executions = new Executions({ ctx, roots: () => [root], isVisible, signal: controller.signal });
  const timer = setInterval(() => executions.update(), 50);
  closing.push(() => {
    clearInterval(timer);
    controller.abort();
    return executions.close();
  });
  return executions;
}

function project(): string {
  const root = realpathSync(temporary());
  mkdirSync(join(root, 'out'));
  return root;
}

function start(root: string, script: string, name = 'train.mjs', args: string[] = []): ChildProcess {
  writeFileSync(join(root, name), script);
  const child = spawn(process.execPath, [name, ...args], { cwd: root, stdio: 'ignore' });
  closing.push(() => void child.kill('SIGKILL'));
  return child;
}

const isVisible = process.platform === 'linux';
const saving = `import { writeFileSync } from 'node:fs'; setTimeout(() => writeFileSync('out/model.bin', 'x'), 800); setTimeout(() => 0, 1500);`;

function writerOf(executions: Executions, root: string, path: string): Promise<SaveWriter> {
  return executions.writerOf(path, root, statSync(path).mtimeMs);
}

test.skipIf(!isVisible)('a script that trains for a second is known as the writer of what it saved', async () => {
  const root = project();
  const executions = watching(root);
  const child = start(root, saving);
  const path = join(root, 'out', 'model.bin');
  await until(() => statSync(path, { throwIfNoEntry: false }), 'the save');
  const writer = await writerOf(executions, root, path);
  expect(writer).toMatchObject({ kind: 'execution', execution: { folder: root, script: join(root, 'train.mjs') } });
  const id = writer.kind === 'execution' ? writer.execution.id : '';
  expect(id.startsWith(`${child.pid}-`)).toBe(true);
  expect(executions.isAlive(id)).toBe(true);
  await until(() => !executions.isAlive(id), 'its end');
  expect(await writerOf(executions, root, path)).toMatchObject({ kind: 'execution', execution: { id } });
});

test.skipIf(!isVisible)('two launches of one script are two executions', async () => {
  const root = project();
  const executions = watching(root);
  const path = join(root, 'out', 'model.bin');
  const ids = new Set<string>();
  for (let turn = 0; turn < 2; turn += 1) {
    const child = start(root, saving);
    await new Promise((resolve) => child.on('exit', resolve));
    const writer = await writerOf(executions, root, path);
    ids.add(writer.kind === 'execution' ? writer.execution.id : writer.kind);
    await sleep(1200);
  }
  expect([...ids].filter((id) => /^\d+-\d+$/.test(id))).toHaveLength(2);
});

test.skipIf(!isVisible)('workers belong to the execution of the process that started them', async () => {
  const root = project();
  const executions = watching(root);
  writeFileSync(join(root, 'worker.mjs'), saving);
  const child = start(
    root,
    `import { spawn } from 'node:child_process'; const one = spawn(process.execPath, ['worker.mjs'], { stdio: 'ignore' }); one.on('exit', () => setTimeout(() => 0, 300));`,
    'launch.mjs',
  );
  const path = join(root, 'out', 'model.bin');
  await until(() => statSync(path, { throwIfNoEntry: false }), 'the save');
  const writer = await writerOf(executions, root, path);
  expect(writer.kind === 'execution' && writer.execution.id.startsWith(`${child.pid}-`)).toBe(true);
});

test.skipIf(!isVisible)('a file that nobody who lives has written was written by somebody who has ended', async () => {
  const root = project();
  const executions = watching(root);
  await sleep(700);
  writeFileSync(join(root, 'out', 'model.bin'), 'x');
  expect(await writerOf(executions, root, join(root, 'out', 'model.bin'))).toEqual({ kind: 'ended' });
});

test.skipIf(!isVisible)('a kernel that rests has not written what a process that nobody saw saved', async () => {
  const root = project();
  const executions = watching(root);
  const kernel = spawn(process.execPath, ['-i'], { cwd: root, stdio: ['pipe', 'ignore', 'ignore'] });
  closing.push(() => void kernel.kill('SIGKILL'));
  const living = await until(() => executions.living(root)[0], 'the kernel');
  expect(living.kind).toBe('kernel');
  await sleep(700);
  const path = join(root, 'out', 'model.bin');
  writeFileSync(path, 'x'.repeat(1000));
  await sleep(700);
  expect(await writerOf(executions, root, path)).toEqual({ kind: 'ended' });
  kernel.stdin.write("require('node:fs').writeFileSync('out/other.bin', 'x'.repeat(1000))\n");
  const other = join(root, 'out', 'other.bin');
  await until(() => statSync(other, { throwIfNoEntry: false })?.size === 1000, 'what the kernel saves');
  await sleep(700);
  expect(await writerOf(executions, root, other)).toMatchObject({ kind: 'execution', execution: { id: living.id } });
});

test('without processes the writer is not known, and the reason is said', async () => {
  const root = project();
  const executions = watching(root, false);
  start(root, saving);
  const path = join(root, 'out', 'model.bin');
  await until(() => statSync(path, { throwIfNoEntry: false }), 'the save');
  expect(await writerOf(executions, root, path)).toEqual({
    kind: 'unknown',
    reason: 'processes cannot be seen on this system',
  });
});
