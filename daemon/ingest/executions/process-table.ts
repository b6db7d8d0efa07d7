import { dirname } from 'node:path';
import { statAt } from '../../runtime/file-reader.ts';
import { workerScript, workerThread, type WorkerThread } from '../../runtime/worker-thread.ts';
import { identityAt, isOnSharedDisk, isOwnFile, isProcessTableVisible, processIds, statOf } from './proc.ts';
import type { LivingProcess, ProjectPlaces } from './process-look.ts';
import type { ProcessOperations } from './process-worker.ts';

/** Everything that decides who wrote a file: processes, and files on disk. Replaying recorded replies gives the same decisions. */
export interface ProcessTable {
  /** Returns every process that works in one of these projects. */
  look(projects: readonly ProjectPlaces[]): Promise<LivingProcess[]>;
  pids(): number[];
  /** Returns the start time of a process in clock ticks since boot; undefined if it has ended. */
  startOf(pid: number): string | undefined;
  /** Returns size and identity (device and inode) of a file; an empty identity for no file. */
  fileAt(path: string): { identity: string; size: number };
  /** Returns why the writers of a file cannot be seen; undefined if they can. */
  hiddenReason(path: string): string | undefined;
  close(): Promise<void>;
}

/** Longest duration of a look. */
const lookLimitMs = 20_000;

/** Starts the thread that looks at processes for all callers. A thread takes more than 10 MB. */
export function processThread(): WorkerThread<ProcessOperations> {
  return workerThread<ProcessOperations>(workerScript(import.meta.url, './process-worker.ts'), lookLimitMs);
}

/** Returns the process table of this machine. */
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
  return isOnSharedDisk(dirname(path)) ? 'it is on a shared disk, where other machines may write' : undefined;
}
