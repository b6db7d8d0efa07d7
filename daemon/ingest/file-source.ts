import { closeSync, fstatSync, readSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { openRegular } from '../blobs/copy.ts';
import type { Source } from '../formats/source.ts';
import { systemCode } from '../errors.ts';

/** A file opened for random reading, to be closed by whoever opened it. */
export interface FileSource extends Source {
  readonly mtimeMs: number;
  readonly ino: number;
  close(): void;
}

/** Opens a regular file whose real path lies within `root`. Throws a system error, or one with code OUTSIDE or NOT_REGULAR. */
export function openSource(path: string, root: string): FileSource {
  assertWithin(path, root);
  const handle = openRegular(path);
  const { size, mtimeMs, ino } = fstatSync(handle);
  return {
    size,
    mtimeMs,
    ino,
    read: (offset, length) => readAt(handle, size, offset, length),
    close: () => closeSync(handle),
  };
}

/** Throws with code OUTSIDE when a path, its links resolved, is not below `root`. */
export function assertWithin(path: string, root: string): void {
  const real = realpathSync(path);
  const top = realpathSync(root);
  if (real === top || real.startsWith(top.endsWith(sep) ? top : top + sep)) return;
  throw Object.assign(new Error(`${path} leads out of ${root}`), { code: 'OUTSIDE' });
}

function readAt(handle: number, size: number, offset: number, length: number): Uint8Array {
  const wanted = Math.max(0, Math.min(length, size - offset));
  const bytes = Buffer.allocUnsafe(wanted);
  let done = 0;
  while (done < wanted) {
    const n = readSync(handle, bytes, done, wanted - done, offset + done);
    if (n === 0) break;
    done += n;
  }
  return bytes.subarray(0, done);
}

/** Opens a unit's files by relative path and remembers them, so that all can be closed together. */
export function openerIn(
  folder: string,
  root: string,
): { open: (relative: string) => Source | undefined; close: () => void; failure: () => unknown } {
  const opened: FileSource[] = [];
  let failure: unknown;
  return {
    open: (relative) => {
      try {
        const source = openSource(join(folder, relative), root);
        opened.push(source);
        return source;
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') failure = error;
        return undefined;
      }
    },
    close: () => opened.forEach((source) => source.close()),
    failure: () => failure,
  };
}
