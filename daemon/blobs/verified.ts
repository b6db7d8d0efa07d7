import { fstatSync, statSync, type BigIntStats } from 'node:fs';

/** A file as it was when it was hashed: which file it is, and what changes with every write to it. */
export interface Fingerprint {
  file: string;
  text: string;
}

/** What one thread knows of hashed files. */
export interface Verified {
  /** Whether the file at `path` was hashed to `sha256` and nobody has written to it since. */
  has(path: string, sha256: string): boolean;
  add(fingerprint: Fingerprint, sha256: string): void;
}

const maxFiles = 200_000;

/**
 * Remembers digests in memory only: across a restart a fingerprint proves nothing, since a disk can be changed while it is not
 * mounted. Only files that are read-only and ours are remembered, because nobody writes to those by accident.
 */
export function verifiedFiles(): Verified {
  const known = new Map<string, string>();
  return {
    has: (path, sha256) => {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      const fingerprint = stats && fingerprintOf(stats);
      return fingerprint !== undefined && known.get(fingerprint.file) === `${fingerprint.text} ${sha256}`;
    },
    add: (fingerprint, sha256) => {
      if (known.size >= maxFiles) known.clear();
      known.set(fingerprint.file, `${fingerprint.text} ${sha256}`);
    },
  };
}

/** The fingerprint of a file that may be remembered; undefined for one that can be written or belongs to somebody else. */
export function fingerprintOf(stats: BigIntStats): Fingerprint | undefined {
  const isOurs = process.getuid === undefined || stats.uid === BigInt(process.getuid());
  if (!stats.isFile() || !isOurs || (stats.mode & 0o222n) !== 0n) return undefined;
  return { file: `${stats.dev}:${stats.ino}`, text: `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}` };
}

/** A file system's clock stands still for up to this long; two writes within it leave the same time. */
const tickMs = 100;
const coarseTickMs = 3000;
/** Waiting for the next tick costs less than hashing a file of this size once more. */
const worthWaitingBytes = 32n << 20n;

/** The fingerprint of an open file before it is read, where a later write is sure to change it. Waits a moment for a large new file. */
export function settledFingerprint(handle: number): Fingerprint | undefined {
  const stats = fstatSync(handle, { bigint: true });
  const fingerprint = fingerprintOf(stats);
  if (!fingerprint) return undefined;
  const tick = stats.ctimeNs % 1_000_000_000n === 0n ? coarseTickMs : tickMs;
  const left = Number(stats.ctimeMs) + tick - Date.now();
  if (left <= 0) return fingerprint;
  if (left > tickMs || stats.size < worthWaitingBytes) return undefined;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left);
  return fingerprint;
}

/** Whether nothing was written to an open file since its fingerprint was taken. */
export function isUnchanged(handle: number, fingerprint: Fingerprint): boolean {
  return fingerprintOf(fstatSync(handle, { bigint: true }))?.text === fingerprint.text;
}
