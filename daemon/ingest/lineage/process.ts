import { basename, isAbsolute, join } from 'node:path';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { startTime, statOf } from '../executions/proc.ts';
import type { WritingProcess } from '../../protocol/lineage.ts';
import { dataEndings } from './data.ts';
import { redactedArguments } from './redact.ts';
import { startedPython, type StartedPython } from './started-python.ts';

/** A process as proc(5) shows it, with what of its surroundings leads to its packages. */
export interface SeenProcess extends WritingProcess {
  pid: number;
  python: StartedPython;
  /** Absolute paths of files that it has open. */
  open: string[];
  /** Those of them, and of the files mapped into its memory, that it can only read. */
  reads: string[];
}

const trainers = /^(python[\d.]*|pypy[\d.]*|ipython[\d.]*|julia|R|Rscript|java|node)$/;

/**
 * The process that wrote a file: one that has it, or something in its folder, open; else the only trainer at work in one
 * of the `places` that was there before the file was. Undefined where none is seen, and outside Linux.
 */
export function processBehind(path: string, places: readonly string[], writtenAt: number): SeenProcess | undefined {
  if (process.platform !== 'linux') return undefined;
  const all = pids()
    .map(lookAt)
    .filter((seen) => seen !== undefined);
  const folder = path.slice(0, path.lastIndexOf('/'));
  const writing =
    all.find(({ open }) => open.includes(path)) ??
    all.find(({ open }) => open.some((file) => file.startsWith(`${folder}/`)));
  if (writing) return { ...writing, seen: 'writing' };
  const nearby = all.filter((seen) => isTrainer(seen) && isIn(seen, places) && (seen.startedAt ?? 0) <= writtenAt);
  return nearby.length === 1 ? nearby[0] : undefined;
}

/** Of a process what may be kept. */
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

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

function lookAt(pid: number): SeenProcess | undefined {
  const command = text(`/proc/${pid}/cmdline`)?.split('\0').slice(0, -1);
  const interpreter = link(`/proc/${pid}/exe`);
  const folder = link(`/proc/${pid}/cwd`);
  if (!command || command.length === 0 || interpreter === undefined || folder === undefined) return undefined;
  return {
    pid,
    command: redactedArguments(command.slice(0, 100)).map((argument) => argument.slice(0, 1000)),
    interpreter,
    folder,
    startedAt: startedAt(pid),
    script: scriptOf(command, folder),
    seen: 'nearby',
    python: startedPython(pid, { command, interpreter, folder }),
    ...openFiles(pid),
  };
}

/** The first argument that names a script or notebook. */
export function scriptOf(command: readonly string[], folder: string): string | null {
  const script = command
    .slice(1)
    .find((argument) => /\.(py|ipynb|jl|R|r|mjs|cjs|js|ts)$/.test(argument) && !argument.startsWith('-'));
  if (script === undefined) return null;
  return isAbsolute(script) ? script : join(folder, script);
}

function openFiles(pid: number): Pick<SeenProcess, 'open' | 'reads'> {
  try {
    const files = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const path = link(`/proc/${pid}/fd/${fd}`);
      return path?.startsWith('/') === true && !/^\/(dev|proc|sys)\//.test(path) ? [{ fd, path }] : [];
    });
    const reads = files.filter(({ fd, path }) => dataEndings.test(path) && isReading(pid, fd)).map(({ path }) => path);
    return { open: files.map(({ path }) => path), reads: [...reads, ...mappedFiles(pid)] };
  } catch {
    return { open: [], reads: [] };
  }
}

/** The lowest two bits of an open file's flags are 0 where it was opened for reading only. Source: proc(5). */
function isReading(pid: number, fd: string): boolean {
  const flags = /^flags:\s*([0-7]+)/m.exec(text(`/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1];
  return flags !== undefined && (parseInt(flags, 8) & 3) === 0;
}

/** Data that is mapped without write access, as numpy's memmap and Arrow do, has no open file any more. */
function mappedFiles(pid: number): string[] {
  const lines = text(`/proc/${pid}/maps`)?.split('\n') ?? [];
  const paths = lines.flatMap((line) => /^\S+ r-\S+ \S+ \S+ [1-9]\d*\s+(\/.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(paths)].filter((path) => dataEndings.test(path));
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function startedAt(pid: number): number | null {
  const stat = statOf(pid);
  return stat ? startTime(stat.started) : null;
}
