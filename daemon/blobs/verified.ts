import { fstatSync, lstatSync, statSync, type BigIntStats } from 'node:fs';

/** Identity of a hashed file, and a text that changes with every write to it. */
export interface Fingerprint {
  file: string;
  text: string;
}

/** Hashed files that one thread remembers. */
export interface Verified {
  /** Returns true if the file at `path` was hashed to `sha256` and has not been written since. */
  has(path: string, sha256: string): boolean;
  /** Like `has`, for a file whose present fingerprint is known. */
  knows(fingerprint: Fingerprint, sha256: string): boolean;
  add(fingerprint: Fingerprint, sha256: string): void;
}

const maxFiles = 200_000;

/**
 * Remembers digests in memory only: after a restart a fingerprint proves nothing, as a disk may be changed while it is not
 * mounted. Only read-only files of this user are remembered, because nobody writes to those by accident.
 */
export function verifiedFiles(): Verified {
  const known = new Map<string, string>();
  const knows = ({ file, text }: Fingerprint, sha256: string): boolean => known.get(file) === `${text} ${sha256}`;
  return {
    has: (path, sha256) => {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      const fingerprint = stats && fingerprintOf(stats);
      return fingerprint !== undefined && knows(fingerprint, sha256);
    },
    knows,
    add: (fingerprint, sha256) => {
      if (known.size >= maxFiles) known.clear();
      known.set(fingerprint.file, `${fingerprint.text} ${sha256}`);
    },
  };
}

/** Returns the fingerprint of a file that may be remembered; undefined for one that is writable or belongs to another user. */
export function fingerprintOf(stats: BigIntStats): Fingerprint | undefined {
  const isOurs = process.getuid === undefined || stats.uid === BigInt(process.getuid());
  if (!stats.isFile() || !isOurs || (stats.mode & 0o222n) !== 0n) return undefined;
  return { file: `${stats.dev}:${stats.ino}`, text: `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}` };
}

/** Resolution of file system clocks: two writes within it leave the same time. */
const tickMs = 100;
const coarseTickMs = 3000;
/** Size from which waiting for the next tick costs less than hashing the file again. */
const worthWaitingBytes = 32n << 20n;

/**
 * Returns the fingerprint of an open file before it is read, if a later write will certainly change it; undefined otherwise.
 * Waits briefly for a large new file.
 */
export function settledFingerprint(handle: number): Fingerprint | undefined {
  const stats = fstatSync(handle, { bigint: true });
  const fingerprint = fingerprintOf(stats);
  if (!fingerprint) return undefined;
  const left = msUntilSettled(stats);
  if (left <= 0) return fingerprint;
  if (left > tickMs || stats.size < worthWaitingBytes) return undefined;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left);
  return fingerprint;
}

/** Returns the same for a file by its path, no link, without waiting. */
export function settledFingerprintAt(path: string): Fingerprint | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && msUntilSettled(stats) <= 0 ? fingerprintOf(stats) : undefined;
}

function msUntilSettled({ ctimeNs, ctimeMs }: BigIntStats): number {
  const tick = ctimeNs % 1_000_000_000n === 0n ? coarseTickMs : tickMs;
  return Number(ctimeMs) + tick - Date.now();
}

/** Returns true if an open file was not written since its fingerprint was taken. */
export function isUnchanged(handle: number, fingerprint: Fingerprint): boolean {
  return fingerprintOf(fstatSync(handle, { bigint: true }))?.text === fingerprint.text;
}
