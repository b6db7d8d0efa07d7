import { basename, isAbsolute, join } from 'node:path';
import {
  commandOf,
  folderOf,
  isFileAt,
  isProcessTableVisible,
  memoryMapOf,
  openFilesOf,
  processIds,
  programOf,
  startTime,
  statOf,
  type OpenFile,
} from './proc.ts';
import type { WritingProcess } from '../../protocol/lineage.ts';
import { dataEndings } from './data-endings.ts';
import { redactedArguments } from '../../secrets/redact.ts';
import { startedPython, type StartedPython } from './started-python.ts';

/** A process with the data that leads to its Python packages. Source: proc(5). */
export interface SeenProcess extends WritingProcess {
  pid: number;
  python: StartedPython;
  /** Absolute paths of files that it has open. */
  open: string[];
  /** Files of those, and of files mapped into its memory, that it can only read. */
  reads: string[];
}

const trainers = /^(python[\d.]*|pypy[\d.]*|ipython[\d.]*|julia|R|Rscript|java|node)$/;

/** A process with its open files. */
export interface OpenProcess {
  seen: SeenProcess;
  files: readonly OpenFile[];
}

/** Looks at every process; empty outside Linux. Blocks for tens of ms. */
export function seenProcesses(): OpenProcess[] {
  if (!isProcessTableVisible) return [];
  return processIds()
    .filter((pid) => pid !== process.pid)
    .map(describe)
    .filter((one) => one !== undefined);
}

/**
 * Returns the process that wrote a file: one that has it, or another file of its folder, open; else the only trainer in one of
 * the `places` that is older than the file. `processes`: from a look that began after the file was last written. Undefined if
 * none is seen.
 */
export function processBehind(
  path: string,
  places: readonly string[],
  writtenAt: number,
  processes: readonly OpenProcess[] = seenProcesses(),
): SeenProcess | undefined {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const isIt = isFileAt(path);
  const writing =
    processes.find(({ files }) => files.some(isIt)) ??
    processes.find(({ files }) => files.some((file) => file.path.startsWith(`${folder}/`)));
  if (writing) return { ...writing.seen, seen: 'writing' };
  const nearby = processes
    .map(({ seen }) => seen)
    .filter((seen) => isTrainer(seen) && isIn(seen, places) && (seen.startedAt ?? 0) <= writtenAt);
  return nearby.length === 1 ? nearby[0] : undefined;
}

/** Keeps the parts of a process that may be recorded. */
export function withoutPrivate({ command, interpreter, folder, startedAt, script, seen }: SeenProcess): WritingProcess {
  return { command, interpreter, folder, startedAt, script, seen };
}

function isTrainer({ interpreter, command }: SeenProcess): boolean {
  return trainers.test(basename(interpreter)) || trainers.test(basename(command[0] ?? ''));
}

function isIn({ folder, script }: SeenProcess, places: readonly string[]): boolean {
  const isBelow = (path: string): boolean => places.some((place) => path === place || path.startsWith(`${place}/`));
  return isBelow(folder) || (script !== null && isBelow(script));
}

function describe(pid: number): OpenProcess | undefined {
  const command = commandOf(pid);
  const interpreter = programOf(pid);
  const folder = folderOf(pid);
  const stat = statOf(pid);
  if (command.length === 0 || interpreter === undefined || folder === undefined || !stat) return undefined;
  const files = openFilesOf(pid);
  const read = files.filter(({ path, isWritten }) => !isWritten && dataEndings.test(path)).map(({ path }) => path);
  const seen: SeenProcess = {
    pid,
    command: redactedArguments(command.slice(0, 100)).map((argument) => argument.slice(0, 1000)),
    interpreter,
    folder,
    startedAt: startTime(stat.started),
    script: scriptOf(command, folder),
    seen: 'nearby',
    python: startedPython(pid, { command, interpreter, folder }),
    open: files.map(({ path }) => path),
    reads: [...read, ...mappedFiles(pid)],
  };
  return { seen, files };
}

/** Returns the first argument that is a script or notebook; null for none. */
export function scriptOf(command: readonly string[], folder: string): string | null {
  const script = command
    .slice(1)
    .find((argument) => /\.(py|ipynb|jl|R|r|mjs|cjs|js|ts)$/.test(argument) && !argument.startsWith('-'));
  if (script === undefined) return null;
  return isAbsolute(script) ? script : join(folder, script);
}

/** Returns the data files that are mapped without write access, as numpy's memmap and Arrow do. Their file descriptors are closed. */
function mappedFiles(pid: number): string[] {
  const paths = memoryMapOf(pid).flatMap((line) => /^\S+ r-\S+ \S+ \S+ [1-9]\d*\s+(\/.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(paths)].filter((path) => dataEndings.test(path));
}
