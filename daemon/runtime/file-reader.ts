import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  readlinkSync,
  realpathSync,
  statSync,
  type BigIntStats,
  type Stats,
} from 'node:fs';
import { basename, sep } from 'node:path';

/**
 * The only way to open files that others write: opening never waits, and only regular files are read. Errors have the system's
 * code, or OUTSIDE (outside its folder), NOT_REGULAR, TOO_LARGE.
 */

/** An open file. The caller closes it. */
export interface OpenFile {
  handle: number;
  stats: BigIntStats;
}

/** Windows has neither flag: there the file is compared with what was at the path before. */
const flags =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** Opens a regular file. A link at the end of the path is refused (ELOOP); a FIFO, socket or device is never opened. */
export function openRegular(path: string): OpenFile {
  const before = lstatSync(path, { bigint: true });
  if (before.isSymbolicLink()) throw withCode('ELOOP', `${path} is a link`);
  if (!before.isFile()) throw withCode('NOT_REGULAR', `${path} is not a regular file`);
  const handle = openSync(path, flags);
  try {
    const stats = fstatSync(handle, { bigint: true });
    if (!stats.isFile()) throw withCode('NOT_REGULAR', `${path} is not a regular file`);
    if (constants.O_NOFOLLOW === undefined && !isSame(before, stats)) throw withCode('ELOOP', `${path} was replaced`);
    return { handle, stats };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

/** Like `openRegular`, for a file in `root` or below. The place of the open file counts, as the path may change meanwhile. Throws OUTSIDE. */
export function openWithin(path: string, root: string): OpenFile {
  const top = realpathSync(root);
  assertBelow(realpathSync(path), top, path);
  const file = openRegular(path);
  try {
    assertBelow(placeOf(file, path), top, path);
    return file;
  } catch (error) {
    closeSync(file.handle);
    throw error;
  }
}

/** Like `openWithin` in the first of the folders that the path leads into. A link is followed if its target lies in one of them. */
export function openLinked(path: string, roots: readonly string[]): OpenFile & { path: string } {
  const real = realpathSync(path);
  const root = roots.find((one) => isBelow(real, realpathSync(one)));
  if (root === undefined) throw withCode('OUTSIDE', `${path} leads out of ${roots.join(', ')}`);
  return { ...openWithin(real, root), path: real };
}

function assertBelow(real: string, top: string, path: string): void {
  if (!isBelow(real, top)) throw withCode('OUTSIDE', `${path} leads out of ${top}`);
}

/** Returns the stats of a path, following links; undefined if nothing is there or it cannot be read: a link loop, no permission, a name too long. */
export function statAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Returns true if a real path is the folder `top` or lies below it. */
export function isBelow(real: string, top: string): boolean {
  return real === top || real.startsWith(top.endsWith(sep) ? top : top + sep);
}

/** Reads and closes a small file. Throws TOO_LARGE before the first byte is read. */
export function readWhole({ handle, stats }: OpenFile, maxBytes: number): Buffer {
  try {
    if (stats.size > BigInt(maxBytes)) throw tooLarge(maxBytes);
    return readUpTo(handle, maxBytes);
  } finally {
    closeSync(handle);
  }
}

/** Returns the reason why a file cannot be read, as a clause after its name. */
export function unreadableReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'EACCES' || code === 'EPERM') return 'the service may not read it; give its user the right to';
  if (code === 'OUTSIDE') return 'it leads out of the watched folder through a link';
  if (code === 'ELOOP') return 'it is a link, which is not followed';
  if (code === 'ENAMETOOLONG') return 'its name is too long';
  if (code === 'ERR_INVALID_ARG_VALUE') return 'it is no path';
  if (code === 'NOT_REGULAR' || code === 'ENXIO' || code === 'ENODEV') return 'it is not a regular file';
  return code === 'TOO_LARGE' && error instanceof Error ? error.message : `it cannot be read (${code})`;
}

function tooLarge(maxBytes: number): Error {
  return withCode('TOO_LARGE', `it is larger than ${maxBytes / 1024} KiB`);
}

/** Reads to the end, or to the limit for files that grow meanwhile and those of pseudo file systems, whose size is 0. */
function readUpTo(handle: number, maxBytes: number): Buffer {
  const parts: Buffer[] = [];
  let total = 0;
  for (;;) {
    const part = Buffer.allocUnsafe(Math.min(64 * 1024, maxBytes + 1 - total));
    const count = readSync(handle, part, 0, part.length, null);
    if (count === 0) return Buffer.concat(parts);
    total += count;
    if (total > maxBytes) throw tooLarge(maxBytes);
    parts.push(part.subarray(0, count));
  }
}

/** Reads at an offset; returns fewer bytes than requested only at the end of the file. */
export function readAt(handle: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = readSync(handle, bytes, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

/** Returns the path of an open file. Linux reports it; elsewhere the path is resolved again and must lead to the same file. */
function placeOf({ handle, stats }: OpenFile, path: string): string {
  const reported = process.platform === 'linux' ? linkOf(`/proc/self/fd/${handle}`) : undefined;
  if (reported !== undefined) return withoutMark(reported, path);
  const real = realpathSync(path);
  if (isSame(statSync(real, { bigint: true }), stats)) return real;
  throw withCode('OUTSIDE', `${path} was replaced while it was opened`);
}

/** Removes the mark that Linux adds to a file that was replaced or deleted since it was opened. */
function withoutMark(reported: string, path: string): string {
  const mark = ' (deleted)';
  return reported.endsWith(mark) && !basename(path).endsWith(mark) ? reported.slice(0, -mark.length) : reported;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
