import { FormatError } from '../source.ts';

/** A blob is not read and becomes null. */
export type SqliteValue = number | string | null;

const integerBytes = [0, 1, 2, 3, 4, 6, 8];

/** Returns the values of a row. Integers past 2^53 are rounded. Source: sqlite.org/fileformat2.html, 2.1 */
export function decodeRecord(bytes: Buffer): SqliteValue[] {
  const header = varint(bytes, 0);
  const values: SqliteValue[] = [];
  let at = header.value;
  for (let next = header.end; next < header.value;) {
    const { value: type, end } = varint(bytes, next);
    const size = sizeOf(type);
    if (at + size > bytes.length) throw new FormatError('malformed', 'A row ends too early.');
    values.push(valueOf(bytes.subarray(at, at + size), type));
    at += size;
    next = end;
  }
  return values;
}

function sizeOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  if (type === 7) return 8;
  return integerBytes[type] ?? 0;
}

function valueOf(bytes: Buffer, type: number): SqliteValue {
  if (type === 7) return bytes.readDoubleBE(0);
  if (type === 8) return 0;
  if (type === 9) return 1;
  if (type >= 12) return type % 2 === 1 ? bytes.toString('utf8') : null;
  if (bytes.length === 0) return null;
  return bytes.length === 8 ? Number(bytes.readBigInt64BE(0)) : bytes.readIntBE(0, bytes.length);
}

/**
 * Returns the columns that a CREATE TABLE names, in lower case, and which of them is the row id: the one of type INTEGER that
 * alone is the primary key.
 */
export function columnsIn(sql: string): { columns: string[]; rowId: string | undefined } {
  const parts = partsOf(sql.slice(sql.indexOf('(') + 1, sql.lastIndexOf(')')));
  const isConstraint = (part: string): boolean => /^(constraint|primary|unique|check|foreign)\b/i.test(part);
  const columns = parts.filter((part) => !isConstraint(part));
  const keyed = parts.map(
    (part) => /^(?:constraint\s+\S+\s+)?primary\s+key\s*\(\s*["'`[]?(\w+)["'`\]]?\s*\)/i.exec(part)?.[1],
  );
  const key = keyed.find((name) => name !== undefined)?.toLowerCase();
  const rowId = columns.find(
    (column) =>
      /^(\S+|["'`[].*?["'`\]])\s+integer\b/i.test(column) &&
      (nameOf(column) === key || /\bprimary\s+key\b/i.test(column)),
  );
  return { columns: columns.map(nameOf), rowId: rowId && nameOf(rowId) };
}

function nameOf(column: string): string {
  const quoted = /^(?:"([^"]*)"|'([^']*)'|`([^`]*)`|\[([^\]]*)\])/
    .exec(column)
    ?.slice(1)
    .find((name) => name !== undefined);
  return (quoted ?? /^\S+/.exec(column)?.[0] ?? '').toLowerCase();
}

/** Splits at the commas that are not inside parentheses. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at <= text.length; at += 1) {
    const sign = text[at];
    if (sign === '(') depth += 1;
    if (sign === ')') depth -= 1;
    if (at < text.length && !(sign === ',' && depth === 0)) continue;
    parts.push(text.slice(start, at).trim());
    start = at + 1;
  }
  return parts.filter((part) => part !== '');
}

/** Reads a number of one to nine bytes. The first bit of each but the last says that more follow. Inexact past 2^53. */
export function varint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new FormatError('malformed', 'A cell lies outside of its page.');
    if (index === 8) return { value: value * 256 + byte, end: at + 9 };
    value = value * 128 + (byte & 127);
    if (byte < 128) return { value, end: at + index + 1 };
  }
  return { value, end: at + 9 };
}
