import Sqlite from 'better-sqlite3';
import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { migrations } from './schema/migrations.ts';
import { RegistryError, messageOf, systemCode } from '../errors.ts';
import { syncFolder } from '../runtime/write-file.ts';
import { copyBeforeMigration } from './backup/migration-copy.ts';
import { assertNotEmptied, assertNotLost, isMissing, wayBack } from './backup/presence.ts';
import { wrap } from './backup/open-for-reading.ts';
import { noteTakeover } from './backup/take-over.ts';
import type { Database } from './connection.ts';

export type { Database, Row } from './connection.ts';

export const databaseName = 'registry.db';

/** Options for opening a registry. */
export interface Opening {
  /** Creates a registry if there is none, and accepts the one that is there, whatever files are beside it. */
  newRegistry?: boolean;
}

/**
 * Opens `registry.db` in the data folder, and creates or migrates it. Does not create one if files or backups of an earlier one
 * exist, unless `newRegistry`. Throws `RegistryError`: `damaged` for a file that is missing or no valid registry, `read-only` for
 * a newer schema; or a system error of the disk.
 */
export function openDatabase(folder: string, { newRegistry = false }: Opening = {}): Database {
  const file = join(folder, databaseName);
  const fresh = isMissing(file);
  if (fresh && !newRegistry) assertNotLost(folder, file);
  const raw = openSound(file);
  try {
    if (!fresh && !newRegistry) assertNotEmptied(raw, folder, file);
    configure(raw);
    migrate(raw, file);
    if (fresh) syncFolder(folder);
    const db = wrap(raw, file);
    if (newRegistry) noteTakeover(db, Date.now());
    return db;
  } catch (error) {
    raw.close();
    throw isDamage(error) ? damaged(file, error) : error;
  }
}

/**
 * Runs several reads on one state of the database. Each statement alone would acquire and release the lock, which costs more than
 * most reads. `act` must neither write nor wait.
 */
export function oneRead<T>(db: Database, act: () => T): T {
  db.sql('BEGIN').run();
  try {
    return act();
  } finally {
    db.sql('COMMIT').run();
  }
}

/** Gives the log a new id, as clients of a restored registry may have seen events that it lacks. */
export function renewLogId(db: Database): void {
  db.sql(`UPDATE meta SET value = ? WHERE key = 'logId'`).run(randomUUID());
}

/** Opens an empty registry that is deleted when closed. It may grow, as it spills to a temporary file. */
export function openScratch(): Database {
  const raw = new Sqlite('');
  raw.pragma('journal_mode = OFF');
  for (const step of migrations) raw.exec(step);
  raw.pragma(`user_version = ${migrations.length}`);
  return wrap(raw, '');
}

/** Opens a file that only its user can read from the first byte on. SQLite gives its companion files the same permissions. */
function openSound(file: string): Sqlite.Database {
  closeSync(openSync(file, 'a', 0o600));
  narrow(file);
  try {
    return new Sqlite(file);
  } catch (error) {
    throw isDamage(error) ? damaged(file, error) : error;
  }
}

/** Removes permissions of others from database files, which earlier programs created under the user's umask. Files of other users stay unchanged. */
function narrow(file: string): void {
  if (process.platform === 'win32') return;
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    try {
      if (existsSync(path)) chmodSync(path, 0o600);
    } catch (error) {
      if (systemCode(error) !== 'EPERM' && systemCode(error) !== 'EROFS') throw error;
    }
  }
}

/** Error codes of the disk. They do not mean that the database is damaged, so a backup would not help. */
const diskCodes = /^SQLITE_(FULL|READONLY|CANTOPEN|IOERR(?!_SHORT_READ)|BUSY|LOCKED|NOMEM|PERM|AUTH)/;

function isDamage(error: unknown): boolean {
  if (error instanceof RegistryError) return false;
  const code = systemCode(error);
  return code === undefined || (code.startsWith('SQLITE_') && !diskCodes.test(code));
}

function damaged(file: string, error: unknown): RegistryError {
  const { way, backup } = wayBack(dirname(file));
  const text = `${file} cannot be read as a database (${messageOf(error)}); ${way}.`;
  return new RegistryError('damaged', text, { file, backup });
}

/**
 * Configures a connection. better-sqlite3 falls back to synchronous=NORMAL when a WAL database is reopened, which loses
 * acknowledged commits on power loss.
 */
function configure(raw: Sqlite.Database): void {
  raw.pragma('journal_mode = WAL');
  raw.pragma('synchronous = FULL');
  raw.pragma('fullfsync = ON');
  raw.pragma('foreign_keys = ON');
  raw.pragma('busy_timeout = 2000');
  raw.pragma('cache_size = -8000');
  const level = raw.pragma('synchronous', { simple: true });
  if (level !== 2) throw new Error(`synchronous is ${String(level)} where FULL (2) was asked for`);
}

function migrate(raw: Sqlite.Database, file: string): void {
  const have = Number(raw.pragma('user_version', { simple: true }));
  if (have > migrations.length) {
    const text = `${file} was written by a newer Plinth (schema ${have}; this one supports ${migrations.length}). Update Plinth.`;
    throw new RegistryError('read-only', text, { have, known: migrations.length });
  }
  if (have === migrations.length) return;
  if (have > 0) copyBeforeMigration(raw, file, have);
  raw.transaction(() => {
    for (const step of migrations.slice(have)) raw.exec(step);
    raw.pragma(`user_version = ${migrations.length}`);
    raw.prepare('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)').run('logId', randomUUID());
    if (have === 0) raw.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run('createdAt', String(Date.now()));
  })();
}
