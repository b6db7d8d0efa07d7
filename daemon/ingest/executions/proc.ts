import { readFileSync, readdirSync, readlinkSync, statSync, statfsSync } from 'node:fs';
import { statAt } from '../../runtime/file-reader.ts';

/** Reads proc(5), where the system has it. Nothing throws: a process may end between two reads. Source of every format: proc(5). */

/** An open file of a process. */
export interface OpenFile {
  /**
   * Path as the kernel reports it: inside a container it may differ from ours, and for a replaced file it ends with ` (deleted)`.
   * Compare with `isFileAt`.
   */
  path: string;
  /** Device and inode, which are the same under every path of the file. Empty if they cannot be read. */
  identity: string;
  isWritten: boolean;
}

/** Fields of `/proc/PID/stat`. */
export interface ProcessStat {
  parent: number;
  /** Start time in clock ticks since boot. With the pid it identifies the process. */
  started: string;
  /** CPU time so far, in clock ticks. */
  cpu: number;
}

/** False on systems that do not show processes. */
export const isProcessTableVisible = process.platform === 'linux';

export function processIds(): number[] {
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Returns undefined for a process that has ended, zombies included. */
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

/** Converts clock ticks (10 ms) since boot to epoch ms, exact to some 20 ms; null if the uptime cannot be read. */
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

/** Returns the identities of a process's working folder and of the folders above it, nearest first. */
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

/** Returns the environment that a process was started with, as `NAME=value`. */
export function environmentOf(pid: number): string[] {
  return textAt(`/proc/${pid}/environ`)?.split('\0') ?? [];
}

/** Returns the lines of a process's memory map: permissions, inode and path of each mapped file. */
export function memoryMapOf(pid: number): string[] {
  return textAt(`/proc/${pid}/maps`)?.split('\n') ?? [];
}

/** Returns the pid namespace of a process; empty if it cannot be read. */
export function namespaceOf(pid: number): string {
  return linkAt(`/proc/${pid}/ns/pid`) ?? '';
}

/**
 * Returns the bytes that a process has written so far, to files or anything else; null if that cannot be read. Writes to mapped
 * files are not counted.
 */
export function writtenBytes(pid: number): number | null {
  const found = /^wchar:\s*(\d+)/m.exec(textAt(`/proc/${pid}/io`) ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

/** Devices and the kernel's own files. `/dev/shm` holds ordinary files in memory. */
const notOnDisk = /^\/(dev\/(?!shm\/)|proc\/|sys\/)/;

/** Returns the regular files that a process has open. Deleted ones are left out, as another file may be at their path. */
export function openFilesOf(pid: number): OpenFile[] {
  return list(`/proc/${pid}/fd`).flatMap((fd) => {
    const path = linkAt(`/proc/${pid}/fd/${fd}`);
    if (path?.startsWith('/') !== true || notOnDisk.test(path)) return [];
    const identity = openFileIdentity(pid, fd, path);
    const isWritten = identity === undefined ? undefined : isOpenForWriting(pid, fd);
    return identity === undefined || isWritten === undefined ? [] : [{ path, identity, isWritten }];
  });
}

/** Returns a predicate: true for an open file that is at the path now, by device and inode, or by path if these cannot be read. */
export function isFileAt(path: string): (file: OpenFile) => boolean {
  const identity = identityAt(path);
  return (file) => (file.identity === '' ? file.path === path : file.identity === identity);
}

/** Returns undefined for what is no regular file or was deleted; empty if it cannot be read. */
function openFileIdentity(pid: number, fd: string, path: string): string | undefined {
  try {
    const stat = statSync(`/proc/${pid}/fd/${fd}`, { bigint: true });
    // The kernel's ` (deleted)` alone proves nothing, as a file may have that name; neither does the number of links, which is
    // always 0 on some file systems.
    const isDeleted = stat.nlink === 0n && path.endsWith(' (deleted)');
    return stat.isFile() && !isDeleted ? `${stat.dev}:${stat.ino}` : undefined;
  } catch {
    return '';
  }
}

/** Returns device and inode of a path's target; empty if it cannot be read. */
export function identityAt(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return '';
  }
}

/** Magic numbers of file systems to which other machines may write. Source: statfs(2). */
const sharedFileSystems = new Set([0x6969, 0xff534d42, 0xfe534d42, 0x517b, 0x65735546, 0x01021997, 0x0bd00bd0]);

/** True for the type of a file system to which other machines may write. */
export function isSharedFileSystem(type: number): boolean {
  return sharedFileSystems.has(type);
}

const diskTypes = new Map<string, boolean>();

/** Returns true for a folder on a file system to which other machines may write. */
export function isOnSharedDisk(folder: string): boolean {
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

/** True for files of this user. Only root sees the open files of other users' processes. */
export function isOwnFile(path: string): boolean {
  const user = process.getuid?.();
  return user === 0 || statAt(path)?.uid === user;
}

/** Returns true if a file is open for writing: the lowest two bits of its flags are not 0. Undefined if it was closed meanwhile. */
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
