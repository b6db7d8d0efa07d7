import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AlreadyRunning } from './core.ts';
import { assertSound, backups } from './db/backup.ts';
import { databaseName, openDatabase, renewLogId } from './db/database.ts';
import { lockFolder } from './db/lock.ts';
import { head } from './db/log.ts';
import { derivedDigest, rebuild } from './db/rebuild.ts';
import { RegistryError, messageOf } from './errors.ts';
import { prepareFolder } from './instance.ts';

/** Work on a registry whose daemon is stopped. Each throws `AlreadyRunning` where it is not. */

/** Makes the tables anew from the log. `identical` says whether they were as the log says. */
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

/** What `restoreBackup` did: which file it put back, and where the registry that was there is now. */
export interface Restored {
  restored: string;
  kept: string | null;
  events: number;
}

/**
 * Puts a verified copy of a backup (the newest where none is named) in the registry's place and keeps the old one beside
 * it. The log gets a new id, so that no client goes on where the lost events were. Throws `not-found` or `damaged`.
 */
export function restoreBackup(dataFolder: string, file?: string): Restored {
  return locked(dataFolder, () => {
    const source = file ?? backups(dataFolder)[0];
    if (source === undefined) throw new RegistryError('not-found', `there is no backup in ${dataFolder}; name one`);
    if (!existsSync(source)) throw new RegistryError('not-found', `${source} is not there`);
    const place = join(dataFolder, databaseName);
    if (resolve(source) === place)
      throw new RegistryError('invalid-request', `${source} is the registry itself; name a backup`);
    const copy = verifiedCopy(source, `${place}.restoring`);
    const kept = putAside(place);
    renameSync(copy, place);
    return { restored: source, kept, events: renamedLog(dataFolder) };
  });
}

function locked<T>(dataFolder: string, work: () => T): T {
  prepareFolder(dataFolder);
  const lock = lockFolder(dataFolder);
  if (!lock) throw new AlreadyRunning(dataFolder);
  try {
    return work();
  } finally {
    lock.release();
  }
}

function verifiedCopy(source: string, copy: string): string {
  copyFileSync(source, copy);
  try {
    assertSound(copy);
    return copy;
  } catch (error) {
    rmSync(copy, { force: true });
    throw new RegistryError('damaged', `${source} was not restored: ${messageOf(error)}`, { file: source });
  }
}

const companions = ['', '-wal', '-shm'];

/** Renames the database with what belongs to it; null where there is none. */
function putAside(place: string): string | null {
  if (!existsSync(place)) return null;
  const kept = `${place}.before-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const end of companions) if (existsSync(place + end)) renameSync(place + end, kept + end);
  return kept;
}

/** Gives the log a new id. Returns how many events it holds. */
function renamedLog(dataFolder: string): number {
  const db = openDatabase(dataFolder);
  try {
    renewLogId(db);
    return head(db).seq;
  } finally {
    db.close();
  }
}
