import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { statAt } from '../../runtime/file-reader.ts';
import { workerScript, workerThread, type WorkerThread } from '../../runtime/worker-thread.ts';
import { identityAt, isOwnFile, isProcessTableVisible, isSharedFileSystem, processIds, statOf } from './proc.ts';
import type { LivingProcess, ProjectPlaces } from './process-look.ts';
import type { ProcessOperations } from './process-worker.ts';

/** Everything that who wrote a file is told by: the processes, and the files as they stand. Of a trace of its replies the same decisions come. */
export interface ProcessTable {
  /** Every process that works in one of these projects. */
  look(projects: readonly ProjectPlaces[]): Promise<LivingProcess[]>;
  pids(): number[];
  /** When a process started, in clock ticks since boot; undefined where it has ended. */
  startOf(pid: number): string | undefined;
  /** Device and inode of a file, and its size; an empty identity where there is none. */
  fileAt(path: string): { identity: string; size: number };
  /** Why the writers of a file cannot be seen; undefined where they can. */
  hiddenReason(path: string): string | undefined;
  close(): Promise<void>;
}

/** How long a look may take. */
const lookLimitMs = 20_000;

/** The one thread that looks at processes, whoever asks: each thread takes more than 10 MB. */
export function processThread(): WorkerThread<ProcessOperations> {
  return workerThread<ProcessOperations>(workerScript(import.meta.url, './process-worker.ts'), lookLimitMs);
}

/** The processes of this machine. */
export function systemProcesses(thread = processThread()): ProcessTable {
  return {
    look: (projects) => thread.call('look', { projects: [...projects] }),
    pids: processIds,
    startOf: (pid) => statOf(pid)?.started,
    fileAt: (path) => ({ identity: identityAt(path), size: statAt(path)?.size ?? 0 }),
    hiddenReason,
    close: () => thread.close(),
  };
}

function hiddenReason(path: string): string | undefined {
  if (!isProcessTableVisible) return 'processes cannot be seen on this system';
  if (!isOwnFile(path)) return 'it belongs to another user, whose processes cannot be seen';
  return isOnSharedDisk(dirname(path)) ? 'it lies on a shared disk, where other machines may write' : undefined;
}

const diskTypes = new Map<string, boolean>();

function isOnSharedDisk(folder: string): boolean {
  const known = diskTypes.get(folder);
  if (known !== undefined) return known;
  if (diskTypes.size > 1000) diskTypes.clear();
  try {
    const isShared = isSharedFileSystem(statfsSync(folder).type);
    diskTypes.set(folder, isShared);
    return isShared;
  } catch {
    return false;
  }
}
