import type { Database } from '../database.ts';
import { derivedTables } from '../schema/migrations.ts';
import type { VerifyFault } from '../../protocol/verify.ts';

type Value = string | number | Buffer | null;

interface Shape {
  table: string;
  columns: string[];
  /** Positions of the primary key's columns, in order. */
  key: number[];
}

/** Rows of one table that are named; further ones are counted. */
const maxNamed = 20;
const maxValueChars = 60;

/** Returns the rows of derived tables that differ from a replay of the log, with the differing columns. */
export function tableFaults(db: Database, replayed: Database, fix: string): VerifyFault[] {
  const nameOf = modelNames(replayed);
  return derivedTables.flatMap((table) => {
    const shape = shapeOf(replayed, table);
    const found = { named: [] as VerifyFault[], more: 0 };
    for (const [is, wanted] of unequalRows(rowsOf(db, shape), rowsOf(replayed, shape), shape)) {
      if (found.named.length === maxNamed) found.more += 1;
      else
        found.named.push({
          subject: subjectOf(shape, is ?? wanted, nameOf),
          detail: differenceOf(shape, is, wanted),
          fix,
        });
    }
    if (found.more === 0) return found.named;
    return [...found.named, { subject: `table ${table}`, detail: `${found.more} more rows differ from the log`, fix }];
  });
}

/** Columns with an event's number. */
const seqColumns = [
  ['versions', 'seq'],
  ['models', 'updated_seq'],
  ['pointers', 'seq'],
  ['evidence', 'seq'],
  ['lineage', 'seq'],
  ['comments', 'seq'],
  ['approvals', 'seq'],
  ['people', 'seq'],
  ['ignored_patterns', 'seq'],
] as const;

/** Returns a fault if tables contain later events than the log, whose end was therefore cut off. */
export function tablesAhead(db: Database, headSeq: number, fix: string): VerifyFault[] {
  const last = seqColumns.map(([table, column]) => {
    const row = db.sql(`SELECT max(${column}) AS seq FROM ${table} NOT INDEXED`).get();
    return { table, seq: Number(row?.['seq'] ?? 0) };
  });
  const { table, seq } = last.reduce((a, b) => (b.seq > a.seq ? b : a));
  if (seq <= headSeq) return [];
  const detail = `it ends at event ${headSeq}, but table ${table} was written by event ${seq}: its end was cut off`;
  return [{ subject: 'log', detail, fix }];
}

function shapeOf(db: Database, table: string): Shape {
  const info = db.raw.pragma(`table_info(${table})`) as { name: string; pk: number }[];
  const columns = info.map(({ name }) => name);
  const key = info.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
  return { table, columns, key: key.map(({ name }) => columns.indexOf(name)) };
}

/** Iterates over a table's rows. NOT INDEXED reads the table itself, whatever its indices contain. */
function rowsOf(db: Database, { table, columns, key }: Shape): IterableIterator<Value[]> {
  const order = key.map((at) => columns[at]).join(', ');
  const text = `SELECT ${columns.join(', ')} FROM ${table} NOT INDEXED ORDER BY ${order}`;
  return db.raw.prepare<[], Value[]>(text).raw().iterate();
}

/** Compares two sorted lists of rows. A row that only one side has comes with undefined. */
function* unequalRows(
  some: IterableIterator<Value[]>,
  others: IterableIterator<Value[]>,
  shape: Shape,
): Generator<[Value[] | undefined, Value[] | undefined]> {
  const next = (rows: IterableIterator<Value[]>): Value[] | undefined => {
    const { done, value } = rows.next();
    return done === true ? undefined : value;
  };
  try {
    let a = next(some);
    let b = next(others);
    while (a !== undefined || b !== undefined) {
      const order = orderOf(a, b, shape);
      if (order !== 0 || !isEqualRow(a!, b!)) yield [order <= 0 ? a : undefined, order >= 0 ? b : undefined];
      if (order <= 0) a = next(some);
      if (order >= 0) b = next(others);
    }
  } finally {
    some.return?.();
    others.return?.();
  }
}

function orderOf(a: Value[] | undefined, b: Value[] | undefined, { key }: Shape): number {
  if (!a) return 1;
  if (!b) return -1;
  for (const at of key) {
    const order = compareValues(a[at]!, b[at]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Compares values in SQLite's order: numbers before texts, texts by bytes. */
function compareValues(a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'number') return -1;
  if (typeof b === 'number') return 1;
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

function bytesOf(value: string | Buffer | null): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : (value ?? Buffer.alloc(0));
}

function isEqualRow(a: Value[], b: Value[]): boolean {
  return a.every((value, at) => value === b[at]);
}

function subjectOf({ table, columns, key }: Shape, row: Value[] | undefined, nameOf: (id: string) => string): string {
  const parts = key.map((at) => {
    const text = showValue(row?.[at] ?? null);
    return columns[at] === 'model' || (table === 'models' && columns[at] === 'id') ? nameOf(text) : text;
  });
  return `table ${table}, row ${parts.join(' / ')}`;
}

function differenceOf({ columns }: Shape, is: Value[] | undefined, wanted: Value[] | undefined): string {
  if (!wanted) return 'no event of the log made it';
  if (!is) return 'it is missing, but the log made it';
  const different = columns.flatMap((column, at) =>
    is[at] === wanted[at] ? [] : [`${column} is ${showValue(is[at]!)}, but ${showValue(wanted[at]!)} by the log`],
  );
  return different.join('; ');
}

function showValue(value: Value): string {
  if (value === null) return 'empty';
  const text = Buffer.isBuffer(value) ? value.toString('hex') : String(value);
  return text.length > maxValueChars ? `${text.slice(0, maxValueChars)}…` : text;
}

function modelNames(db: Database): (id: string) => string {
  return (id) =>
    String(db.sql('SELECT coalesce(deleted_name, name) AS name FROM models WHERE id = ?').get(id)?.['name'] ?? id);
}
