import type { Readable } from 'node:stream';
import type { WorkerThread } from '../runtime/worker-thread.ts';
import type { Owned } from './copy.ts';
import type { UploadOperations } from './upload-worker.ts';

/** Hashes and writes what comes in; one thread for all uploads, block by block. */
type Thread = WorkerThread<UploadOperations>;

/** So many bytes go to the thread at once; while it writes them the next ones are gathered. */
const blockBytes = 4 << 20;
/** A thread that is asked nothing is ended, and what it knows of a transfer with it: a slow one keeps it. */
export const keepEveryMs = 10_000;

interface Block {
  bytes: Uint8Array;
  /** The write of what it held before. */
  written: Promise<unknown>;
}

function newBlock(): Block {
  return { bytes: new Uint8Array(new SharedArrayBuffer(blockBytes)), written: Promise.resolve() };
}

/** Takes a stream into the store; nothing of it is hashed or waited for on the event loop. What breaks off leaves no file. */
export async function receiveBytes(thread: Thread, store: string, stream: Readable): Promise<Owned> {
  const { id } = await thread.call('begin', { store });
  const keep = setInterval(() => void thread.call('keep', null).catch(() => undefined), keepEveryMs);
  try {
    await passOn(thread, id, stream);
    return await thread.call('seal', { id });
  } catch (error) {
    await thread.call('drop', { id }).catch(() => undefined);
    throw error;
  } finally {
    clearInterval(keep);
  }
}

async function passOn(thread: Thread, id: string, stream: Readable): Promise<void> {
  let [block, other] = [newBlock(), newBlock()];
  let filled = 0;
  const flush = async (): Promise<void> => {
    block.written = thread.call('block', { id, bytes: block.bytes, length: filled });
    block.written.catch(() => undefined);
    [block, other] = [other, block];
    filled = 0;
    await block.written;
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.copy(block.bytes, filled, at);
      at += taken;
      filled += taken;
      if (filled === blockBytes) await flush();
    }
  }
  if (filled > 0) await flush();
  await other.written;
}
