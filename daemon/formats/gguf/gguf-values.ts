import type { Json } from '../../protocol/json.ts';
import type { Cursor } from '../cursor.ts';
import { FormatError } from '../source.ts';

const maxText = 1 << 20;
const keptText = 16 * 1024;
const keptItems = 32;
const maxNesting = 4;
const maxItems = 4_000_000;
const maxHeader = 256 * 1024 * 1024;
const stringType = 8;
const arrayType = 9;

/** Bytes of a value, by the number of its type: u8 i8 u16 i16 u32 i32 f32 bool, (string, array), u64 i64 f64. */
const typeBytes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

/** The state of reading a GGUF header: its position, byte order, and the number of items that may still come. */
export interface GgufReading {
  cursor: Cursor;
  littleEndian: boolean;
  itemsLeft: number;
}

export function ggufReading(cursor: Cursor, littleEndian: boolean): GgufReading {
  return { cursor, littleEndian, itemsLeft: maxItems };
}

export function readUint32(reading: GgufReading): number {
  return reading.cursor.view(4).getUint32(0, reading.littleEndian);
}

/** Reads a count, size or offset. Throws FormatError `malformed` past 2^53. */
export function readUint64(reading: GgufReading): number {
  const value = Number(reading.cursor.view(8).getBigUint64(0, reading.littleEndian));
  if (!Number.isSafeInteger(value)) throw new FormatError('malformed', 'A number in the GGUF header is too large.');
  return value;
}

/** Reads a text of at most 1 MiB and returns its first 16 KiB. */
export function readText(reading: GgufReading): string {
  const length = readUint64(reading);
  const { cursor } = reading;
  if (length > maxText) throw new FormatError('malformed', 'A text in the GGUF header is longer than 1 MiB.');
  if (cursor.offset > maxHeader) throw new FormatError('unsupported', 'The GGUF header is too large to read.');
  const text = new TextDecoder().decode(cursor.take(Math.min(length, keptText)));
  cursor.skip(Math.max(0, length - keptText));
  return text;
}

/** Skips a text. Its limits are those of `readText`. */
function skipText(reading: GgufReading): void {
  const { cursor, littleEndian } = reading;
  const view = cursor.view(8);
  const [low, high] = [
    view.getUint32(littleEndian ? 0 : 4, littleEndian),
    view.getUint32(littleEndian ? 4 : 0, littleEndian),
  ];
  if (high > 0 || low > maxText) throw new FormatError('malformed', 'A text in the GGUF header is longer than 1 MiB.');
  if (cursor.offset > maxHeader) throw new FormatError('unsupported', 'The GGUF header is too large to read.');
  cursor.skip(low);
}

/** Calls `act` with the items of an array of texts that are wanted, by their numbers. Skips an array of anything else. */
export function readTexts(
  reading: GgufReading,
  isWanted: (at: number) => boolean,
  act: (at: number, text: string) => void,
): void {
  const type = readUint32(reading);
  const count = readUint64(reading);
  if (type !== stringType || count > reading.itemsLeft)
    throw new FormatError('malformed', 'The tokens of the GGUF header are no texts.');
  reading.itemsLeft -= count;
  for (let at = 0; at < count; at += 1) {
    if (isWanted(at)) act(at, readText(reading));
    else skipText(reading);
  }
}

/** Reads a value of the given type. Of an array, returns the first 32 items, and the text `… of 32000` when there are more. */
export function readValue(reading: GgufReading, type: number, depth = 0): Json {
  if (type === stringType) return readText(reading);
  if (type === arrayType) return readArray(reading, depth);
  return readNumber(reading, type);
}

function readArray(reading: GgufReading, depth: number): Json {
  if (depth >= maxNesting) throw new FormatError('malformed', 'Arrays in the GGUF header are nested too deeply.');
  const type = readUint32(reading);
  const count = readUint64(reading);
  const kept: Json[] = [];
  const inOne = type === stringType || type === arrayType ? count : Math.min(count, keptItems);
  if (inOne > reading.itemsLeft) throw new FormatError('unsupported', 'The GGUF header has too many items.');
  reading.itemsLeft -= inOne;
  for (let at = 0; at < inOne; at += 1) {
    if (kept.length < keptItems) kept.push(readValue(reading, type, depth + 1));
    else if (type === stringType) skipText(reading);
    else readValue(reading, type, depth + 1);
  }
  reading.cursor.skip((count - inOne) * (typeBytes[type] ?? 0));
  return count > keptItems ? [...kept, `… of ${count}`] : kept;
}

function readNumber({ cursor, littleEndian }: GgufReading, type: number): Json {
  const bytes = typeBytes[type] ?? 0;
  if (bytes === 0) throw new FormatError('malformed', `There is no GGUF value type ${type}.`);
  const view = cursor.view(bytes);
  if (type === 0) return view.getUint8(0);
  if (type === 1) return view.getInt8(0);
  if (type === 2) return view.getUint16(0, littleEndian);
  if (type === 3) return view.getInt16(0, littleEndian);
  if (type === 4) return view.getUint32(0, littleEndian);
  if (type === 5) return view.getInt32(0, littleEndian);
  if (type === 6) return finite(Number(view.getFloat32(0, littleEndian).toPrecision(7)));
  if (type === 7) return view.getUint8(0) !== 0;
  if (type === 10) return Number(view.getBigUint64(0, littleEndian));
  if (type === 11) return Number(view.getBigInt64(0, littleEndian));
  return finite(view.getFloat64(0, littleEndian));
}

function finite(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}
