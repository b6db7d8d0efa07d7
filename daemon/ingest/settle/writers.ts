import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { statAt } from '../../runtime/file-reader.ts';

/** A process that has a file open for writing. */
export interface Writer {
  pid: number;
  /** When it started, in clock ticks since boot: tells a reused pid from the process itself. */
  started: string;
  path: string;
}

/** Whether open files of other processes can be seen here: Linux only. */
const writersVisible = process.platform === 'linux';

/** A look at every process takes some ms: looks this close together are one. */
const sameLookMs = 150;

let last: { at: number; writers: Writer[] } = { at: 0, writers: [] };

/** Every file below `below` that some other process has open for writing. Source: proc(5). Empty where that cannot be seen. Blocks: for a worker thread. */
export function openWriters(below: string): Writer[] {
  return allWriters().filter(({ path }) => isBelow(path, below));
}

/** Whether any of these files is open for writing; `unknown` where other users' processes, or any, cannot be seen. */
export function writerOf(paths: readonly string[]): 'open' | 'none' | 'unknown' {
  const writers = allWriters();
  if (writers.some(({ path }) => paths.includes(path))) return 'open';
  return writersVisible && paths.every(isOurs) ? 'none' : 'unknown';
}

/** Whoever writes another user's file is another user's process, which shows its files to none but its own and root. */
function isOurs(path: string): boolean {
  const user = process.getuid?.();
  return user === 0 || statAt(path)?.uid === user;
}

function allWriters(): Writer[] {
  if (!writersVisible) return [];
  const now = Date.now();
  if (now - last.at < sameLookMs) return last.writers;
  const pids = list('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  last = { at: Date.now(), writers: pids.flatMap(writersIn) };
  return last.writers;
}

function writersIn(pid: string): Writer[] {
  const found: Writer[] = [];
  for (const fd of list(`/proc/${pid}/fd`)) {
    const path = linkOf(`/proc/${pid}/fd/${fd}`);
    if (path === undefined || !path.startsWith('/') || path.startsWith('/dev/') || path.startsWith('/proc/')) continue;
    if (isWriting(`/proc/${pid}/fdinfo/${fd}`)) found.push({ pid: Number(pid), started: startOf(pid) ?? '', path });
  }
  return found;
}

function isBelow(path: string, below: string): boolean {
  return path === below || path.startsWith(`${below}/`);
}

function isWriting(info: string): boolean {
  const flags = /^flags:\s*([0-7]+)/m.exec(textOf(info) ?? '')?.[1];
  return flags !== undefined && (parseInt(flags, 8) & 3) !== 0;
}

/** Whether the process that was seen writing is still there. */
export function isAlive(writer: Pick<Writer, 'pid' | 'started'>): boolean {
  return startOf(String(writer.pid)) === writer.started;
}

/** Field 22 of /proc/PID/stat; the command in field 2 may hold spaces and parentheses. A process that has ended and waits for its parent has none. */
function startOf(pid: string): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : fields?.[19];
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
