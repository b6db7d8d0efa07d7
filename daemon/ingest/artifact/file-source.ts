import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../errors.ts';
import { openWithin, readAt } from '../../runtime/file-reader.ts';
import type { Source } from '../../formats/source.ts';

/** A file opened for random reading. The caller closes it. */
export interface FileSource extends Source {
  readonly mtimeMs: number;
  readonly ino: number;
  close(): void;
}

/** Opens a regular file whose real path lies within `root`. Throws a system error, or one with code OUTSIDE or NOT_REGULAR. */
export function openSource(path: string, root: string): FileSource {
  const { handle, stats } = openWithin(path, root);
  const size = Number(stats.size);
  return {
    size,
    mtimeMs: Number(stats.mtimeNs) / 1e6,
    ino: Number(stats.ino),
    read: (offset, length) => readAt(handle, offset, Math.max(0, Math.min(length, size - offset))),
    close: () => closeSync(handle),
  };
}

/** Returns a function that opens an artifact's files by relative path, and one that closes all of them. */
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
