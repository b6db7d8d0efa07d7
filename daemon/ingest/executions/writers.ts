import { isFileAt, isOwnFile, isProcessTableVisible, openFilesOf, processIds, statOf, type OpenFile } from './proc.ts';

/** A process that has a file open for writing. */
export interface Writer {
  pid: number;
  /** Start time in clock ticks since boot. With the pid it identifies the process. */
  started: string;
  path: string;
}

/** Readings of the process table this close together are shared, as each takes some ms. */
const rereadAfterMs = 150;

type WrittenFile = OpenFile & Writer;

let last: { at: number; files: WrittenFile[] } = { at: 0, files: [] };

/**
 * Returns every file below `below` that another process has open for writing; empty where that cannot be seen. Blocks: for a
 * worker thread.
 */
export function openWriters(below: string): Writer[] {
  return writtenFiles()
    .filter(({ path }) => path === below || path.startsWith(`${below}/`))
    .map(({ pid, started, path }) => ({ pid, started, path }));
}

/** Returns `open` if any of the files is open for writing, `unknown` where the processes of some users, or all, cannot be seen. */
export function writerOf(paths: readonly string[]): 'open' | 'none' | 'unknown' {
  const written = writtenFiles();
  if (paths.map(isFileAt).some((isIt) => written.some(isIt))) return 'open';
  return isProcessTableVisible && paths.every(isOwnFile) ? 'none' : 'unknown';
}

/** Returns true if the process that was seen writing still runs. */
export function isAlive({ pid, started }: Pick<Writer, 'pid' | 'started'>): boolean {
  return statOf(pid)?.started === started;
}

function writtenFiles(): WrittenFile[] {
  if (!isProcessTableVisible) return [];
  if (Date.now() - last.at < rereadAfterMs) return last.files;
  const pids = processIds().filter((pid) => pid !== process.pid);
  last = { at: Date.now(), files: pids.flatMap(writtenBy) };
  return last.files;
}

function writtenBy(pid: number): WrittenFile[] {
  const files = openFilesOf(pid).filter(({ isWritten }) => isWritten);
  const started = files.length === 0 ? undefined : statOf(pid)?.started;
  return started === undefined ? [] : files.map((file) => ({ ...file, pid, started }));
}
