import type { Json } from '../../protocol/json.ts';
import { FormatError, type Source } from '../source.ts';
import { ByteWindow } from '../window.ts';

const maxDepth = 64;
const maxValues = 200_000;
const windowBytes = 64 * 1024;

/** True for the values of a large document that are skipped. The path consists of keys, with `[]` for an item of a list. */
export type Skip = (path: readonly string[]) => boolean;

interface State {
  bytes: ByteWindow;
  at: number;
  values: number;
  path: string[];
  skip: Skip;
}

/**
 * Reads a JSON document in one pass without holding all of it: for a list or object that `skip` names, only the number of entries
 * is kept. NaN and ±Infinity become text. The document must end with the file (except whitespace). Throws FormatError:
 * `truncated` when it does not end, `malformed` when it is not JSON, `unsupported` past the bounds (depth 64, 200,000 values
 * kept).
 */
export function readJsonOutline(source: Source, skip: Skip): Json {
  const state: State = { bytes: new ByteWindow(source, windowBytes), at: 0, values: 0, path: [], skip };
  const value = readValue(state, 0);
  while (state.at < source.size) {
    if (!isSpace(state.bytes.byte(state.at++))) throw new FormatError('malformed', 'Bytes follow the JSON document.');
  }
  return value;
}

function readValue(state: State, depth: number): Json {
  if (depth > maxDepth) throw new FormatError('unsupported', `The JSON is nested deeper than ${maxDepth} levels.`);
  if (++state.values > maxValues) throw new FormatError('unsupported', `The JSON has more than ${maxValues} values.`);
  const first = peek(state);
  if (state.path.length > 0 && (first === 0x7b || first === 0x5b) && state.skip(state.path)) return skipEntries(state);
  if (first === 0x7b) return readObject(state, depth);
  if (first === 0x5b) return readList(state, depth);
  return first === 0x22 ? readString(state) : readWord(state);
}

function readObject(state: State, depth: number): Json {
  const object = Object.create(null) as Record<string, Json>;
  state.at++;
  if (peek(state) === 0x7d) return ended(state, object);
  for (;;) {
    if (peek(state) !== 0x22) throw unexpected(state);
    const key = readString(state);
    if (peek(state) !== 0x3a) throw unexpected(state);
    state.at++;
    state.path.push(key);
    object[key] = readValue(state, depth + 1);
    state.path.pop();
    if (endsList(state, 0x7d)) return object;
  }
}

function readList(state: State, depth: number): Json {
  const list: Json[] = [];
  state.at++;
  if (peek(state) === 0x5d) return ended(state, list);
  state.path.push('[]');
  for (;;) {
    list.push(readValue(state, depth + 1));
    if (!endsList(state, 0x5d)) continue;
    state.path.pop();
    return list;
  }
}

function ended<T>(state: State, value: T): T {
  state.at++;
  return value;
}

/** Moves past a comma or the closing bracket. True for the bracket. */
function endsList(state: State, close: number): boolean {
  const next = peek(state);
  if (next !== close && next !== 0x2c) throw unexpected(state);
  state.at++;
  return next === close;
}

function readString(state: State): string {
  const start = state.at++;
  skipString(state);
  try {
    return JSON.parse(state.bytes.text(start, state.at - start)) as string;
  } catch (error) {
    throw error instanceof FormatError ? error : new FormatError('malformed', `No JSON string is at byte ${start}.`);
  }
}

/** Moves from after an opening quote to after the closing one. */
function skipString(state: State): void {
  const { bytes } = state;
  let at = state.at;
  for (let byte = bytes.byte(at); byte !== 0x22; byte = bytes.byte(at)) at += byte === 0x5c ? 2 : 1;
  state.at = at + 1;
}

function readWord(state: State): Json {
  const start = state.at;
  while (state.at < state.bytes.size && /[\w+\-.]/.test(String.fromCharCode(state.bytes.byte(state.at)))) state.at++;
  if (state.at === state.bytes.size && state.path.length > 0) {
    throw new FormatError('truncated', 'The JSON ends inside a value.');
  }
  const word = state.bytes.text(start, state.at - start);
  if (/^(NaN|-?Infinity)$/.test(word)) return word;
  try {
    return JSON.parse(word) as Json;
  } catch {
    state.at = start;
    throw unexpected(state);
  }
}

/** Moves from an opening bracket to after its end and returns the number of entries. Looks only at strings and brackets. */
function skipEntries(state: State): number {
  const { bytes } = state;
  let commas = 0;
  let depth = 0;
  let empty = true;
  for (;;) {
    const byte = bytes.byte(state.at++);
    if (byte === 0x22) skipString(state);
    else if (byte === 0x5b || byte === 0x7b) depth++;
    else if (byte === 0x5d || byte === 0x7d) depth--;
    else if (byte === 0x2c && depth === 1) commas++;
    if (depth === 0) return empty ? 0 : commas + 1;
    if (!isSpace(byte) && (depth > 1 || (byte !== 0x5b && byte !== 0x7b))) empty = false;
  }
}

function peek(state: State): number {
  for (;;) {
    const byte = state.bytes.byte(state.at);
    if (!isSpace(byte)) return byte;
    state.at++;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function unexpected(state: State): FormatError {
  return new FormatError('malformed', `This is not JSON (at byte ${state.at}).`);
}
