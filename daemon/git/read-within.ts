import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { openWithin, readWhole } from '../runtime/file-reader.ts';

/** Reads a regular file of at most `maxBytes` below a folder, without links on its path; undefined for everything else. `folder` is a real path. */
export function readWithin(folder: string, name: string, maxBytes: number): Buffer | undefined {
  const path = join(folder, name);
  try {
    return realpathSync(path) === path ? readWhole(openWithin(path, folder), maxBytes) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the text of such a file without surrounding blanks. */
export function textWithin(folder: string, name: string, maxBytes = 4096): string | undefined {
  return readWithin(folder, name, maxBytes)?.toString().trim();
}
