import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** A process that has a file open for writing. */
export interface Writer {
  pid: number;
  /** When it started, in clock ticks since boot: tells a reused pid from the process itself. */
  started: string;
  path: string;
}

/** Whether open files of other processes can be seen here: Linux only. */
export const writersVisible = process.platform === 'linux';

/** Every file below `below` that some process of ours has open for writing. Source: proc(5). Empty where that cannot be seen. */
export function openWriters(below: string): Writer[] {
  if (!writersVisible) return [];
  return list('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => writersIn(pid, below));
}

function writersIn(pid: string, below: string): Writer[] {
  const found: Writer[] = [];
  for (const fd of list(`/proc/${pid}/fd`)) {
    const path = linkOf(`/proc/${pid}/fd/${fd}`);
    if (path === undefined || !isBelow(path, below)) continue;
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

/** Field 22 of /proc/PID/stat; the command in field 2 may hold spaces and parentheses. */
function startOf(pid: string): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
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
