import type { Writable } from 'node:stream';
import { RegistryError } from '../errors.ts';
import type { WorkerThread } from '../runtime/worker-thread.ts';
import { keepEveryMs } from './upload.ts';
import type { DownloadOperations } from './download-worker.ts';

type Thread = WorkerThread<DownloadOperations>;

/** Bytes that are read and hashed while the previous block is sent. */
const blockBytes = 2 << 20;

/**
 * Writes a blob to a stream and ends it. Nothing is read or hashed on the event loop. The last bytes are held back until the
 * digest is correct: a damaged blob is cut off, never delivered completely. Rejects with `damaged`, or the stream's error.
 */
export async function sendBytes(thread: Thread, path: string, sha256: string, into: Writable): Promise<void> {
  const { id } = await thread.call('open', { path });
  const keep = setInterval(() => void thread.call('keep', null).catch(() => undefined), keepEveryMs);
  try {
    await passOn(thread, id, sha256, into);
    await new Promise<void>((resolve) => void into.end(resolve));
  } catch (error) {
    into.destroy();
    throw error;
  } finally {
    clearInterval(keep);
    await thread.call('shut', { id }).catch(() => undefined);
  }
}

async function passOn(thread: Thread, id: string, sha256: string, into: Writable): Promise<void> {
  let [block, other] = [newBlock(), newBlock()];
  let filled = await thread.call('fill', { id, bytes: block });
  while (filled.sha256 === null) {
    const next = thread.call('fill', { id, bytes: other });
    next.catch(() => undefined);
    await written(into, block, filled.length);
    filled = await next;
    [block, other] = [other, block];
  }
  if (filled.sha256 !== sha256) throw new RegistryError('damaged', 'The stored file is damaged. Run: plinth verify');
  await written(into, block, filled.length);
}

type Block = Uint8Array<SharedArrayBuffer>;

function newBlock(): Block {
  return new Uint8Array(new SharedArrayBuffer(blockBytes));
}

/** Resolves when the stream has passed the bytes on, so that their buffer can be reused. */
function written(into: Writable, { buffer }: Block, length: number): Promise<void> {
  return new Promise((resolve, reject) => {
    into.write(Buffer.from(buffer, 0, length), (error) => (error ? reject(error) : resolve()));
  });
}
