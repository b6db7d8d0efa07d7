import { ownFile, type Owned } from './copy.ts';
import { hashFile, type Hashed } from './hash.ts';
import { begin, dropUpload, sealUpload, takeBlock } from './upload-steps.ts';
import { fillBlock, openOutgoing, shutOutgoing, type Filled } from './download-steps.ts';
import { serve } from '../runtime/worker-thread.ts';

export type CopyRequest =
  | { op: 'own'; store: string; source: string; root: string }
  /** Answers with the digest of what the file holds now. */
  | { op: 'hash'; path: string }
  /** What a client sends, block by block: see receive.ts. */
  | { op: 'begin'; store: string }
  | { op: 'block'; id: string; bytes: Uint8Array; length: number }
  | { op: 'seal'; id: string }
  | { op: 'drop'; id: string }
  /** What goes to a client, block by block: see send.ts. */
  | { op: 'open'; path: string }
  | { op: 'fill'; id: string; bytes: Uint8Array }
  | { op: 'shut'; id: string }
  | { op: 'keep' };

export type CopyReply = Owned | Filled | Hashed | { id: string };

/** Progress goes to the main thread at most this often. */
const progressEveryBytes = 32 << 20;

serve<CopyRequest, CopyReply>((request, report) => {
  let reported = 0;
  const progress = (bytes: number): void => {
    if (bytes - reported < progressEveryBytes) return;
    reported = bytes;
    report(bytes);
  };
  if (request.op === 'own') return ownFile(request.store, request.source, request.root, progress);
  if (request.op === 'hash') return hashFile(request.path, progress);
  if (request.op === 'begin') return { id: begin(request.store) };
  if (request.op === 'seal') return sealUpload(request.id);
  if (request.op === 'block') takeBlock(request.id, request.bytes.subarray(0, request.length));
  if (request.op === 'drop') dropUpload(request.id);
  if (request.op === 'open') return { id: openOutgoing(request.path) };
  if (request.op === 'fill') return fillBlock(request.id, request.bytes);
  if (request.op === 'shut') shutOutgoing(request.id);
  return { id: '' };
});
