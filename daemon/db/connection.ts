import type Sqlite from 'better-sqlite3';

/** A row as SQLite gives it. */
export type Row = Record<string, string | number | Buffer | null>;

/** An open registry database; the connection of the one process that owns the data folder. */
export interface Database {
  /** Only for this folder. */
  readonly raw: Sqlite.Database;
  readonly file: string;
  /** Random id of this log; clients resume only on the log they know. */
  readonly logId: string;
  /** A prepared statement, compiled once per text. Only for this folder. */
  sql(text: string): Sqlite.Statement<unknown[], Row>;
  close(): void;
}
