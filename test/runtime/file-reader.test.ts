import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { systemCode } from '../../daemon/errors.ts';
import { openLinked, openRegular, openWithin, readWhole } from '../../daemon/runtime/file-reader.ts';
import { temporary } from '../support/daemon.ts';

/** Windows has no FIFOs, and needs special rights for links. */
const onWindows = process.platform === 'win32';
const posix = { skip: onWindows };

/** Makes a folder to read from, and one beside it with a secret. */
function places(): { root: string; outside: string } {
  const folder = temporary();
  const [root, outside] = [join(folder, 'root'), join(folder, 'outside')];
  mkdirSync(join(root, 'sub'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), 'secret');
  writeFileSync(join(root, 'file'), 'text');
  return { root, outside };
}

function text(act: () => Parameters<typeof readWhole>[0], maxBytes = 1000): string {
  try {
    return readWhole(act(), maxBytes).toString('utf8');
  } catch (error) {
    return systemCode(error) ?? String(error);
  }
}

test(
  'a link at the end of a path is refused, and followed where that is asked for and its target lies inside',
  posix,
  () => {
    const { root, outside } = places();
    symlinkSync('file', join(root, 'in'));
    symlinkSync(join(outside, 'secret'), join(root, 'out'));
    symlinkSync('loop', join(root, 'loop'));
    expect(text(() => openWithin(join(root, 'in'), root))).toBe('ELOOP');
    expect(text(() => openRegular(join(root, 'in')))).toBe('ELOOP');
    expect(text(() => openLinked(join(root, 'in'), [root]))).toBe('text');
    expect(text(() => openWithin(join(root, 'out'), root))).toBe('OUTSIDE');
    expect(text(() => openLinked(join(root, 'out'), [root]))).toBe('OUTSIDE');
    expect(text(() => openLinked(join(root, 'out'), [root, outside]))).toBe('secret');
    expect(text(() => openLinked(join(root, 'loop'), [root]))).toBe('ELOOP');
  },
);

test('a folder above that is a link is followed inside and refused where it leads out', posix, () => {
  const { root, outside } = places();
  writeFileSync(join(root, 'sub', 'deep'), 'deep');
  symlinkSync('sub', join(root, 'latest'));
  symlinkSync(outside, join(root, 'away'));
  expect(text(() => openWithin(join(root, 'latest', 'deep'), root))).toBe('deep');
  expect(text(() => openWithin(join(root, 'away', 'secret'), root))).toBe('OUTSIDE');
  expect(text(() => openWithin(join(root, 'away', '..', 'outside', 'secret'), root))).not.toBe('secret');
  expect(text(() => openLinked(join(root, 'away', 'secret'), [root]))).toBe('OUTSIDE');
});

test('a FIFO, a socket, a device and a folder are refused at once', posix, async () => {
  const { root } = places();
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const server = createServer().listen(join(root, 'socket'));
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  symlinkSync('/dev/zero', join(root, 'zero'));
  for (const name of ['fifo', 'socket', 'sub'])
    expect(text(() => openWithin(join(root, name), root))).toBe('NOT_REGULAR');
  expect(text(() => openLinked(join(root, 'zero'), [root]))).toBe('OUTSIDE');
  expect(text(() => openLinked('/dev/zero', ['/dev']))).toBe('NOT_REGULAR');
});

test('a file is refused by its size before its first byte, and read no further than the limit where it has none', () => {
  const { root } = places();
  const path = join(root, 'sparse');
  const handle = openSync(path, 'w');
  ftruncateSync(handle, 50e9);
  closeSync(handle);
  expect(text(() => openWithin(path, root))).toBe('TOO_LARGE');
  if (process.platform === 'linux') expect(text(() => openRegular('/proc/self/environ'), 1)).toBe('TOO_LARGE');
});

/** Replaces the file at a path as fast as it can, in a thread of its own, until it is stopped. */
const swapper = `
  const { workerData, parentPort } = require('node:worker_threads');
  const { renameSync, symlinkSync, writeFileSync, mkdirSync, rmSync } = require('node:fs');
  const { execFileSync } = require('node:child_process');
  const { path, target, stop, kind } = workerData;
  const flag = new Int32Array(stop);
  parentPort.postMessage('ready');
  if (kind === 'fifo') execFileSync('mkfifo', [path + '.b']); else symlinkSync(target, path + '.b');
  while (Atomics.load(flag, 0) === 0) {
    renameSync(path, path + '.a'); renameSync(path + '.b', path);
    renameSync(path, path + '.b'); renameSync(path + '.a', path);
  }
`;

async function whileSwapped(path: string, target: string, kind: string, act: () => void): Promise<void> {
  const stop = new SharedArrayBuffer(4);
  const worker = new Worker(swapper, { eval: true, workerData: { path, target, stop, kind } });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('message', resolve));
  try {
    act();
  } finally {
    Atomics.store(new Int32Array(stop), 0, 1);
    await ended;
  }
}

test.each([
  ['file', 'link'],
  ['file', 'fifo'],
  ['folder', 'link'],
])('a %s that is exchanged for a %s while it is opened never gives what lies outside', posix, async (what, kind) => {
  const { root, outside } = places();
  const path = what === 'file' ? join(root, 'file') : join(root, 'sub');
  const target = what === 'file' ? join(outside, 'secret') : outside;
  const read = what === 'file' ? path : join(path, 'secret');
  if (what === 'folder') writeFileSync(read, 'text');
  const told = new Map<string, number>();
  await whileSwapped(path, target, kind, () => {
    for (let turn = 0; turn < 5000; turn += 1) {
      const said = text(() => (turn % 2 === 0 ? openWithin(read, root) : openLinked(read, [root])));
      told.set(said, (told.get(said) ?? 0) + 1);
    }
  });
  expect(told.get('secret')).toBeUndefined();
  expect(told.get('text') ?? 0).toBeGreaterThan(0);
});

test('a file that is replaced after it was opened is read as it was', posix, () => {
  const { root } = places();
  const path = join(root, 'file');
  const file = openWithin(path, root);
  writeFileSync(`${path}.new`, 'newer');
  renameSync(`${path}.new`, path);
  expect(readWhole(file, 100).toString()).toBe('text');
  rmSync(path);
});
