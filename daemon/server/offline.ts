import { copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AlreadyRunning } from './open-registry.ts';
import { assertSound } from '../db/backup/sound-copy.ts';
import { backupFolder, backups, bestBackup } from '../db/backup/backup-files.ts';
import { databaseName, openDatabase, renewLogId } from '../db/database.ts';
import { lockFolder, type Lock } from '../db/lock.ts';
import { head } from '../db/log.ts';
import { isMissing } from '../db/backup/presence.ts';
import { foldWal, openCopy } from '../db/backup/open-for-reading.ts';
import { derivedDigest, rebuild } from '../db/rebuild.ts';
import { noteTakeover } from '../db/backup/take-over.ts';
import { RegistryError, diskFull, isDiskFull, messageOf } from '../errors.ts';
import { prepareFolder } from './instance-file.ts';
import { startRefusal } from '../runtime/start-refusal.ts';
import { syncFile, syncFolder } from '../runtime/write-file.ts';

/** Work on a registry whose service is stopped. Each function throws `AlreadyRunning` otherwise. */

/** Rebuilds the tables from the log. `identical`: the tables were correct before. */
export function rebuildRegistry(dataFolder: string): { events: number; identical: boolean } {
  return locked(dataFolder, () => {
    const db = openDatabase(dataFolder);
    try {
      const before = derivedDigest(db);
      const { events, refiled } = rebuild(db);
      return { events, identical: derivedDigest(db) === before && refiled === 0 };
    } finally {
      db.close();
    }
  });
}

/** The restored file, and the path to which the previous registry was renamed; null for none. */
export interface Restored {
  restored: string;
  kept: string | null;
  events: number;
}

/**
 * Replaces the registry by a verified copy of a backup (default: the newest good one) and keeps the old one beside it. The log
 * gets a new id, so that no client resumes after events that are lost. Throws `not-found` or `damaged`.
 */
export function restoreBackup(dataFolder: string, file?: string): Restored {
  return locked(dataFolder, () => {
    const source = file ?? chosenBackup(dataFolder);
    if (!existsSync(source)) throw new RegistryError('not-found', `${source} does not exist. Check the path.`);
    const databasePath = join(dataFolder, databaseName);
    if (resolve(source) === databasePath)
      throw new RegistryError('invalid-request', `${source} is the registry itself. Give a backup.`);
    const copy = verifiedCopy(source, `${databasePath}.restoring`);
    const events = renamedLog(copy);
    const kept = keepOld(databasePath);
    renameSync(copy, databasePath);
    syncFolder(dataFolder);
    return { restored: source, kept, events };
  });
}

function chosenBackup(dataFolder: string): string {
  const best = bestBackup(dataFolder);
  if (best) return best.path;
  if (backups(dataFolder).length === 0)
    throw new RegistryError('not-found', `There is no backup in ${dataFolder}. Give the path of one.`);
  throw new RegistryError(
    'damaged',
    `All backups in ${backupFolder(dataFolder)} are damaged. Give the path of another.`,
  );
}

function locked<T>(dataFolder: string, work: () => T): T {
  let lock: Lock | undefined;
  try {
    prepareFolder(dataFolder);
    lock = lockFolder(dataFolder);
    if (!lock) throw new AlreadyRunning(dataFolder);
    return work();
  } catch (error) {
    throw startRefusal(error, dataFolder);
  } finally {
    lock?.release();
  }
}

function verifiedCopy(source: string, copy: string): string {
  for (const end of companions) rmSync(copy + end, { force: true });
  try {
    copyFileSync(source, copy);
    assertSound(copy);
    return copy;
  } catch (error) {
    rmSync(copy, { force: true });
    if (isDiskFull(error)) throw diskFull();
    throw new RegistryError('damaged', `${source} was not restored: ${messageOf(error)}`, { file: source });
  }
}

const companions = ['', '-wal', '-shm'];

/**
 * Gives the database a second name, so that a copy can replace it in one step: a process that is killed leaves the old or the new
 * one. Null without a database.
 */
function keepOld(databasePath: string): string | null {
  if (!existsSync(databasePath)) return null;
  if (!isMissing(databasePath)) foldIn(databasePath);
  const kept = `${databasePath}.before-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const end of companions) if (existsSync(databasePath + end)) linkOrCopy(databasePath + end, kept + end);
  for (const end of ['-wal', '-shm']) rmSync(databasePath + end, { force: true });
  return kept;
}

/** Writes the WAL into the file itself, if the database can be read. */
function foldIn(databasePath: string): void {
  try {
    foldWal(databasePath);
  } catch {
    // A damaged registry is kept as it is, with its companion files.
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Gives the log of a copy a new id before the copy becomes a registry. Returns the number of its events. */
function renamedLog(copy: string): number {
  const db = openCopy(copy);
  try {
    renewLogId(db);
    noteTakeover(db, Date.now());
    return head(db).seq;
  } finally {
    db.close();
    syncFile(copy);
  }
}
