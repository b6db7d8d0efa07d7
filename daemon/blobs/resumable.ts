import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { RegistryError } from '../errors.ts';
import type { WorkerThread } from '../runtime/worker-thread.ts';
import type { Owned } from './copy.ts';
import { keepEveryMs, passOn } from './upload.ts';
import type { UploadOperations } from './upload-worker.ts';
import type { Writes } from './writes.ts';

/** Uploads that can be continued after the connection or the service has ended. */
export interface ResumableUploads {
  /** Returns how many bytes of an upload are here. */
  receivedOf(key: string): number;
  /**
   * Adds a stream to an upload that has `offset` bytes. Returns the stored file once all `size` bytes are here and on disk, else
   * undefined. If the stream breaks off, what came stays. Throws `conflict` for another offset and for an upload in progress.
   */
  receivePart(
    key: string,
    range: { offset: number; size: number },
    stream: Readable,
  ): Promise<{ digest: string; size: number } | undefined>;
}

/** Time after which an upload that nobody continues is deleted. */
const keptMs = 24 * 3600 * 1000;

/** `thread` hashes and writes. Keys are hexadecimal digits. */
export function resumableUploads(
  store: string,
  thread: WorkerThread<UploadOperations>,
  writes: Writes,
): ResumableUploads {
  const folder = join(store, 'incoming');
  const active = new Set<string>();
  const pathOf = (key: string): string => {
    if (!/^[0-9a-f]{64}$/.test(key)) throw new RegistryError('invalid-request', 'The key of an upload is malformed.');
    return join(folder, `${key}.part`);
  };
  const receivedOf = (key: string): number => statSync(pathOf(key), { throwIfNoEntry: false })?.size ?? 0;
  const receivePart: ResumableUploads['receivePart'] = async (key, { offset, size }, stream) => {
    const temp = pathOf(key);
    const before = receivedOf(key);
    if (active.has(key))
      throw new RegistryError('conflict', 'This upload is in progress already.', { received: before });
    if (before !== offset)
      throw new RegistryError('conflict', `${before} bytes of this upload are here, not ${offset}.`, {
        received: before,
      });
    deleteOld(folder);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    active.add(key);
    const keep = setInterval(() => void thread.call('keep', null).catch(() => undefined), keepEveryMs);
    try {
      const owned = await writes.attempt(() => receiveRest(thread, { store, temp, size }, stream));
      return owned && writes.acknowledge(owned);
    } finally {
      clearInterval(keep);
      active.delete(key);
    }
  };
  return { receivedOf, receivePart };
}

async function receiveRest(
  thread: WorkerThread<UploadOperations>,
  { store, temp, size }: { store: string; temp: string; size: number },
  stream: Readable,
): Promise<Owned | undefined> {
  const { id, size: before } = await thread.call('continue', { store, temp });
  let total = before;
  const limited = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of stream) {
      total += (chunk as Buffer).length;
      if (total > size) throw new RegistryError('too-large', `More than the announced ${size} bytes came.`);
      yield chunk as Buffer;
    }
  };
  try {
    await passOn(thread, id, [], limited());
    if (total < size) return await paused(thread, id);
    return await thread.call('seal', { id });
  } catch (error) {
    await (total > size ? thread.call('drop', { id }) : paused(thread, id)).catch(() => undefined);
    throw error;
  }
}

async function paused(thread: WorkerThread<UploadOperations>, id: string): Promise<undefined> {
  await thread.call('pause', { id });
  return undefined;
}

function deleteOld(folder: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // Nothing was ever uploaded here.
  }
  for (const name of names) {
    const path = join(folder, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - written > keptMs) rmSync(path, { force: true });
  }
}
