import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { openRegular } from '../runtime/file-reader.ts';
import { isUnchanged, settledFingerprint, type Fingerprint } from './verified.ts';

const chunkBytes = 1 << 20;

/** Digest of a file, and the fingerprint under which it may be remembered; undefined if it may not. */
export interface Hashed {
  sha256: string;
  fingerprint: Fingerprint | undefined;
  /** Identity of the file, `device:number`, as another one may have its name by now. */
  file: string;
}

/** Hashes a file's content. Runs in a worker thread, or for small blobs on the main one. */
export function hashFile(path: string, progress: (bytes: number) => void = () => undefined): Hashed {
  const { handle } = openRegular(path);
  try {
    const { dev, ino } = fstatSync(handle, { bigint: true });
    const before = settledFingerprint(handle);
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (let done = 0; ;) {
      const n = readSync(handle, chunk, 0, chunkBytes, null);
      if (n === 0) break;
      hash.update(chunk.subarray(0, n));
      done += n;
      progress(done);
    }
    const fingerprint = before && isUnchanged(handle, before) ? before : undefined;
    return { sha256: hash.digest('hex'), fingerprint, file: `${dev}:${ino}` };
  } finally {
    closeSync(handle);
  }
}
