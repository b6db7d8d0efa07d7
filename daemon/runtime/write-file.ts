import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../errors.ts';

/** How a file is written: who may read it, and whether one that is there stays as it is. */
interface Writing {
  mode?: number;
  /** Throws `EEXIST` where the file exists. */
  exclusive?: boolean;
}

/**
 * Writes a file beside its place, fsyncs it and renames it, so that whoever finds it finds all of it, also after a power
 * cut. Never follows a link. Leaves nothing behind when it throws.
 */
export function writeWhole(path: string, content: string, { mode = 0o666, exclusive = false }: Writing = {}): void {
  const temp = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.part`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const handle = openSync(temp, flags, mode);
  try {
    try {
      writeFileSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (exclusive) linkNew(temp, path);
    else renameSync(temp, path);
  } finally {
    rmSync(temp, { force: true });
  }
  syncFolder(dirname(path));
}

/**
 * Makes a folder that only its user may enter, with what is missing above it; one that is there keeps its rights. Throws what
 * the system says: Node's recursive mkdir calls a read-only file system ENOENT.
 */
export function ensureFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(path);
  if (above !== path && !existsSync(above)) ensureFolder(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** Some file systems have no hard links: there the name is only looked at before. */
function linkNew(temp: string, path: string): void {
  try {
    linkSync(temp, path);
  } catch (error) {
    if (existsSync(path)) throw Object.assign(new Error(`${path} exists already`), { code: 'EEXIST' });
    if (systemCode(error) === 'ENOSPC') throw error;
    renameSync(temp, path);
  }
}

/** Makes the bytes of a file survive a power cut. Windows wants the right to write for it. */
export function syncFile(path: string): void {
  const handle = openSync(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes new names in a folder survive a power cut. Windows has no such call and needs none. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
