import { systemCode } from '../errors.ts';
import type { Database } from './database.ts';

/** Runs writes in one transaction, which locks immediately. An error of `act` rolls all of them back. */
export function inTransaction<T>(db: Database, act: () => T): T {
  if (db.raw.inTransaction) return db.raw.transaction(act)();
  db.sql('BEGIN IMMEDIATE').run();
  try {
    const value = act();
    db.sql('COMMIT').run();
    return value;
  } catch (error) {
    // SQLite itself ends the transaction after a storage error.
    if (db.raw.inTransaction) db.sql('ROLLBACK').run();
    throw error;
  }
}

/**
 * Runs a part of a transaction in a savepoint: an error of `act` rolls back only its own writes. A storage error is left to the
 * surrounding transaction, which ends.
 */
export function inSavepoint<T>(db: Database, act: () => T): T {
  db.sql('SAVEPOINT part').run();
  try {
    const value = act();
    db.sql('RELEASE part').run();
    return value;
  } catch (error) {
    if (isStorageError(error)) throw error;
    db.sql('ROLLBACK TO part').run();
    db.sql('RELEASE part').run();
    throw error;
  }
}

/** Returns true if SQLite could not read or write; false for a violated constraint and other errors. */
export function isStorageError(error: unknown): boolean {
  const code = systemCode(error);
  return code?.startsWith('SQLITE_') === true && !code.startsWith('SQLITE_CONSTRAINT');
}

/** Returns false after the registry was closed. Deferred work may run later than that. */
export function isOpen(db: Database): boolean {
  return db.raw.open;
}
