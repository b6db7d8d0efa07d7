import { messageOf, systemCode } from '../../errors.ts';
import type { TokenizerReply } from '../../protocol/artifact.ts';
import { groupedCalls } from '../../runtime/grouped-calls.ts';
import { workerScript, workerThread } from '../../runtime/worker-thread.ts';
import type { InspectOperations, InspectRequest, Inspected } from './inspect-worker.ts';
import type { RunLog } from '../run-logs/cache.ts';
import type { FileGroup } from '../artifact/recogniser.ts';
import type { ArtifactFiles } from '../artifact/types.ts';
import type { Writer } from '../executions/writers.ts';

/** Inspects files off the event loop: recognisers and readers of run logs run in one worker thread. */
export interface Inspector {
  inspect(artifact: ArtifactFiles): Promise<Inspected>;
  /** Inspects files in the blob store. `paths`: the path of each relative to `root`. */
  stored(recogniser: string, root: string, group: FileGroup, paths: Record<string, string>): Promise<Inspected>;
  /** Returns the recogniser that the first bytes of each file call for, '' for none. */
  firstBytes(root: string, folder: string, names: readonly string[]): Promise<Record<string, string>>;
  /** Reads tokenizer and chat template of an artifact. */
  tokenizer(artifact: ArtifactFiles): Promise<TokenizerReply>;
  /** Reads run logs; readers get their paths relative to `base`. With `ends`, only the last two points of each series. */
  readRunLogs(root: string, base: string, paths: string[], ends?: boolean): Promise<RunLog[]>;
  /** Returns the processes that have files below a folder open for writing, as far as they can be seen. */
  writers(below: string): Promise<Writer[]>;
  close(): Promise<void>;
}

/** Time without progress after which reading a file is given up. */
const limitMs = 120_000;
/** Artifacts that one message asks for. */
const maxGroup = 64;

/** Starts the inspector. Without `seesProcesses` it does not look for writers. */
export function inspector(seesProcesses = true): Inspector {
  const script = workerScript(import.meta.url, './inspect-worker.ts');
  const thread = workerThread<InspectOperations>(script, limitMs);
  const takeTurn = turns();
  let isClosed = false;
  const inspectInGroup = groupedCalls<InspectRequest, Inspected>(async (some) => {
    if (isClosed) throw new Error('the service is stopping');
    return thread.call('inspect', some);
  }, maxGroup);
  return {
    inspect: ({ recogniser, folder, root, group }) =>
      inspectInGroup({ recogniser, folder, root, group, seesProcesses }).catch(asUnreadable),
    stored: (recogniser, root, group, paths) =>
      thread.call('stored', { recogniser, root, group, paths }).catch(asUnreadable),
    firstBytes: (root, folder, names) => thread.call('firstBytes', { root, folder, names }).catch(() => ({})),
    tokenizer: ({ folder, root, group }) =>
      thread.call('tokenizer', { folder, root, primary: group.primary }).catch((error: unknown) => ({
        tokenizer: null,
        chatTemplate: null,
        missing: [`The tokenizer could not be read: ${messageOf(error)}`],
      })),
    readRunLogs: async (root, base, paths, ends = false) => {
      const found: RunLog[] = [];
      for (const path of paths) {
        const log = await readToEnd(() => thread.call('readRunLog', { root, base, path, ends }), takeTurn);
        if (log) found.push(log);
      }
      return found;
    },
    writers: async (below) => (seesProcesses ? thread.call('writers', { below }) : []),
    close: () => {
      isClosed = true;
      return thread.close();
    },
  };
}

type Read = () => Promise<InspectOperations['readRunLog'][1]>;

/** Continues long readings in turns, so that other work waits for one part of them at most. */
function turns(): (read: Read) => ReturnType<Read> {
  let last: Promise<unknown> = Promise.resolve();
  return (read) => {
    const mine = last.then(read, read);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** Reads a log to its end; undefined if that fails. */
async function readToEnd(read: Read, takeTurn: ReturnType<typeof turns>): Promise<RunLog | undefined> {
  try {
    let log = await read();
    while (log === 'unfinished') log = await takeTurn(read);
    return log;
  } catch (error) {
    if (systemCode(error) !== 'TIMEOUT') throw error;
    return undefined;
  }
}

/** Reports the file as unreadable when its recogniser throws or ends the thread, so that nothing else stops. */
function asUnreadable(error: unknown): Inspected {
  const reason = `it could not be read: ${error instanceof Error ? error.message : String(error)}`;
  return { state: 'unreadable', reason, writer: 'unknown' };
}
