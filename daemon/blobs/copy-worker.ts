import { hashFile, ownFile, type Owned } from './copy.ts';
import { serve } from '../worker-thread.ts';

export type CopyRequest =
  | { op: 'own'; store: string; source: string }
  /** Answers with the digest of what the file holds now. */
  | { op: 'hash'; path: string };

export type CopyReply = Owned | { sha256: string };

/** Progress goes to the main thread at most this often. */
const progressEveryBytes = 32 << 20;

serve<CopyRequest, CopyReply>((request, report) => {
  let reported = 0;
  const progress = (bytes: number): void => {
    if (bytes - reported < progressEveryBytes) return;
    reported = bytes;
    report(bytes);
  };
  if (request.op === 'own') return ownFile(request.store, request.source, progress);
  return { sha256: hashFile(request.path, progress) };
});
