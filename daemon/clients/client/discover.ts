import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonFile } from '../../protocol/handshake.ts';
import { standingOf } from './prove.ts';

/** Reads what the daemon of a data folder announced; undefined where none did. The daemon may be gone all the same. */
export function readDaemonFile(dataFolder: string): DaemonFile | undefined {
  try {
    const file = JSON.parse(readFileSync(join(dataFolder, 'daemon.json'), 'utf8')) as DaemonFile;
    return Number.isInteger(file.port) && typeof file.token === 'string' ? file : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The daemon of a data folder, where one announced itself and proves that it is the one. A file that an ended daemon left
 * is removed.
 */
export async function findDaemon(dataFolder: string): Promise<DaemonFile | undefined> {
  const file = readDaemonFile(dataFolder);
  if (!file) return undefined;
  const standing = await standingOf(file);
  if (standing === 'proven') return file;
  if (!isRunning(file.pid)) removeStale(dataFolder, file);
  return undefined;
}

/** True where a process of this user has the number; it may be another program's by now. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Unless a daemon has announced itself anew meanwhile. */
function removeStale(dataFolder: string, file: DaemonFile): void {
  const now = readDaemonFile(dataFolder);
  if (now?.pid !== file.pid || now.startedAt !== file.startedAt) return;
  try {
    rmSync(join(dataFolder, 'daemon.json'), { force: true });
  } catch {
    // a folder that cannot be written keeps it; nobody believes it all the same
  }
}
