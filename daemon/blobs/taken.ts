import type { Readable } from 'node:stream';
import type { WorkerThread } from '../runtime/worker-thread.ts';
import type { Owned } from './copy.ts';
import type { Written } from './seal.ts';
import { receiveBytes } from './upload.ts';
import type { UploadOperations } from './upload-worker.ts';
import type { Writes } from './writes.ts';

type Thread = WorkerThread<UploadOperations>;

/** Stores clients' streams. Small files are first only written, and flushed together. */
export interface TakenFiles {
  /** Resolves once bytes and name are on disk. */
  receive(stream: Readable): Promise<Owned>;
  take(stream: Readable): Promise<{ digest: string; size: number; isDurable: boolean }>;
  settle(): Promise<void>;
}

/** Creates it. `flushes` is a thread of its own, so that the next file is written while earlier ones are flushed. */
export function takenFiles(folder: string, uploads: Thread, flushes: Thread, writes: Writes): TakenFiles {
  const waiting: Written[] = [];
  let last: Promise<void> = Promise.resolve();
  const sealed = (files: readonly Written[]): Promise<Owned[]> => flushes.call('sealAll', { store: folder, files });
  const flush = async (): Promise<void> => {
    const files = [...waiting];
    if (files.length === 0) return;
    const owned = await writes.attempt(() => sealed(files));
    waiting.splice(0, files.length);
    for (const one of owned) writes.acknowledge(one);
  };
  return {
    receive: async (stream) => {
      const received = await receiveBytes(uploads, folder, stream);
      if ('owned' in received) return received.owned;
      const [owned] = await sealed([received.written]);
      if (!owned) throw new Error('a file was written and not named');
      return owned;
    },
    take: async (stream) => {
      // Starts the thread before it is needed.
      flushes.call('keep', null).catch(() => undefined);
      const received = await writes.attempt(() => receiveBytes(uploads, folder, stream));
      if ('owned' in received) return { ...writes.acknowledge(received.owned), isDurable: true };
      const { written } = received;
      waiting.push(written);
      return { digest: `sha256:${written.sha256}`, size: written.size, isDurable: false };
    },
    settle: () => (last = last.catch(() => undefined).then(flush)),
  };
}
