import { Cursor } from '../cursor.ts';
import { FormatError, type Source } from '../source.ts';

/** An array of a tree that flax wrote, with its path joined by dots. */
export interface FlaxArray {
  name: string;
  shape: number[];
  dtype: string;
  bytes: number;
}

const maxDepth = 100;
const maxValues = 5_000_000;
const maxArrays = 100_000;
const maxHead = 4096;
/** Type number of numpy arrays among msgpack's extensions. */
const arrayType = 1;

/**
 * Returns the arrays of a file of flax.serialization: one msgpack map whose leaves are arrays in an extension, which is itself
 * msgpack of shape, dtype and bytes. Throws FormatError: `truncated` when the map does not end yet. Source:
 * flax/serialization.py; the msgpack specification.
 */
export function readFlaxArrays(source: Source): FlaxArray[] {
  const reader = { cursor: new Cursor(source, 0), arrays: [], values: 0 };
  const first = source.read(0, 1)[0] ?? 0;
  if (source.size > 0 && !((first >= 0x80 && first <= 0x8f) || first === 0xde || first === 0xdf))
    throw new FormatError('malformed', 'This is not a msgpack map.');
  walk(reader, '', 0);
  if (reader.cursor.offset < source.size) throw new FormatError('malformed', 'Bytes follow the end of the map.');
  return reader.arrays;
}

interface Reader {
  cursor: Cursor;
  arrays: FlaxArray[];
  values: number;
}

/** Skips one value and everything in it. Returns its text when it is a text. */
function walk(reader: Reader, name: string, depth: number): string | undefined {
  const { cursor } = reader;
  reader.values += 1;
  if (depth > maxDepth || reader.values > maxValues)
    throw new FormatError('unsupported', 'The msgpack tree is too large.');
  const code = cursor.byte();
  const { kind, count } = countOf(cursor, code) ?? { kind: 'bytes', count: scalarBytes(code) };
  if (kind === 'text') return textOf(cursor, count);
  if (kind === 'extension') return extension(reader, name, count);
  if (kind === 'bytes') cursor.skip(count);
  else walkInner(reader, name, depth, kind, count);
  return undefined;
}

function walkInner(reader: Reader, name: string, depth: number, kind: 'map' | 'list', count: number): void {
  for (let at = 0; at < count; at += 1) {
    const key = kind === 'map' ? (walk(reader, name, depth + 1) ?? '?') : String(at);
    walk(reader, name === '' ? key : `${name}.${key}`, depth + 1);
  }
}

interface Counted {
  kind: 'map' | 'list' | 'text' | 'bytes' | 'extension';
  count: number;
}

/** Returns kind and length of a value that has a length; undefined for numbers, nil and booleans. */
function countOf(cursor: Cursor, code: number): Counted | undefined {
  if (code >= 0x80 && code <= 0x8f) return { kind: 'map', count: code & 15 };
  if (code >= 0x90 && code <= 0x9f) return { kind: 'list', count: code & 15 };
  if (code >= 0xa0 && code <= 0xbf) return { kind: 'text', count: code & 31 };
  if (code >= 0xc4 && code <= 0xc6) return { kind: 'bytes', count: unsigned(cursor, 1 << (code - 0xc4)) };
  if (code >= 0xc7 && code <= 0xc9) return { kind: 'extension', count: unsigned(cursor, 1 << (code - 0xc7)) };
  if (code >= 0xd4 && code <= 0xd8) return { kind: 'extension', count: 1 << (code - 0xd4) };
  if (code >= 0xd9 && code <= 0xdb) return { kind: 'text', count: unsigned(cursor, 1 << (code - 0xd9)) };
  if (code === 0xdc || code === 0xdd) return { kind: 'list', count: unsigned(cursor, code === 0xdc ? 2 : 4) };
  if (code === 0xde || code === 0xdf) return { kind: 'map', count: unsigned(cursor, code === 0xde ? 2 : 4) };
  return undefined;
}

function unsigned(cursor: Cursor, bytes: number): number {
  const view = cursor.view(bytes);
  return bytes === 1 ? view.getUint8(0) : bytes === 2 ? view.getUint16(0) : view.getUint32(0);
}

/** Returns how many bytes follow the first byte of a number, nil or boolean. */
function scalarBytes(code: number): number {
  if (code <= 0x7f || code >= 0xe0 || code === 0xc0 || code === 0xc2 || code === 0xc3) return 0;
  if (code === 0xca) return 4;
  if (code === 0xcb) return 8;
  if (code >= 0xcc && code <= 0xcf) return 1 << (code - 0xcc);
  if (code >= 0xd0 && code <= 0xd3) return 1 << (code - 0xd0);
  throw new FormatError('malformed', 'A byte is no msgpack value.');
}

function textOf(cursor: Cursor, count: number): string {
  const shown = Math.min(count, maxHead);
  const text = new TextDecoder().decode(cursor.take(shown));
  cursor.skip(count - shown);
  return text;
}

function extension({ cursor, arrays }: Reader, name: string, count: number): undefined {
  const type = cursor.byte();
  if (type === arrayType && count > 0 && arrays.length < maxArrays) {
    const found = arrayAt(cursor.source, cursor.offset, count);
    if (found !== undefined) arrays.push({ name: name.slice(0, 500), ...found });
  }
  cursor.skip(count);
}

/** Returns shape, dtype and length of the array in an extension; undefined when there is none. */
function arrayAt(source: Source, offset: number, count: number): Omit<FlaxArray, 'name'> | undefined {
  const inner = new Cursor(source, offset);
  const list = countOf(inner, inner.byte());
  if (list?.kind !== 'list' || list.count < 3) return undefined;
  const dimensions = countOf(inner, inner.byte());
  if (dimensions?.kind !== 'list' || dimensions.count > 64) return undefined;
  const shape = Array.from({ length: dimensions.count }, () => natural(inner));
  const type = countOf(inner, inner.byte());
  if (type?.kind !== 'text' || shape.includes(-1)) return undefined;
  const dtype = textOf(inner, type.count).slice(0, 100);
  const data = countOf(inner, inner.byte());
  return data?.kind === 'bytes' && data.count <= count ? { shape, dtype, bytes: data.count } : undefined;
}

/** Reads a number of a shape; -1 for anything else. */
function natural(cursor: Cursor): number {
  const code = cursor.byte();
  if (code <= 0x7f) return code;
  return code >= 0xcc && code <= 0xce ? unsigned(cursor, 1 << (code - 0xcc)) : -1;
}
