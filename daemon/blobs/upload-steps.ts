import { createHash, randomUUID, type Hash } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole, type Owned } from './copy.ts';
import { storing } from './durable.ts';
import { seal } from './seal.ts';

/** Uploads on their way into the store, in the thread that hashes and writes them. */
interface Incoming {
  store: string;
  temp: string;
  handle: number;
  hash: Hash;
  size: number;
}

const incoming = new Map<string, Incoming>();

export function begin(store: string): string {
  const id = randomUUID();
  const temp = join(store, 'tmp', id);
  const handle = storing(() => openSync(temp, 'wx', 0o600));
  incoming.set(id, { store, temp, handle, hash: createHash('sha256'), size: 0 });
  return id;
}

export function takeBlock(id: string, bytes: Uint8Array): void {
  const upload = known(id);
  upload.hash.update(bytes);
  writeWhole(upload.handle, bytes);
  upload.size += bytes.length;
}

/** Names the bytes; they are on disk then. */
export function sealUpload(id: string): Owned {
  const { store, temp, handle, hash, size } = known(id);
  const sha256 = hash.digest('hex');
  const sealed = seal(store, temp, handle, sha256);
  closeSync(handle);
  incoming.delete(id);
  return { sha256, size, ...sealed };
}

/** Forgets an upload that broke off; again does nothing. */
export function dropUpload(id: string): void {
  const upload = incoming.get(id);
  if (!upload) return;
  incoming.delete(id);
  closeSync(upload.handle);
  rmSync(upload.temp, { force: true });
}

function known(id: string): Incoming {
  const upload = incoming.get(id);
  if (!upload) throw new Error('there is no such upload in this thread');
  return upload;
}
