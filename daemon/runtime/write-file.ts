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

/** Options for writing a file. */
interface Writing {
  mode?: number;
  /** Throws `EEXIST` if the file exists. */
  exclusive?: boolean;
}

/**
 * Writes a temporary file, flushes it and renames it, so that readers only ever find complete files, even after a power cut.
 * Never follows a link. Leaves nothing behind when it throws.
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
 * Creates a folder that only its user may enter, and missing folders above it. An existing folder keeps its permissions. Throws
 * the system's error: Node's recursive mkdir reports ENOENT for a read-only file system.
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

/** Links a new file to its name. On file systems without hard links it is renamed if the name was free before. */
function linkNew(temp: string, path: string): void {
  try {
    linkSync(temp, path);
  } catch (error) {
    if (existsSync(path)) throw Object.assign(new Error(`${path} exists already`), { code: 'EEXIST' });
    if (systemCode(error) === 'ENOSPC') throw error;
    renameSync(temp, path);
  }
}

/** Flushes a file, so that its bytes survive a power cut. Windows requires write access for it. */
export function syncFile(path: string): void {
  const handle = openSync(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Flushes a folder, so that new names survive a power cut. Windows has no such call and needs none. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
