import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { openRegular, openWithin } from '../file-reader.ts';

/** Steps on the way of bytes into the store. All of them are synchronous: they run in a worker thread. */

const chunkBytes = 1 << 20;

/** What a file had become when it was owned. */
export interface Owned {
  sha256: string;
  size: number;
  /** False when the blob was there before. */
  fresh: boolean;
}

/**
 * Copies a file that lies below `root` into the store, hashing what is written, and returns its digest.
 * Throws with `code` `CHANGED` when the source was written meanwhile, `NOT_REGULAR` for anything but a regular file, `OUTSIDE`.
 */
export function ownFile(store: string, source: string, root: string, progress: (bytes: number) => void): Owned {
  const from = openWithin(source, root).handle;
  try {
    const before = fstatSync(from);
    const temp = join(store, 'tmp', randomUUID());
    const to = openSync(temp, 'wx', 0o600);
    try {
      const sha256 = copyBytes(from, to, progress);
      assertUnchanged(before, fstatSync(from), source);
      const fresh = seal(store, temp, to, sha256);
      return { sha256, size: before.size, fresh };
    } catch (error) {
      rmSync(temp, { force: true });
      throw error;
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

/** Puts bytes that are in memory into the store. */
export function ownBytes(store: string, bytes: Uint8Array): Owned {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const temp = join(store, 'tmp', randomUUID());
  const to = openSync(temp, 'wx', 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(to, bytes, at);
    return { sha256, size: bytes.length, fresh: seal(store, temp, to, sha256) };
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  } finally {
    closeSync(to);
  }
}

function copyBytes(from: number, to: number, progress: (bytes: number) => void): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(chunkBytes);
  for (let done = 0; ;) {
    const n = readSync(from, chunk, 0, chunkBytes, null);
    if (n === 0) return hash.digest('hex');
    const part = chunk.subarray(0, n);
    hash.update(part);
    for (let at = 0; at < n;) at += writeSync(to, part, at);
    done += n;
    progress(done);
  }
}

function assertUnchanged(before: Stats, after: Stats, source: string): void {
  if (before.size === after.size && before.mtimeMs === after.mtimeMs) return;
  throw Object.assign(new Error(`${source} was written while it was copied`), { code: 'CHANGED' });
}

/** fsync the bytes, make them read-only, name them, fsync the name: only then may a row speak of them. */
export function seal(store: string, temp: string, handle: number, sha256: string): boolean {
  const target = blobPath(store, sha256);
  if (isThere(target, temp)) {
    rmSync(temp, { force: true });
    return false;
  }
  fsyncSync(handle);
  chmodSync(temp, 0o444);
  const folder = dirname(target);
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) syncFolder(dirname(folder));
  renameSync(temp, target);
  syncFolder(folder);
  return true;
}

/** A blob that is there already is made young again, so that a sweep leaves it until its row is committed. */
function isThere(target: string, temp: string): boolean {
  const present = statSync(target, { throwIfNoEntry: false });
  if (present?.size !== statSync(temp).size) return false;
  const now = new Date();
  utimesSync(target, now, now);
  return true;
}

export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Where the blob with this hex digest stands. */
export function blobPath(store: string, sha256: string): string {
  return join(store, 'blobs', 'sha256', sha256.slice(0, 2), sha256);
}

/** SHA-256 of a file's content, hex. */
export function hashFile(path: string, progress: (bytes: number) => void): string {
  const { handle } = openRegular(path);
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (let done = 0; ;) {
      const n = readSync(handle, chunk, 0, chunkBytes, null);
      if (n === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, n));
      done += n;
      progress(done);
    }
  } finally {
    closeSync(handle);
  }
}
