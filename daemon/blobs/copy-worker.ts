import type { GroupedResult } from '../runtime/grouped-calls.ts';
import { serve } from '../runtime/worker-thread.ts';
import { ownFile, type Owned } from './copy.ts';
import { hashFile, type Hashed } from './hash.ts';
import { storeAll, type StoreJob } from './store-group.ts';

export interface CopyOperations {
  /** Copies a file from below `root` into the store. */
  own: [{ store: string; source: string; root: string }, Owned, number];
  /** Stores small files and bytes together. */
  storeAll: [{ store: string; jobs: readonly StoreJob[] }, GroupedResult<Owned>[]];
  /** Returns the digest of a file's present content. */
  hash: [{ path: string }, Hashed, number];
}

/** Bytes between two progress messages to the main thread. */
const progressEveryBytes = 32 << 20;

serve<CopyOperations>({
  own: ({ store, source, root }, progress) => ownFile(store, source, root, seldom(progress)),
  storeAll: ({ store, jobs }) => storeAll(store, jobs),
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
