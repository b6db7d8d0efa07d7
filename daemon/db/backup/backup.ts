import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { diskFull, isDiskFull } from '../../errors.ts';
import { ensureFolder, syncFolder } from '../../runtime/write-file.ts';
import { backupFolder, readableBackups, type BackupFacts } from './backup-files.ts';
import { workerScript, workerThread } from '../../runtime/worker-thread.ts';
import type { Database } from '../connection.ts';
import type { BackupOperations } from './backup-worker.ts';

const maxKept = 7;

/** The backup in progress by data folder. Backups are made one after another. */
const making = new Map<string, Promise<unknown>>();

/** Copies the database while it is in use, verifies the copy's chain, and keeps the newest seven of each log. Throws `disk-full`. */
export async function backup(db: Database, dataFolder: string, now: number): Promise<{ path: string; bytes: number }> {
  const before = making.get(dataFolder) ?? Promise.resolve();
  const made = before.catch(() => undefined).then(() => makeBackup(db, dataFolder, now));
  making.set(dataFolder, made);
  try {
    return await made;
  } finally {
    if (making.get(dataFolder) === made) making.delete(dataFolder);
  }
}

async function makeBackup(db: Database, dataFolder: string, now: number): Promise<{ path: string; bytes: number }> {
  const folder = backupFolder(dataFolder);
  try {
    ensureFolder(folder);
    removeParts(folder);
    const path = freeName(folder, now);
    const temp = `${path}.part`;
    closeSync(openSync(temp, 'wx', 0o600));
    await db.raw.backup(temp);
    await checkCopy(temp);
    renameSync(temp, path);
    syncFolder(folder);
    rotate(db, dataFolder);
    return { path, bytes: statSync(path).size };
  } catch (error) {
    removeParts(folder);
    throw isDiskFull(error) ? diskFull() : error;
  }
}

/** Removes the files of an interrupted backup, SQLite's companions included. */
function removeParts(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (name.includes('.db.part')) rmSync(join(folder, name), { force: true });
}

/** Returns a path named after the time; a later millisecond if that exists. */
function freeName(folder: string, now: number): string {
  for (let at = now; ; at += 1) {
    const path = join(folder, `registry-${new Date(at).toISOString().replaceAll(/[:.]/g, '-')}.db`);
    if (!existsSync(path)) return path;
  }
}

/**
 * Deletes old backups: keeps the newest seven of the open log, and of each other log whose events it lacks, as those are their
 * last copy. Of these, the one with the most events is kept as well. Unreadable ones are left to the user.
 */
function rotate(db: Database, dataFolder: string): void {
  const ownPart = (one: BackupFacts): string => (isContained(db, one) ? 'own' : one.logId);
  for (const group of Map.groupBy(readableBackups(dataFolder), ownPart).values()) {
    const most = group.reduce((a, b) => (b.seq > a.seq ? b : a));
    for (const old of group.slice(maxKept)) if (old !== most) rmSync(old.path);
  }
}

/** Returns true if the log contains all events of a backup, whatever the id of the backup's log. */
export function isContained(db: Database, { seq, hash }: BackupFacts): boolean {
  const known = db.sql('SELECT lower(hex(hash)) AS hash FROM events WHERE seq = ?').get(seq);
  return known?.['hash'] === hash;
}

/** Throws if a copy is no valid registry with events. Reads all of it in a worker thread. */
async function checkCopy(file: string): Promise<void> {
  const thread = workerThread<BackupOperations>(workerScript(import.meta.url, './backup-worker.ts'));
  try {
    await thread.call('check', { file });
  } finally {
    await thread.close();
  }
}
