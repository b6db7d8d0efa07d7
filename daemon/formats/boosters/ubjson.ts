import type { Json } from '../../protocol/json.ts';
import type { Skip } from '../text/json-outline.ts';
import { FormatError, type Source } from '../source.ts';
import { ByteWindow } from '../window.ts';

const maxDepth = 64;
const maxValues = 200_000;

const widthOf: Readonly<Record<string, number>> = {
  Z: 0,
  N: 0,
  T: 0,
  F: 0,
  i: 1,
  U: 1,
  C: 1,
  I: 2,
  l: 4,
  d: 4,
  L: 8,
  D: 8,
};

interface State {
  bytes: ByteWindow;
  at: number;
  values: number;
  path: string[];
  skip: Skip;
}

/** The `$` type and `#` count that may follow an opening bracket. */
interface Head {
  type: string | undefined;
  count: number | undefined;
}

/**
 * Reads a UBJSON document (Universal Binary JSON, draft 12, big-endian) without holding all of it: for a list or object that
 * `skip` names, only the number of entries is kept, and a typed list is skipped in one step. The document must end with the file.
 * Throws FormatError: `truncated` when it does not end, `malformed` when it is not UBJSON, `unsupported` past the bounds (depth
 * 64, 200,000 values kept).
 */
export function readUbjson(source: Source, skip: Skip): Json {
  const state: State = { bytes: new ByteWindow(source), at: 0, values: 0, path: [], skip };
  const value = readValue(state, marker(state), 0, true);
  if (state.at !== source.size) throw new FormatError('malformed', 'Bytes follow the UBJSON document.');
  return value;
}

function marker(state: State): string {
  for (;;) {
    const type = String.fromCharCode(state.bytes.byte(state.at++));
    if (type !== 'N') return type;
  }
}

/** Reads one value. With `keep` false, builds nothing and returns a list or object as the number of its entries. */
function readValue(state: State, type: string, depth: number, keep: boolean): Json {
  if (depth > maxDepth) throw new FormatError('unsupported', `The UBJSON is nested deeper than ${maxDepth} levels.`);
  if (keep && ++state.values > maxValues) {
    throw new FormatError('unsupported', `The UBJSON has more than ${maxValues} values.`);
  }
  if (type === '[' || type === '{') {
    const kept = keep && !(state.path.length > 0 && state.skip(state.path));
    return type === '[' ? readList(state, depth, kept) : readObject(state, depth, kept);
  }
  if (type === 'S' || type === 'H') return readText(state, keep);
  return readScalar(state, type);
}

function readScalar(state: State, type: string): Json {
  const { bytes, at } = state;
  state.at += widthOf[type] ?? 0;
  if (type === 'Z' || type === 'N') return null;
  if (type === 'T' || type === 'F') return type === 'T';
  if (type === 'i') return bytes.int8(at);
  if (type === 'U') return bytes.byte(at);
  if (type === 'C') return String.fromCharCode(bytes.byte(at));
  if (type === 'I') return bytes.int16(at, false);
  if (type === 'l') return bytes.int32(at, false);
  if (type === 'L') return bytes.int64(at, false);
  if (type === 'd') return finite(bytes.float32(at, false));
  if (type === 'D') return finite(bytes.float64(at, false));
  throw new FormatError('malformed', `UBJSON has no type ${JSON.stringify(type)} (at byte ${at}).`);
}

function finite(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}

function readLength(state: State): number {
  const length = readScalar(state, marker(state));
  if (typeof length === 'number' && Number.isSafeInteger(length) && length >= 0) return length;
  throw new FormatError('malformed', `No length is at byte ${state.at}.`);
}

function readText(state: State, keep: boolean): string {
  const length = readLength(state);
  const start = state.at;
  pass(state, length);
  return keep ? state.bytes.text(start, length) : '';
}

function pass(state: State, length: number): void {
  if (!(state.at + length <= state.bytes.size)) throw new FormatError('truncated', 'The UBJSON ends inside a value.');
  state.at += length;
}

function readHead(state: State): Head {
  const head: Head = { type: undefined, count: undefined };
  if (peek(state) === '$') {
    head.type = String.fromCharCode(state.bytes.byte(state.at + 1));
    state.at += 2;
    if (peek(state) !== '#') throw new FormatError('malformed', `A type has no count (at byte ${state.at}).`);
  }
  if (peek(state) === '#') {
    state.at++;
    head.count = readLength(state);
  }
  return head;
}

function peek(state: State): string {
  return String.fromCharCode(state.bytes.byte(state.at));
}

function readList(state: State, depth: number, keep: boolean): Json {
  const head = readHead(state);
  const width = head.type === undefined ? undefined : widthOf[head.type];
  if (!keep && width !== undefined && head.count !== undefined) {
    pass(state, width * head.count);
    return head.count;
  }
  if (width === 0 && (head.count ?? 0) > maxValues) throw new FormatError('unsupported', 'A list is too long.');
  const list: Json[] = [];
  let count = 0;
  if (keep) state.path.push('[]');
  for (; head.count === undefined || count < head.count; count++) {
    const type = head.type ?? marker(state);
    if (head.count === undefined && type === ']') break;
    const value = readValue(state, type, depth + 1, keep);
    if (keep) list.push(value);
  }
  if (keep) state.path.pop();
  return keep ? list : count;
}

function readObject(state: State, depth: number, keep: boolean): Json {
  const head = readHead(state);
  const object = Object.create(null) as Record<string, Json>;
  let count = 0;
  for (; head.count === undefined || count < head.count; count++) {
    if (head.count === undefined && peek(state) === '}') {
      state.at++;
      break;
    }
    const key = readText(state, keep);
    if (keep) state.path.push(key);
    const value = readValue(state, head.type ?? marker(state), depth + 1, keep);
    if (!keep) continue;
    state.path.pop();
    object[key] = value;
  }
  return keep ? object : count;
}
