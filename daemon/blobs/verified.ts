import { fstatSync, statSync, type BigIntStats } from 'node:fs';

/** A file as it was when it was hashed: which file it is, and what changes with every write to it. */
export interface Stamp {
  file: string;
  text: string;
}

/** What one thread knows of hashed files. */
export interface Verified {
  /** Whether the file at `path` was hashed to `sha256` and nobody has written to it since. */
  has(path: string, sha256: string): boolean;
  add(stamp: Stamp, sha256: string): void;
}

const maxFiles = 200_000;

/**
 * Remembers digests in memory only: across a restart a stamp proves nothing, since a disk can be changed while it is not
 * mounted. Only files that are read-only and ours are remembered, because nobody writes to those by accident.
 */
export function verifiedFiles(): Verified {
  const known = new Map<string, string>();
  return {
    has: (path, sha256) => {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      const stamp = stats && stampOf(stats);
      return stamp !== undefined && known.get(stamp.file) === `${stamp.text} ${sha256}`;
    },
    add: (stamp, sha256) => {
      if (known.size >= maxFiles) known.clear();
      known.set(stamp.file, `${stamp.text} ${sha256}`);
    },
  };
}

/** The stamp of a file that may be remembered; undefined for one that can be written or belongs to somebody else. */
export function stampOf(stats: BigIntStats): Stamp | undefined {
  const isOurs = process.getuid === undefined || stats.uid === BigInt(process.getuid());
  if (!stats.isFile() || !isOurs || (stats.mode & 0o222n) !== 0n) return undefined;
  return { file: `${stats.dev}:${stats.ino}`, text: `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}` };
}

/** A file system's clock stands still for up to this long; two writes within it leave the same time. */
const tickMs = 100;
const coarseTickMs = 3000;
/** Waiting for the next tick costs less than hashing a file of this size once more. */
const worthWaitingBytes = 32n << 20n;

/** The stamp of an open file before it is read, where a later write is sure to change it. Waits a moment for a large new file. */
export function settledStamp(handle: number): Stamp | undefined {
  const stats = fstatSync(handle, { bigint: true });
  const stamp = stampOf(stats);
  if (!stamp) return undefined;
  const tick = stats.ctimeNs % 1_000_000_000n === 0n ? coarseTickMs : tickMs;
  const left = Number(stats.ctimeMs) + tick - Date.now();
  if (left <= 0) return stamp;
  if (left > tickMs || stats.size < worthWaitingBytes) return undefined;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left);
  return stamp;
}

/** Whether nothing was written to an open file since its stamp was taken. */
export function isUnchanged(handle: number, stamp: Stamp): boolean {
  return stampOf(fstatSync(handle, { bigint: true }))?.text === stamp.text;
}
