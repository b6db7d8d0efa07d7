import { workerThread } from '../worker-thread.ts';
import type { InspectReply, InspectRequest, Inspected } from './inspect-worker.ts';
import type { FileNotes } from './notes-cache.ts';
import type { Unit } from './unit.ts';

/** Parsing off the event loop: recognisers and notes readers run in one worker thread. */
export interface Inspector {
  inspect(unit: Unit): Promise<Inspected>;
  notes(root: string, paths: string[]): Promise<FileNotes[]>;
  close(): Promise<void>;
}

export function inspector(): Inspector {
  const name = import.meta.url.endsWith('.ts') ? './inspect-worker.ts' : './inspect-worker.js';
  const thread = workerThread<InspectRequest, InspectReply>(new URL(name, import.meta.url));
  return {
    inspect: async ({ recogniser, folder, root, claim }) => {
      const reply = await thread.call({ op: 'inspect', recogniser, folder, root, claim }).catch(asIgnored);
      return 'inspected' in reply ? reply.inspected : never();
    },
    notes: async (root, paths) => {
      if (paths.length === 0) return [];
      const reply = await thread.call({ op: 'notes', root, paths });
      return 'notes' in reply ? reply.notes : never();
    },
    close: () => thread.close(),
  };
}

/** A recogniser that throws, or takes the thread down, has met a file that it cannot read: the file is told so, nothing stops. */
function asIgnored(error: unknown): InspectReply {
  const reason = `it could not be read: ${error instanceof Error ? error.message : String(error)}`;
  return { inspected: { state: 'unreadable', reason } };
}

function never(): never {
  throw new Error('the inspector gave an answer of another kind');
}
