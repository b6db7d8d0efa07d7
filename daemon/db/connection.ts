import type Sqlite from 'better-sqlite3';

/** A row of a query. */
export type Row = Record<string, string | number | Buffer | null>;

/** An open registry database. One process owns the data folder and has the only connection. */
export interface Database {
  /** For this folder only. */
  readonly raw: Sqlite.Database;
  readonly file: string;
  /** Random id of this log. Clients resume only on the log that they know. */
  readonly logId: string;
  /** Returns a prepared statement, compiled once for each text. For this folder only. */
  sql(text: string): Sqlite.Statement<unknown[], Row>;
  /** Prepares a query like `sql`, whose rows are arrays of their columns. */
  rows<T extends readonly unknown[]>(text: string): Sqlite.Statement<unknown[], T>;
  close(): void;
}
