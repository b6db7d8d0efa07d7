import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Source } from '../../formats/source.ts';

/** Opens a blob for `act` and closes it afterwards. Throws a system error if it cannot be opened. */
export function withBlob<T>(path: string, act: (source: Source) => T): T {
  const handle = openSync(path, 'r');
  try {
    const { size } = fstatSync(handle);
    return act({ size, read: (offset, length) => readAt(handle, size, offset, length) });
  } finally {
    closeSync(handle);
  }
}

function readAt(handle: number, size: number, offset: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
  let done = 0;
  while (done < bytes.length) {
    const count = readSync(handle, bytes, done, bytes.length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}
