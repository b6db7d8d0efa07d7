import { createHash, randomUUID, type Hash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { openRegular } from '../runtime/file-reader.ts';
import { serve } from '../runtime/worker-thread.ts';

/** Operations of a download, block by block. `keep` keeps the thread and its state of downloads alive. */
export interface DownloadOperations {
  open: [{ path: string }, { id: string }];
  /** Reads the next bytes of the blob into `bytes`. */
  fill: [{ id: string; bytes: Uint8Array }, Filled];
  shut: [{ id: string }, null];
  keep: [null, null];
}

/** Number of bytes read and, with the last of them, the digest of all. */
export interface Filled {
  length: number;
  sha256: string | null;
}

/** Blobs being sent, in the thread that reads and hashes them. */
interface Outgoing {
  handle: number;
  size: number;
  sent: number;
  hash: Hash;
}

const outgoing = new Map<string, Outgoing>();

serve<DownloadOperations>({
  open: ({ path }) => ({ id: openOutgoing(path) }),
  fill: ({ id, bytes }) => fillBlock(id, bytes),
  shut: ({ id }) => shutOutgoing(id),
  keep: () => null,
});

function openOutgoing(path: string): string {
  const id = randomUUID();
  const { handle } = openRegular(path);
  outgoing.set(id, { handle, size: fstatSync(handle).size, sent: 0, hash: createHash('sha256') });
  return id;
}

function fillBlock(id: string, bytes: Uint8Array): Filled {
  const blob = outgoing.get(id);
  if (!blob) throw new Error('there is no such blob in this thread');
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(blob.handle, bytes, length, bytes.length - length, null);
    if (count === 0) break;
    length += count;
  }
  blob.hash.update(bytes.subarray(0, length));
  blob.sent += length;
  return { length, sha256: length < bytes.length || blob.sent >= blob.size ? blob.hash.digest('hex') : null };
}

function shutOutgoing(id: string): null {
  const blob = outgoing.get(id);
  if (blob) closeSync(blob.handle);
  outgoing.delete(id);
  return null;
}
