import { columnsIn, decodeRecord, varint, type SqliteValue } from './sqlite-record.ts';
import { FormatError, type Source } from '../source.ts';

const magic = 'SQLite format 3\0';
const headerBytes = 100;
const [LEAF, INTERIOR] = [13, 5];
const maxRows = 500_000;
const maxPayload = 1 << 20;
const maxLevels = 20;

/** Values by column name, in lower case. */
export type SqliteRow = Record<string, SqliteValue>;

export interface SqliteFile {
  /** Returns the rows of a table in the order of their row ids; undefined when there is no such table. */
  rows(table: string): SqliteRow[] | undefined;
}

interface Database {
  source: Source;
  pageBytes: number;
  /** Bytes of a page that hold content. */
  usable: number;
}

interface Table {
  root: number;
  columns: string[];
  /** The column that is the row id. It is empty in the stored rows. */
  rowId: string | undefined;
}

/**
 * Reads a SQLite database without opening it as one: takes no lock that could stop its writer, and creates no file beside it.
 * Does not see what is only in a write-ahead log, and may refuse a file that is being written. Rows over 1 MiB are left out.
 * Throws FormatError. Source: sqlite.org/fileformat2.html
 */
export function readSqlite(source: Source): SqliteFile {
  const head = Buffer.from(source.read(0, headerBytes));
  if (!head.subarray(0, 16).equals(Buffer.from(magic, 'latin1').subarray(0, Math.min(16, head.length))))
    throw new FormatError('malformed', 'This is not an SQLite database.');
  if (head.length < headerBytes) throw new FormatError('truncated', 'The header is cut.');
  if (head.readUInt32BE(56) > 1) throw new FormatError('unsupported', 'Only databases with UTF-8 text are read.');
  const pageBytes = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16);
  const usable = pageBytes - head.readUInt8(20);
  if (pageBytes < 512 || usable < 480) throw new FormatError('malformed', 'Its page size is none.');
  const database = { source, pageBytes, usable };
  const tables = tablesIn(database);
  return {
    rows: (name) => {
      const table = tables.get(name);
      return table && [...rowsOf(database, table.root)].map(({ id, values }) => rowByColumn(table, id, values));
    },
  };
}

function rowByColumn({ columns, rowId }: Table, id: number, values: SqliteValue[]): SqliteRow {
  const row = Object.create(null) as SqliteRow;
  for (const [index, column] of columns.entries()) row[column] = values[index] ?? (column === rowId ? id : null);
  return row;
}

/** Returns the tables that the schema on page 1 names. */
function tablesIn(database: Database): Map<string, Table> {
  const tables = new Map<string, Table>();
  for (const { values } of rowsOf(database, 1)) {
    const [kind, name, , root, sql] = values;
    if (kind === 'table' && typeof name === 'string' && typeof root === 'number' && typeof sql === 'string')
      tables.set(name, { root, ...columnsIn(sql) });
  }
  return tables;
}

function* rowsOf(database: Database, root: number): Generator<{ id: number; values: SqliteValue[] }> {
  const seen = new Set<number>();
  const waiting = [{ number: root, level: 0 }];
  let count = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (seen.has(next.number) || next.level > maxLevels)
      throw new FormatError('malformed', 'Its pages run in a circle.');
    seen.add(next.number);
    const page = pageAt(database, next.number);
    const at = next.number === 1 ? headerBytes : 0;
    const kind = page.readUInt8(at);
    const cells = cellsOf(page, at, kind);
    if (kind === INTERIOR) {
      const children = [...cells.map((cell) => numberAt(page, cell)), numberAt(page, at + 8)];
      const level = next.level + 1;
      waiting.push(...children.toReversed().map((number) => ({ number, level })));
      continue;
    }
    for (const cell of cells) {
      const row = rowAt(database, page, cell);
      if (row) yield row;
      if (++count >= maxRows) return;
    }
  }
}

function pageAt({ source, pageBytes }: Database, number: number): Buffer {
  const bytes = Buffer.from(source.read((number - 1) * pageBytes, pageBytes));
  if (number < 1 || bytes.length < pageBytes) throw new FormatError('truncated', `Its page ${number} is not there.`);
  return bytes;
}

function cellsOf(page: Buffer, at: number, kind: number): number[] {
  if (kind !== LEAF && kind !== INTERIOR) throw new FormatError('malformed', 'A page of a table is none.');
  const first = at + (kind === LEAF ? 8 : 12);
  const count = page.readUInt16BE(at + 3);
  if (first + 2 * count > page.length) throw new FormatError('malformed', 'A page has more cells than fit.');
  return Array.from({ length: count }, (_, index) => page.readUInt16BE(first + 2 * index));
}

function numberAt(page: Buffer, at: number): number {
  if (at + 4 > page.length) throw new FormatError('malformed', 'A cell lies outside of its page.');
  return page.readUInt32BE(at);
}

/** Returns the row of a leaf's cell; undefined when it is larger than the limit. */
function rowAt(database: Database, page: Buffer, cell: number): { id: number; values: SqliteValue[] } | undefined {
  const size = varint(page, cell);
  const id = varint(page, size.end);
  if (size.value > maxPayload) return undefined;
  const local = localBytes(database, size.value);
  const parts = [page.subarray(id.end, id.end + local)];
  if (local < size.value) parts.push(...overflow(database, numberAt(page, id.end + local), size.value - local));
  return { id: id.value, values: decodeRecord(Buffer.concat(parts)) };
}

/** Returns how many bytes of a payload are stored in the cell itself (section 1.6). */
function localBytes({ usable }: Database, payload: number): number {
  const most = usable - 35;
  if (payload <= most) return payload;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((payload - least) % (usable - 4));
  return fitting <= most ? fitting : least;
}

function overflow(database: Database, first: number, bytes: number): Buffer[] {
  const parts: Buffer[] = [];
  let left = bytes;
  for (let number = first; left > 0;) {
    const page = pageAt(database, number);
    const part = page.subarray(4, Math.min(4 + left, database.usable));
    parts.push(part);
    left -= part.length;
    number = page.readUInt32BE(0);
  }
  return parts;
}
