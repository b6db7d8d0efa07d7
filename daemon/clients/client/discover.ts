import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonFile } from '../../protocol/handshake.ts';
import { standingOf } from './prove.ts';

/** Reads the daemon.json of a data folder; undefined without one. The service may have ended since. */
export function readDaemonFile(dataFolder: string): DaemonFile | undefined {
  try {
    const file = JSON.parse(readFileSync(join(dataFolder, 'daemon.json'), 'utf8')) as DaemonFile;
    return Number.isInteger(file.port) && typeof file.token === 'string' ? file : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the running service of a data folder after it has proved its identity; undefined for none. Removes the file of a
 * service that has ended.
 */
export async function findDaemon(dataFolder: string): Promise<DaemonFile | undefined> {
  const file = readDaemonFile(dataFolder);
  if (!file) return undefined;
  const standing = await standingOf(file);
  if (standing === 'proven') return file;
  if (!isRunning(file.pid)) removeStale(dataFolder, file);
  return undefined;
}

/** Returns true if a process of this user has the pid, which may be another program by now. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Removes a daemon.json, unless a service has replaced it meanwhile. */
function removeStale(dataFolder: string, file: DaemonFile): void {
  const now = readDaemonFile(dataFolder);
  if (now?.pid !== file.pid || now.startedAt !== file.startedAt) return;
  try {
    rmSync(join(dataFolder, 'daemon.json'), { force: true });
  } catch {
    // In a read-only folder the file stays; without a proof nobody trusts it.
  }
}
