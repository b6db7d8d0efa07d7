import { serve } from '../runtime/worker-thread.ts';
import { ownFile, type Owned } from './copy.ts';
import { hashFile, type Hashed } from './hash.ts';

export interface CopyOperations {
  /** Copies a file from below `root` into the store. */
  own: [{ store: string; source: string; root: string }, Owned, number];
  /** Returns the digest of a file's present content. */
  hash: [{ path: string }, Hashed, number];
}

/** Bytes between two progress messages to the main thread. */
const progressEveryBytes = 32 << 20;

serve<CopyOperations>({
  own: ({ store, source, root }, progress) => ownFile(store, source, root, seldom(progress)),
  hash: ({ path }, progress) => hashFile(path, seldom(progress)),
});

function seldom(report: (bytes: number) => void): (bytes: number) => void {
  let reported = 0;
  return (bytes) => {
    if (bytes - reported < progressEveryBytes) return;
    reported = bytes;
    report(bytes);
  };
}
