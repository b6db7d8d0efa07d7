import Sqlite from 'better-sqlite3';
import type { Database, Row } from '../connection.ts';

/** Opens a database only to read it, such as a backup that is to be verified. Nothing is created or migrated. */
export function openForReading(file: string): Database {
  const raw = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    return wrap(raw, file);
  } catch (error) {
    raw.close();
    throw error;
  }
}

/** Opens a copy that nobody else uses, to change it before it becomes a registry. */
export function openCopy(file: string): Database {
  const raw = new Sqlite(file, { fileMustExist: true });
  try {
    raw.pragma('synchronous = FULL');
    return wrap(raw, file);
  } catch (error) {
    raw.close();
    throw error;
  }
}

/** Brings everything that a database's WAL holds into its file. Throws where it cannot be read. */
export function fold(file: string): void {
  const raw = new Sqlite(file, { fileMustExist: true });
  try {
    raw.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    raw.close();
  }
}

/** A connection with its prepared statements. Throws where the file has no table `meta`. */
export function wrap(raw: Sqlite.Database, file: string): Database {
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
