import { chmodSync, existsSync, fstatSync, lstatSync, mkdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCode } from '../errors.ts';
import { ensureFolder } from '../runtime/write-file.ts';
import { storing, syncFile, syncFolder, withHandle } from './durable.ts';
import { hashFile } from './hash.ts';
import { fingerprintOf, settledFingerprintAt, verifiedFiles, type Fingerprint } from './verified.ts';

/** Verified files by thread. After a thread has ended, its files are merely hashed again. */
const verified = verifiedFiles();
/** Those of them whose name the thread has flushed after that. */
const flushed = verifiedFiles();

/** How a blob was stored. */
export interface Sealed {
  /** False if the blob existed before. */
  fresh: boolean;
  /** True if the existing blob was damaged and these bytes replaced it. */
  healed: boolean;
}

/** Bytes that were written to a file of `tmp/` and hashed meanwhile. */
export interface Written {
  temp: string;
  sha256: string;
  size: number;
}

/**
 * Makes the bytes in `temp` a blob: flushes them, makes them read-only, renames the file and flushes the name. Only then may a
 * row refer to them. An existing blob is accepted only if it has these bytes and its name is flushed, as its writer may have been
 * killed before that.
 */
export function seal(store: string, temp: string, handle: number, sha256: string): Sealed {
  const named = giveName(store, { temp, sha256, size: fstatSync(handle).size }, (flush) => flush(handle));
  flushNames(store, [named]);
  return named;
}

/**
 * Returns the fingerprint of a blob that this thread knows to be verified and flushed, that has not changed since, and that no
 * sweep deletes soon; undefined if it does not know that.
 */
export function sealedFingerprint(store: string, sha256: string, size: number): Fingerprint | undefined {
  const stats = lstatSync(blobPath(store, sha256), { bigint: true, throwIfNoEntry: false });
  const fingerprint = stats && fingerprintOf(stats);
  if (!fingerprint || stats.size !== BigInt(size) || !flushed.knows(fingerprint, sha256)) return undefined;
  return isYoung(Number(stats.mtimeMs), Date.now()) ? fingerprint : undefined;
}

/** Remembers in this thread that another one has verified and flushed a blob, which had this fingerprint then. */
export function rememberSealed(sha256: string, fingerprint: Fingerprint): void {
  flushed.add(fingerprint, sha256);
}

/** Makes many files blobs; each folder is flushed once, after all of them. May be repeated after an error. */
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
  const found = findBlob(store, { sha256, size });
  if (found !== 'sound')
    open((handle) => {
      makeReadOnly(temp);
      syncFile(handle);
    });
  return nameBlob(store, { temp, sha256 }, found);
}

export function makeReadOnly(temp: string): void {
  storing(() => chmodSync(temp, 0o444));
}

/** Gives a flushed file the name of its blob, unless there is an intact one. The name is not flushed yet. */
export function nameBlob(store: string, { temp, sha256 }: Pick<Written, 'temp' | 'sha256'>, found: Found): Named {
  if (found === 'sound') {
    rmSync(temp, { force: true });
    return { sha256, fresh: false, healed: false };
  }
  if (found === 'damaged') storing(() => quarantine(store, sha256));
  storing(() => renamed(temp, blobPath(store, sha256)));
  return { sha256, fresh: true, healed: found === 'damaged' };
}

/** Flushes names. One that may not be on disk is removed, so that no later writer of the same bytes finds it. */
function flushNames(store: string, named: readonly Named[]): void {
  for (const [folder, inside] of Map.groupBy(named, ({ sha256 }) => dirname(blobPath(store, sha256)))) {
    const remember = flushedNames(store, inside);
    try {
      syncFolder(folder);
    } catch (error) {
      for (const { fresh, sha256 } of inside) if (fresh) rmSync(blobPath(store, sha256), { force: true });
      throw error;
    }
    remember();
  }
}

/** Called before names are flushed. Returns a function that remembers after that which of them this thread knows to be on disk. */
export function flushedNames(store: string, named: readonly { sha256: string }[]): () => void {
  const before = named.map(({ sha256 }) => ({ sha256, fingerprint: settledFingerprintAt(blobPath(store, sha256)) }));
  return () => {
    for (const { sha256, fingerprint } of before)
      if (fingerprint && verified.knows(fingerprint, sha256)) flushed.add(fingerprint, sha256);
  };
}

export type Found = 'missing' | 'sound' | 'damaged';

/** Returns the state of a blob's name. An intact blob gets a new time, so that a sweep keeps it until its row is committed. */
export function findBlob(store: string, { sha256, size }: Pick<Written, 'sha256' | 'size'>): Found {
  const target = blobPath(store, sha256);
  const present = lstatSync(target, { throwIfNoEntry: false });
  if (!present) return 'missing';
  if (!present.isFile() || present.size !== size || !hasContent(target, sha256)) return 'damaged';
  return makeYoung(target, present.mtimeMs);
}

const unreadable = new Set(['EIO', 'EACCES', 'EPERM', 'ELOOP', 'NOT_REGULAR']);

function hasContent(target: string, sha256: string): boolean {
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

/** A blob younger than this is not renewed; a sweep keeps those younger than a day. */
const youngMs = 3600 * 1000;

function isYoung(madeAt: number, now: number): boolean {
  return now - madeAt < youngMs && madeAt <= now;
}

function makeYoung(target: string, madeAt: number): Found {
  const now = Date.now();
  if (isYoung(madeAt, now)) return 'sound';
  try {
    storing(() => utimesSync(target, new Date(now), new Date(now)));
    return 'sound';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

/** Moves a damaged blob to `quarantine/`, so that its name is free and its bytes can be examined. */
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

/** Creates the folders of all blobs, so that none has to be created and flushed together with a blob. */
export function makeBlobFolders(store: string): void {
  const top = join(store, 'blobs', 'sha256');
  ensureFolder(top);
  for (let byte = 0; byte < 256; byte += 1) {
    const folder = join(top, byte.toString(16).padStart(2, '0'));
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  }
  for (const folder of [top, dirname(top), store]) syncFolder(folder);
}

/** Returns the path of the blob with a hex digest. */
export function blobPath(store: string, sha256: string): string {
  return join(store, 'blobs', 'sha256', sha256.slice(0, 2), sha256);
}
