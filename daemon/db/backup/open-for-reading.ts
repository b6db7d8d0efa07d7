import Sqlite from 'better-sqlite3';
import type { Database, Row } from '../connection.ts';

/** Opens a database for reading only, such as a backup to be verified. Creates and migrates nothing. */
export function openForReading(file: string): Database {
  const raw = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    return wrap(raw, file);
  } catch (error) {
    raw.close();
    throw error;
  }
}

/** Opens a copy that nothing else uses, to change it before it becomes a registry. */
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

/** Writes the content of a database's WAL into its file. Throws if it cannot be read. */
export function foldWal(file: string): void {
  const raw = new Sqlite(file, { fileMustExist: true });
  try {
    raw.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    raw.close();
  }
}

/** Wraps a connection with a cache of prepared statements. Throws if the file has no table `meta`. */
export function wrap(raw: Sqlite.Database, file: string): Database {
  const statements = new Map<string, Sqlite.Statement<unknown[], Row>>();
  const sql = (text: string): Sqlite.Statement<unknown[], Row> => {
    const known = statements.get(text);
    if (known) return known;
    const made = raw.prepare<unknown[], Row>(text);
    statements.set(text, made);
    return made;
  };
  const lists = new Map<string, Sqlite.Statement<unknown[], never>>();
  const rows = <T extends readonly unknown[]>(text: string): Sqlite.Statement<unknown[], T> => {
    const known = lists.get(text) ?? raw.prepare<unknown[], never>(text).raw();
    lists.set(text, known);
    return known as Sqlite.Statement<unknown[], T>;
  };
  const row = sql(`SELECT value FROM meta WHERE key = 'logId'`).get();
  return { raw, file, logId: String(row?.['value'] ?? ''), sql, rows, close: () => raw.close() };
}
