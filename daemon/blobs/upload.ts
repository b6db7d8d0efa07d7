import type { Readable } from 'node:stream';
import type { WorkerThread } from '../runtime/worker-thread.ts';
import { writeBytes, type Owned } from './copy.ts';
import type { Written } from './seal.ts';
import type { UploadOperations } from './upload-worker.ts';

/** Hashes and writes all uploads in one thread, block by block. */
type Thread = WorkerThread<UploadOperations>;

/** Bytes sent to the thread at once; the next block is gathered while it writes. */
const blockBytes = 4 << 20;
/** Milliseconds between two signs of life for a slow transfer. Without them the thread would be ended as idle, and its state of the transfer lost. */
export const keepEveryMs = 10_000;

interface Block {
  bytes: Uint8Array;
  /** Write of the block that the buffer held before. */
  written: Promise<unknown>;
}

function newBlock(): Block {
  return { bytes: new Uint8Array(new SharedArrayBuffer(blockBytes)), written: Promise.resolve() };
}

/** A file up to this size is sent to the thread as a whole. */
const smallBytes = 1 << 20;

/** Size up to which a file is written at once, which takes less time than passing it to the thread and back. */
const tinyBytes = 16 << 10;

/** A received file: on disk under its name, or only written. */
export type Received = { owned: Owned } | { written: Written };

/**
 * Stores a stream. Hashes and waits for it in the thread, except for a tiny file. A stream that breaks off leaves no file. A small file is
 * not flushed here and has no name yet.
 */
export async function receiveBytes(thread: Thread, store: string, stream: Readable): Promise<Received> {
  const parts = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    const { first, isWhole } = await firstOf(parts);
    if (!isWhole) return { owned: await receiveLarge(thread, store, first, parts) };
    const bytes = Buffer.concat(first);
    return {
      written: bytes.length <= tinyBytes ? writeBytes(store, bytes) : await thread.call('take', { store, bytes }),
    };
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** Reads slightly more than a small file, or the whole stream. */
async function firstOf(parts: AsyncIterator<Buffer>): Promise<{ first: Buffer[]; isWhole: boolean }> {
  const first: Buffer[] = [];
  for (let size = 0; size <= smallBytes;) {
    const next = await parts.next();
    if (next.done === true) return { first, isWhole: true };
    first.push(next.value);
    size += next.value.length;
  }
  return { first, isWhole: false };
}

async function receiveLarge(
  thread: Thread,
  store: string,
  first: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
): Promise<Owned> {
  const { id } = await thread.call('begin', { store });
  const keep = setInterval(() => void thread.call('keep', null).catch(() => undefined), keepEveryMs);
  try {
    await passOn(thread, id, first, rest);
    return await thread.call('seal', { id });
  } catch (error) {
    await thread.call('drop', { id }).catch(() => undefined);
    throw error;
  } finally {
    clearInterval(keep);
  }
}

export async function passOn(
  thread: Thread,
  id: string,
  first: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
): Promise<void> {
  let [block, other] = [newBlock(), newBlock()];
  let filled = 0;
  const flush = async (): Promise<void> => {
    block.written = thread.call('block', { id, bytes: block.bytes, length: filled });
    block.written.catch(() => undefined);
    [block, other] = [other, block];
    filled = 0;
    await block.written;
  };
  const put = async (chunk: Buffer): Promise<void> => {
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.copy(block.bytes, filled, at);
      at += taken;
      filled += taken;
      if (filled === blockBytes) await flush();
    }
    release(chunk);
  };
  try {
    for (const chunk of first) await put(chunk);
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) await put(next.value);
  } finally {
    // Also if the stream has broken off: an upload goes on after what was written.
    if (filled > 0) await flush();
  }
  await other.written;
}

/**
 * Frees the memory of a chunk that was copied. The collector frees it too, but for each of the thousands of chunks of a large file the memory
 * outside its heap grows, and it then marks the whole heap again and again: a third of the time of an upload.
 */
function release({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > tinyBytes) buffer.transfer(0);
}
