import { spawn, type ChildProcess } from 'node:child_process';
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { identityAt, isFileAt, isProcessTableVisible, openFilesOf } from '../../../daemon/ingest/executions/proc.ts';
import { processBehind } from '../../../daemon/ingest/executions/process.ts';
import { openWriters, writerOf } from '../../../daemon/ingest/executions/writers.ts';
import { temporary, until } from '../../support/daemon.ts';

/** Starts a process that opens a file with these flags, and resolves once it is open. */
async function opener(path: string, flags: string): Promise<ChildProcess & { pid: number }> {
  const script = `require('node:fs').openSync(process.argv[1], process.argv[2]); console.log('open'); setInterval(() => 0, 1000);`;
  const child = spawn(process.execPath, ['-e', script, path, flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child as ChildProcess & { pid: number };
}

describe.skipIf(!isProcessTableVisible)('the process table', () => {
  test('a file that was deleted is not the file that is at its path now', async () => {
    const folder = temporary();
    const path = join(folder, 'model.bin');
    const { pid } = await opener(path, 'w');
    expect(openFilesOf(pid).some(isFileAt(path))).toBe(true);
    rmSync(path);
    writeFileSync(path, 'by somebody else');
    expect(openFilesOf(pid).filter((file) => file.path.startsWith(folder))).toEqual([]);
    await until(() => openWriters(folder).length === 0, 'a reading without it');
    expect(writerOf([path])).toBe('none');
    expect(processBehind(path, [], Date.now())?.pid).not.toBe(pid);
  });

  test('a file whose other name was deleted is still the file under the name that it kept', async () => {
    const folder = temporary();
    const [path, kept] = [join(folder, 'model.tmp'), join(folder, 'model.bin')];
    const { pid } = await opener(path, 'w');
    linkSync(path, kept);
    rmSync(path);
    writeFileSync(path, 'by somebody else');
    const files = openFilesOf(pid);
    expect(files.some(isFileAt(kept))).toBe(true);
    expect(files.some(isFileAt(path))).toBe(false);
    await until(() => writerOf([kept]) === 'open', 'a reading with it');
  });

  test('a file that is called as the kernel marks deleted ones is a file', async () => {
    const path = join(temporary(), 'model (deleted)');
    const { pid } = await opener(path, 'w');
    expect(openFilesOf(pid).filter(isFileAt(path))).toEqual([{ path, identity: identityAt(path), isWritten: true }]);
  });

  test('a file is written after it was renamed, and not while it is only read', async () => {
    const folder = temporary();
    const [aside, path, read] = ['aside', 'model.bin', 'data.csv'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(read, '1,2');
    const writer = await opener(aside, 'w');
    const reader = await opener(read, 'r');
    renameSync(aside, path);
    const [written] = await until(() => openWriters(folder).length > 0 && openWriters(folder), 'a reading with it');
    expect(written).toMatchObject({ pid: writer.pid, path });
    expect(writerOf([read])).toBe('none');
    expect(processBehind(path, [], Date.now())).toMatchObject({ pid: writer.pid, seen: 'writing' });
    expect(processBehind(read, [], Date.now())).toMatchObject({
      pid: reader.pid,
      reads: expect.arrayContaining([read]),
    });
  });

  test('a folder that a process has open is no file', async () => {
    const folder = temporary();
    const { pid } = await opener(folder, 'r');
    expect(openFilesOf(pid).filter(({ path }) => path.startsWith(folder))).toEqual([]);
  });
});
