import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { statAt } from '../../runtime/file-reader.ts';

/** Reads proc(5), where the system has it. Nothing throws: a process may end between two reads. Source of every format: proc(5). */

/** An open file of a process. */
export interface OpenFile {
  /** As the kernel names it: in a container it may be another path than ours, and a file that was replaced ends with ` (deleted)`. Compare with `isFileAt`. */
  path: string;
  /** Device and inode, which are the same under whatever path the file is mounted. Empty where they cannot be read. */
  identity: string;
  isWritten: boolean;
}

/** The fields of `/proc/PID/stat` that are used. */
export interface ProcessStat {
  parent: number;
  /** Clock ticks since boot; with the pid it tells a process from a later one that has its pid. */
  started: string;
  /** Clock ticks of CPU time that it used so far. */
  cpu: number;
}

/** False on systems that do not show processes. */
export const isProcessTableVisible = process.platform === 'linux';

export function processIds(): number[] {
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Undefined for a process that has ended, one that only waits for its parent included. */
export function statOf(pid: number): ProcessStat | undefined {
  const text = textAt(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return {
    parent: Number(fields[1]),
    started: fields[19] ?? '',
    cpu: Number(fields[11]) + Number(fields[12]),
  };
}

/** Clock ticks, of 10 ms, since boot as epoch ms, exact to some 20 ms; null where the time since boot is not known. */
export function startTime(started: string): number | null {
  const uptime = Number((textAt('/proc/uptime') ?? '').split(' ')[0]);
  const time = Date.now() - uptime * 1000 + Number(started) * 10;
  return Number.isFinite(time) ? Math.round(time) : null;
}

export function commandOf(pid: number): string[] {
  return textAt(`/proc/${pid}/cmdline`)?.split('\0').slice(0, -1) ?? [];
}

export function programOf(pid: number): string | undefined {
  return linkAt(`/proc/${pid}/exe`);
}

export function folderOf(pid: number): string | undefined {
  return linkAt(`/proc/${pid}/cwd`);
}

/** Identities of the folder that a process works in and of those above it, the nearest first. */
export function folderIdentities(pid: number): string[] {
  const found: string[] = [];
  let path = `/proc/${pid}/cwd/.`;
  for (let level = 0; level < maxLevels; level += 1) {
    const identity = identityAt(path);
    if (identity === '' || identity === found.at(-1)) break;
    found.push(identity);
    path += '/..';
  }
  return found;
}

const maxLevels = 8;

/** The variables that a process was started with, as `NAME=value`. */
export function environmentOf(pid: number): string[] {
  return textAt(`/proc/${pid}/environ`)?.split('\0') ?? [];
}

/** The lines of its memory map: permissions, inode and path of each file that is mapped. */
export function memoryMapOf(pid: number): string[] {
  return textAt(`/proc/${pid}/maps`)?.split('\n') ?? [];
}

/** Names its pid namespace; empty where it cannot be read. */
export function namespaceOf(pid: number): string {
  return linkAt(`/proc/${pid}/ns/pid`) ?? '';
}

/** Bytes that a process has written so far, to whatever; null where that cannot be read. Mapped files are not among them. */
export function writtenBytes(pid: number): number | null {
  const found = /^wchar:\s*(\d+)/m.exec(textAt(`/proc/${pid}/io`) ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

/** Regular files that a process has open. One that was deleted is left out: another file may be at its path by now. */
export function openFilesOf(pid: number): OpenFile[] {
  return list(`/proc/${pid}/fd`).flatMap((fd) => {
    const path = linkAt(`/proc/${pid}/fd/${fd}`);
    if (path?.startsWith('/') !== true || /^\/(dev|proc|sys)\//.test(path)) return [];
    const identity = openFileIdentity(pid, fd, path);
    const isWritten = identity === undefined ? undefined : isOpenForWriting(pid, fd);
    return identity === undefined || isWritten === undefined ? [] : [{ path, identity, isWritten }];
  });
}

/** Answers whether an open file is the one that is at a path now: by device and inode, by its path only where these cannot be read. */
export function isFileAt(path: string): (file: OpenFile) => boolean {
  const identity = identityAt(path);
  return (file) => (file.identity === '' ? file.path === path : file.identity === identity);
}

/** Undefined where it is no regular file or in no folder any more; empty where that cannot be read. */
function openFileIdentity(pid: number, fd: string, path: string): string | undefined {
  try {
    const stat = statSync(`/proc/${pid}/fd/${fd}`, { bigint: true });
    // The kernel's mark alone does not count: a file may be called so. Nor does the number of links: some file systems always say 0.
    const isDeleted = stat.nlink === 0n && path.endsWith(' (deleted)');
    return stat.isFile() && !isDeleted ? `${stat.dev}:${stat.ino}` : undefined;
  } catch {
    return '';
  }
}

/** Device and inode of what is at a path, behind links; empty where nothing can be known. */
export function identityAt(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return '';
  }
}

/** Magic numbers of file systems whose files may be written by another machine. Source: statfs(2). */
const sharedFileSystems = new Set([0x6969, 0xff534d42, 0xfe534d42, 0x517b, 0x65735546, 0x01021997, 0x0bd00bd0]);

/** True for file systems in which processes of another machine may write. */
export function isSharedFileSystem(type: number): boolean {
  return sharedFileSystems.has(type);
}

/** True for files of this user: the files of another user's processes are shown to root alone. */
export function isOwnFile(path: string): boolean {
  const user = process.getuid?.();
  return user === 0 || statAt(path)?.uid === user;
}

/** The lowest two bits of an open file's flags are 0 where it was opened for reading only. Undefined where it was closed meanwhile. */
function isOpenForWriting(pid: number, fd: string): boolean | undefined {
  const flags = /^flags:\s*([0-7]+)/m.exec(textAt(`/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1];
  return flags === undefined ? undefined : (parseInt(flags, 8) & 3) !== 0;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
