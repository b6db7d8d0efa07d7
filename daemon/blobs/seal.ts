import { chmodSync, existsSync, fstatSync, lstatSync, mkdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCode } from '../errors.ts';
import { ensureFolder } from '../runtime/write-file.ts';
import { storing, syncFile, syncFolder, withHandle } from './durable.ts';
import { hashFile } from './hash.ts';
import { verifiedFiles } from './verified.ts';

/** Every thread that seals has its own memory; a thread that ended only hashes once more. */
const verified = verifiedFiles();

/** How bytes came into the store. */
export interface Sealed {
  /** False when the blob was there before. */
  fresh: boolean;
  /** True when what stood under its name was damaged, and these bytes took its place. */
  healed: boolean;
}

/** Bytes that were written to a file of `tmp/` and hashed on the way. */
export interface Written {
  temp: string;
  sha256: string;
  size: number;
}

/**
 * Names bytes that were written to `temp`: flush them, make them read-only, rename, flush the name. Only then may a row speak
 * of them. A blob that is there already counts only while it holds these bytes and its name is flushed: whoever wrote it may
 * have been killed, or refused by the disk, before that.
 */
export function seal(store: string, temp: string, handle: number, sha256: string): Sealed {
  const named = giveName(store, { temp, sha256, size: fstatSync(handle).size }, (flush) => flush(handle));
  flushNames(store, [named]);
  return named;
}

/** Names many at once: the folder of each is flushed once, after all of them. What throws may be done again. */
export function sealAll(store: string, files: readonly Written[]): Named[] {
  const named = files.map((file) => giveName(store, file, (flush) => withHandle(file.temp, flush)));
  flushNames(store, named);
  return named;
}

export interface Named extends Sealed {
  sha256: string;
}

function giveName(
  store: string,
  { temp, sha256, size }: Written,
  open: (flush: (handle: number) => void) => void,
): Named {
  const target = blobPath(store, sha256);
  const found = lookAt(target, size, sha256);
  if (found === 'sound') {
    rmSync(temp, { force: true });
    return { sha256, fresh: false, healed: false };
  }
  open((handle) => {
    storing(() => chmodSync(temp, 0o444));
    syncFile(handle);
  });
  if (found === 'damaged') storing(() => quarantine(store, sha256));
  storing(() => renamed(temp, target));
  return { sha256, fresh: true, healed: found === 'damaged' };
}

/** A name that may not be on disk is taken back: a later writer of the same bytes must not find it. */
function flushNames(store: string, named: readonly Named[]): void {
  for (const [folder, inside] of Map.groupBy(named, ({ sha256 }) => dirname(blobPath(store, sha256)))) {
    try {
      syncFolder(folder);
    } catch (error) {
      for (const { fresh, sha256 } of inside) if (fresh) rmSync(blobPath(store, sha256), { force: true });
      throw error;
    }
  }
}

type Found = 'missing' | 'sound' | 'damaged';

/** What stands under a blob's name. A sound one is made young again, so that a sweep leaves it until its row is committed. */
function lookAt(target: string, size: number, sha256: string): Found {
  const present = lstatSync(target, { throwIfNoEntry: false });
  if (!present) return 'missing';
  if (!present.isFile() || present.size !== size || !holds(target, sha256)) return 'damaged';
  return makeYoung(target, present.mtimeMs);
}

const unreadable = new Set(['EIO', 'EACCES', 'EPERM', 'ELOOP', 'NOT_REGULAR']);

function holds(target: string, sha256: string): boolean {
  if (verified.has(target, sha256)) return true;
  try {
    const hashed = hashFile(target);
    if (hashed.sha256 !== sha256) return false;
    if (hashed.fingerprint) verified.add(hashed.fingerprint, sha256);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'ENOENT' || unreadable.has(code)) return false;
    throw error;
  }
}

/** A sweep spares what is younger than a day. */
const youngMs = 3600 * 1000;

function makeYoung(target: string, madeAt: number): Found {
  const now = Date.now();
  if (now - madeAt < youngMs && madeAt <= now) return 'sound';
  try {
    storing(() => utimesSync(target, new Date(now), new Date(now)));
    return 'sound';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

/** Takes a blob's name away from bytes that are not its own. They are kept, to be looked at. */
export function quarantine(store: string, sha256: string): void {
  const folder = join(store, 'quarantine');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    renameSync(blobPath(store, sha256), join(folder, sha256));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

function renamed(temp: string, target: string): void {
  const folder = dirname(target);
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) syncFolder(dirname(folder));
  renameSync(temp, target);
}

/** Makes the folders of all blobs, so that none has to be made, and flushed into its parent, beside a blob. */
export function makeBlobFolders(store: string): void {
  const top = join(store, 'blobs', 'sha256');
  ensureFolder(top);
  for (let byte = 0; byte < 256; byte += 1) {
    const folder = join(top, byte.toString(16).padStart(2, '0'));
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  }
  for (const folder of [top, dirname(top), store]) syncFolder(folder);
}

/** Where the blob with this hex digest stands. */
export function blobPath(store: string, sha256: string): string {
  return join(store, 'blobs', 'sha256', sha256.slice(0, 2), sha256);
}
