import { createHash, hash, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, rmSync, writeSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { openWithin } from '../runtime/file-reader.ts';
import { storing } from './durable.ts';
import { seal, sealedFingerprint, type Sealed, type Written } from './seal.ts';
import type { Fingerprint } from './verified.ts';

/** Steps of storing bytes. All are synchronous, as they run in a worker thread. */

const chunkBytes = 1 << 20;
/** Bytes after which a source is checked again, as a copy of a deleted or changing file is useless. */
const checkEveryBytes = 16 << 20;

/** A stored file. */
export interface Owned extends Sealed {
  sha256: string;
  size: number;
  /** Its fingerprint, if it was known to be verified and flushed before. */
  known?: Fingerprint;
}

/** A hashed file of `tmp/` that is open and not flushed yet. The caller closes it. */
export interface OpenTemp extends Written {
  handle: number;
}

/**
 * Copies a file below `root` into the store, hashing what is written, and returns its digest. Throws with `code` `CHANGED` if the
 * source was written or deleted meanwhile, `NOT_REGULAR` for anything but a regular file, `OUTSIDE` for a file outside `root`.
 */
export function ownFile(store: string, source: string, root: string, progress: (bytes: number) => void): Owned {
  return sealTemp(store, copyToTemp(store, source, root, progress));
}

/** Stores bytes from memory. */
export function ownBytes(store: string, bytes: Uint8Array): Owned {
  return knownBytes(store, bytes) ?? sealTemp(store, writeToTemp(store, bytes));
}

/** Returns the blob with these bytes if this thread knows that it is on disk. */
export function knownBytes(store: string, bytes: Uint8Array): Owned | undefined {
  const sha256 = hash('sha256', bytes);
  const known = sealedFingerprint(store, sha256, bytes.length);
  return known && { sha256, size: bytes.length, fresh: false, healed: false, known };
}

function sealTemp(store: string, { temp, handle, sha256, size }: OpenTemp): Owned {
  try {
    return { sha256, size, ...seal(store, temp, handle, sha256) };
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

/** Copies and hashes a file below `root`, and throws as `ownFile` does. */
export function copyToTemp(
  store: string,
  source: string,
  root: string,
  progress: (bytes: number) => void = () => undefined,
): OpenTemp {
  const from = openWithin(source, root).handle;
  try {
    const before = fstatSync(from);
    const check = (): void => assertUnchanged(before, fstatSync(from), source);
    return inTemp(store, (to) => {
      const sha256 = copyBytes(from, to, Math.min(chunkBytes, before.size + 1), progress, check);
      check();
      return { sha256, size: before.size };
    });
  } finally {
    closeSync(from);
  }
}

/** Writes and hashes bytes from memory. */
export function writeToTemp(store: string, bytes: Uint8Array): OpenTemp {
  return inTemp(store, (to) => {
    writeWhole(to, bytes);
    return { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
  });
}

/** Writes a new file of `tmp/`. An error of `write` removes it. */
function inTemp(store: string, write: (handle: number) => { sha256: string; size: number }): OpenTemp {
  const temp = join(store, 'tmp', randomUUID());
  const handle = storing(() => openSync(temp, 'wx', 0o600));
  try {
    return { temp, handle, ...write(handle) };
  } catch (error) {
    closeSync(handle);
    rmSync(temp, { force: true });
    throw error;
  }
}

/** Writes and hashes bytes from memory. They are neither flushed nor named: `sealAll` does both. */
export function writeBytes(store: string, bytes: Uint8Array): Written {
  const { handle, ...written } = writeToTemp(store, bytes);
  closeSync(handle);
  return written;
}

function copyBytes(
  from: number,
  to: number,
  atOnce: number,
  progress: (bytes: number) => void,
  check: () => void,
): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(atOnce);
  let checked = 0;
  for (let done = 0; ;) {
    const n = readSync(from, chunk, 0, atOnce, null);
    if (n === 0) return hash.digest('hex');
    const part = chunk.subarray(0, n);
    hash.update(part);
    writeWhole(to, part);
    done += n;
    progress(done);
    if (done - checked < checkEveryBytes) continue;
    check();
    checked = done;
  }
}

/** Writes all of `bytes`, in as many pieces as needed. */
export function writeWhole(handle: number, bytes: Uint8Array): void {
  storing(() => {
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
  });
}

function assertUnchanged(before: Stats, after: Stats, source: string): void {
  const isSame = before.size === after.size && before.mtimeMs === after.mtimeMs;
  // Some file systems always report 0 links, so 0 means deleted only if there was one before.
  if (isSame && (after.nlink > 0 || before.nlink === 0)) return;
  const what = isSame ? 'deleted' : 'written';
  throw Object.assign(new Error(`${source} was ${what} while it was copied`), { code: 'CHANGED' });
}
