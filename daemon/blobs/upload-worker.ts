import { createHash, randomUUID, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../runtime/worker-thread.ts';
import { writeBytes, writeWhole, type Owned } from './copy.ts';
import { storing } from './durable.ts';
import { seal, sealAll, type Written } from './seal.ts';

/** Operations of an upload, block by block. `keep` keeps the thread and its state of uploads alive. */
export interface UploadOperations {
  begin: [{ store: string }, { id: string }];
  block: [{ id: string; bytes: Uint8Array; length: number }, null];
  /** Opens a file that an earlier transfer left, or a new one, and hashes what it holds. */
  continue: [{ store: string; temp: string }, { id: string; size: number }];
  /** Closes an upload and keeps what came, for a later transfer. */
  pause: [{ id: string }, null];
  /** Makes the bytes a blob, on disk. */
  seal: [{ id: string }, Owned];
  /** Drops an upload that broke off; repeating it has no effect. */
  drop: [{ id: string }, null];
  keep: [null, null];
  /** Writes and hashes a small file. It is on disk only after `sealAll`. */
  take: [{ store: string; bytes: Uint8Array }, Written];
  /** Makes taken files blobs, on disk. */
  sealAll: [{ store: string; files: readonly Written[] }, Owned[]];
}

/** Uploads being received, in the thread that hashes and writes them. */
interface Incoming {
  store: string;
  temp: string;
  handle: number;
  hash: Hash;
  size: number;
}

const incoming = new Map<string, Incoming>();

serve<UploadOperations>({
  begin: ({ store }) => ({ id: begin(store) }),
  block: ({ id, bytes, length }) => takeBlock(id, bytes.subarray(0, length)),
  continue: ({ store, temp }) => continueUpload(store, temp),
  pause: ({ id }) => pauseUpload(id),
  seal: ({ id }) => sealUpload(id),
  drop: ({ id }) => dropUpload(id),
  keep: () => null,
  take: ({ store, bytes }) => writeBytes(store, bytes),
  sealAll: ({ store, files }) =>
    sealAll(store, files).map((sealed, index) => ({ ...sealed, size: files[index]?.size ?? 0 })),
});

function begin(store: string): string {
  const id = randomUUID();
  const temp = join(store, 'tmp', id);
  const handle = storing(() => openSync(temp, 'wx', 0o600));
  incoming.set(id, { store, temp, handle, hash: createHash('sha256'), size: 0 });
  return id;
}

function continueUpload(store: string, temp: string): { id: string; size: number } {
  const id = randomUUID();
  const handle = storing(() => openSync(temp, 'a+', 0o600));
  const hash = createHash('sha256');
  const bytes = Buffer.allocUnsafe(readBytes);
  let size = 0;
  for (
    let read = readSync(handle, bytes, 0, readBytes, 0);
    read > 0;
    read = readSync(handle, bytes, 0, readBytes, size)
  ) {
    hash.update(bytes.subarray(0, read));
    size += read;
  }
  incoming.set(id, { store, temp, handle, hash, size });
  return { id, size };
}

const readBytes = 4 << 20;

function pauseUpload(id: string): null {
  const upload = incoming.get(id);
  if (!upload) return null;
  incoming.delete(id);
  closeSync(upload.handle);
  return null;
}

function takeBlock(id: string, bytes: Uint8Array): null {
  const upload = requireIncoming(id);
  upload.hash.update(bytes);
  writeWhole(upload.handle, bytes);
  upload.size += bytes.length;
  return null;
}

function sealUpload(id: string): Owned {
  const { store, temp, handle, hash, size } = requireIncoming(id);
  const sha256 = hash.digest('hex');
  const sealed = seal(store, temp, handle, sha256);
  closeSync(handle);
  incoming.delete(id);
  return { sha256, size, ...sealed };
}

function dropUpload(id: string): null {
  const upload = incoming.get(id);
  if (!upload) return null;
  incoming.delete(id);
  closeSync(upload.handle);
  rmSync(upload.temp, { force: true });
  return null;
}

function requireIncoming(id: string): Incoming {
  const upload = incoming.get(id);
  if (!upload) throw new Error('there is no such upload in this thread');
  return upload;
}
