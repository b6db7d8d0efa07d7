import { closeSync, fsyncSync, openSync } from 'node:fs';
import { isDiskFull, systemCode } from '../errors.ts';

/** Code of an error after which nothing more may be written: the disk took bytes or a name and may not have kept them. */
export const notDurable = 'NOT_DURABLE';

/** What a failing or read-only disk answers to a write. */
const failedCodes = new Set(['EIO', 'EROFS', 'ENXIO', 'ENODEV']);

/** Runs one write to the store. A failing disk is thrown as `NOT_DURABLE`, any other error as it is. */
export function storing<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = systemCode(error) ?? '';
    throw failedCodes.has(code) ? asNotDurable(code) : error;
  }
}

/** Flushes an open file. A flush that failed is never retried, because the kernel may have dropped what it could not write. */
export function syncFile(handle: number): void {
  try {
    fsyncSync(handle);
  } catch (error) {
    throw isDiskFull(error) ? error : asNotDurable(systemCode(error) ?? '');
  }
}

/** Flushes the names in a folder. Windows has no such call; its file systems keep names in their journal. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = storing(() => openSync(folder, 'r'));
  try {
    syncFile(handle);
  } finally {
    closeSync(handle);
  }
}

/** Opens a file of `tmp/` for a moment, in such a way that it can be flushed on Windows, too. */
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
