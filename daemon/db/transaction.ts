import { systemCode } from '../errors.ts';
import type { Database } from './database.ts';

/** Runs writes that belong together in one transaction, which takes the lock at once. What `act` throws undoes them all. */
export function inTransaction<T>(db: Database, act: () => T): T {
  if (db.raw.inTransaction) return db.raw.transaction(act)();
  db.sql('BEGIN IMMEDIATE').run();
  try {
    const value = act();
    db.sql('COMMIT').run();
    return value;
  } catch (error) {
    // SQLite ends the transaction itself where the storage failed.
    if (db.raw.inTransaction) db.sql('ROLLBACK').run();
    throw error;
  }
}

/**
 * Runs a part of a transaction that can be undone by itself: what `act` throws undoes what it wrote and nothing else.
 * An error of the storage is left to the transaction around it, which ends.
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

/** True where SQLite could not read or write; false for a broken constraint or an error of ours. */
export function isStorageError(error: unknown): boolean {
  const code = systemCode(error);
  return code?.startsWith('SQLITE_') === true && !code.startsWith('SQLITE_CONSTRAINT');
}

/** False after the service has closed the registry: work that was put off may come later than that. */
export function isOpen(db: Database): boolean {
  return db.raw.open;
}
