import Sqlite from 'better-sqlite3';
import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { migrations } from './schema.ts';
import { RegistryError, messageOf } from '../errors.ts';

/** A row as SQLite gives it. */
export type Row = Record<string, string | number | Buffer | null>;

/** An open registry database; the connection of the one process that owns the data folder. */
export interface Database {
  readonly raw: Sqlite.Database;
  readonly file: string;
  /** Random id of this log; clients resume only on the log they know. */
  readonly logId: string;
  /** A prepared statement, compiled once per text. */
  sql(text: string): Sqlite.Statement<unknown[], Row>;
  close(): void;
}

export const databaseName = 'registry.db';

/**
 * Opens `registry.db` in the data folder, creating or migrating it.
 * Throws `RegistryError`: `damaged` for a file that is no sound database, `read-only` for a newer schema.
 */
export function openDatabase(folder: string): Database {
  const file = join(folder, databaseName);
  const fresh = !existsSync(file);
  const raw = openSound(file);
  try {
    configure(raw);
    migrate(raw, file);
    if (fresh) syncFolder(folder);
    return wrap(raw, file);
  } catch (error) {
    raw.close();
    throw error instanceof RegistryError ? error : damaged(file, error);
  }
}

/**
 * Runs reads that belong together on one state of the database: each statement by itself would take and give back the lock
 * anew, which costs more than most reads. `act` must not write and must not wait.
 */
export function oneRead<T>(db: Database, act: () => T): T {
  db.sql('BEGIN').run();
  try {
    return act();
  } finally {
    db.sql('COMMIT').run();
  }
}

/** Gives the log a new id: what clients saw of a restored registry may never have happened. */
export function renewLogId(db: Database): void {
  db.sql(`UPDATE meta SET value = ? WHERE key = 'logId'`).run(randomUUID());
}

/** Opens a database only to read it, such as a backup that is to be verified. Nothing is created or migrated. */
export function openForReading(file: string): Database {
  const raw = new Sqlite(file, { readonly: true, fileMustExist: true });
  return wrap(raw, file);
}

/** Opens an empty registry that is gone when it is closed; it spills to a temporary file, so it may grow. */
export function openScratch(): Database {
  const raw = new Sqlite('');
  raw.pragma('journal_mode = OFF');
  for (const step of migrations) raw.exec(step);
  raw.pragma(`user_version = ${migrations.length}`);
  return wrap(raw, '');
}

function openSound(file: string): Sqlite.Database {
  try {
    return new Sqlite(file);
  } catch (error) {
    throw damaged(file, error);
  }
}

function damaged(file: string, error: unknown): RegistryError {
  const text = `${file} cannot be read as a database (${messageOf(error)}); put back a backup with: plinth restore-backup`;
  return new RegistryError('damaged', text, { file });
}

/** better-sqlite3 falls back to synchronous=NORMAL when a WAL database is reopened, which loses acknowledged commits on power loss. */
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
    const text = `${file} was written by a newer Plinth (schema ${have}, this one knows ${migrations.length}); update Plinth`;
    throw new RegistryError('read-only', text, { have, known: migrations.length });
  }
  if (have === migrations.length) return;
  if (have > 0) backupBeforeMigration(raw, file, have);
  raw.transaction(() => {
    for (const step of migrations.slice(have)) raw.exec(step);
    raw.pragma(`user_version = ${migrations.length}`);
    raw.prepare('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)').run('logId', randomUUID());
  })();
}

/** Synchronous, because nothing may run before it is done; read back so that a bad copy is never trusted. */
function backupBeforeMigration(raw: Sqlite.Database, file: string, have: number): void {
  const copy = `${file}.schema-${have}`;
  if (existsSync(copy)) return;
  raw.prepare('VACUUM INTO ?').run(copy);
  const check = new Sqlite(copy, { readonly: true });
  const verdict = check.pragma('integrity_check', { simple: true });
  check.close();
  if (verdict !== 'ok') throw new Error(`the backup before migration failed its check: ${String(verdict)}`);
}

function wrap(raw: Sqlite.Database, file: string): Database {
  const statements = new Map<string, Sqlite.Statement<unknown[], Row>>();
  const sql = (text: string): Sqlite.Statement<unknown[], Row> => {
    const known = statements.get(text);
    if (known) return known;
    const made = raw.prepare<unknown[], Row>(text);
    statements.set(text, made);
    return made;
  };
  const row = sql(`SELECT value FROM meta WHERE key = 'logId'`).get();
  return { raw, file, logId: String(row?.['value'] ?? ''), sql, close: () => raw.close() };
}

/** Makes a new name in a folder survive a power cut. Windows has no such call and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
