import { closeSync, fsync, fsyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { isDiskFull, systemCode } from '../errors.ts';

/** Code of an error after which nothing may be written: the disk accepted bytes or a name and may have lost them. */
export const notDurable = 'NOT_DURABLE';

/** Error codes of a failing or read-only disk. */
const failedCodes = new Set(['EIO', 'EROFS', 'ENXIO', 'ENODEV']);

/** Runs one write to the store. An error of a failing disk becomes `NOT_DURABLE`. */
export function storing<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = systemCode(error) ?? '';
    throw failedCodes.has(code) ? asNotDurable(code) : error;
  }
}

/** Flushes an open file. A failed flush is never retried, because the kernel may have dropped the data. */
export function syncFile(handle: number): void {
  try {
    fsyncSync(handle);
  } catch (error) {
    throw asFailedFlush(error);
  }
}

const flush = promisify(fsync);

/** Like `syncFile`, in the background: flushes of many files overlap and share the disk's work. */
export async function syncFileSoon(handle: number): Promise<void> {
  await flush(handle).catch((error: unknown) => {
    throw asFailedFlush(error);
  });
}

function asFailedFlush(error: unknown): unknown {
  return isDiskFull(error) ? error : asNotDurable(systemCode(error) ?? '');
}

/** Flushes the names in a folder. Windows has no such call; its file systems journal names. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = storing(() => openSync(folder, 'r'));
  try {
    syncFile(handle);
  } finally {
    closeSync(handle);
  }
}

/** Like `syncFolder`, in the background. */
export async function syncFolderSoon(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = storing(() => openSync(folder, 'r'));
  try {
    await syncFileSoon(handle);
  } finally {
    closeSync(handle);
  }
}

/** Opens a file of `tmp/` so that it can be flushed on Windows, too, and closes it afterwards. */
export function withHandle(temp: string, act: (handle: number) => void): void {
  const handle = storing(() => openSync(temp, 'r+'));
  try {
    act(handle);
  } finally {
    closeSync(handle);
  }
}

function asNotDurable(code: string): Error {
  return Object.assign(new Error(code), { code: notDurable });
}
