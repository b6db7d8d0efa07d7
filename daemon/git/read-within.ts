import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A regular file of at most `maxBytes` below a folder, read without following a link and without waiting for a writer;
 * undefined for everything else. `folder` is a real path.
 */
export function readWithin(folder: string, name: string, maxBytes: number): Buffer | undefined {
  const path = join(folder, name);
  try {
    if (realpathSync(path) !== path) return undefined;
    const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = fstatSync(file);
      if (!stats.isFile() || stats.size > maxBytes) return undefined;
      const bytes = Buffer.alloc(stats.size);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = readSync(file, bytes, length, bytes.length - length, length);
      return bytes.subarray(0, length);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** Its text without blanks around it. */
export function textWithin(folder: string, name: string, maxBytes = 4096): string | undefined {
  return readWithin(folder, name, maxBytes)?.toString().trim();
}
