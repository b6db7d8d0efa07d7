import type { Json } from '../../protocol/json.ts';
import { Cursor } from '../cursor.ts';
import { ggmlType } from './ggml-types.ts';
import { ggufReading, readText, readUint32, readUint64, readValue, type GgufReading } from './gguf-values.ts';
import { FormatError, type Source } from '../source.ts';

export interface GgufTensor {
  name: string;
  /** In the file's order: the dimension that varies fastest comes first, so a matrix of 64 rows of 16 is `[16, 64]`. */
  shape: number[];
  /** Lower case: `f16`, `q4_k` …; `type 99` for an unknown type. */
  dtype: string;
  /** Null when the type is not known. */
  bytes: number | null;
}

export interface Gguf {
  version: number;
  /** Keys and values in file order; long texts and arrays are cut. */
  values: Map<string, Json>;
  /** In file order. */
  tensors: GgufTensor[];
}

const maxKeys = 20_000;
const maxTensors = 200_000;
const maxRank = 8;
const maxAlignment = 1 << 20;

interface Placed extends GgufTensor {
  offset: number;
}

/**
 * Reads the header of a GGUF file (versions 2 and 3, either byte order) whose tensors are complete: the data begins at the
 * header's end rounded up to `general.alignment` (32 by default) and contains the last tensor's last byte. Source: ggml,
 * docs/gguf.md. Throws FormatError, `truncated` while header or data are not complete.
 */
export function readGguf(source: Source): Gguf {
  const { version, values, tensors } = placeGguf(source);
  return { version, values, tensors: tensors.map(({ name, shape, dtype, bytes }) => ({ name, shape, dtype, bytes })) };
}

/** Reads the same, with the offset in the file of each tensor's data. Throws as `readGguf`. */
export function placeGguf(source: Source): Omit<Gguf, 'tensors'> & { tensors: Placed[]; littleEndian: boolean } {
  const { reading, version, tensorCount, keyCount } = beginGguf(source);
  const { littleEndian } = reading;
  const values = readValues(reading, keyCount);
  const alignment = alignmentOf(values);
  const tensors = Array.from({ length: tensorCount }, () => readTensor(reading, alignment));
  const start = Math.ceil(reading.cursor.offset / alignment) * alignment;
  checkData(tensors, start, source.size);
  return {
    version,
    values,
    littleEndian,
    tensors: tensors.map((tensor) => ({ ...tensor, offset: start + tensor.offset })),
  };
}

/** Reads the keys and values alone, of a file of any length. Throws FormatError. */
export function readGgufValues(source: Source): Map<string, Json> {
  const { reading, keyCount } = beginGguf(source);
  return readValues(reading, keyCount);
}

/** Reads the beginning of a GGUF file, up to its first key. Throws FormatError. */
export function beginGguf(source: Source): {
  reading: GgufReading;
  version: number;
  tensorCount: number;
  keyCount: number;
} {
  const head = source.read(0, 8);
  const magic = Buffer.from(head.subarray(0, 4)).toString('latin1');
  if (!'GGUF'.startsWith(magic)) throw new FormatError('malformed', 'This is not a GGUF file.');
  if (head.length < 8) throw new FormatError('truncated', 'The GGUF file has no header yet.');
  const view = new DataView(head.buffer, head.byteOffset, 8);
  const littleEndian = view.getUint16(4, true) !== 0;
  const version = view.getUint32(4, littleEndian);
  if (version !== 2 && version !== 3) throw new FormatError('unsupported', `Version ${version} of GGUF is not known.`);
  const reading = ggufReading(new Cursor(source, 8), littleEndian);
  const tensorCount = readUint64(reading);
  const keyCount = readUint64(reading);
  if (tensorCount > maxTensors || keyCount > maxKeys) {
    throw new FormatError('malformed', 'The GGUF header claims more tensors or keys than any model has.');
  }
  return { reading, version, tensorCount, keyCount };
}

function readValues(reading: GgufReading, count: number): Map<string, Json> {
  const values = new Map<string, Json>();
  for (let at = 0; at < count; at += 1) {
    const key = readText(reading);
    values.set(key, readValue(reading, readUint32(reading)));
  }
  return values;
}

function alignmentOf(values: ReadonlyMap<string, Json>): number {
  const alignment = values.get('general.alignment') ?? 32;
  const isPower = typeof alignment === 'number' && Number.isInteger(Math.log2(alignment));
  if (isPower && alignment >= 1 && alignment <= maxAlignment) return alignment;
  throw new FormatError('malformed', 'The alignment of the GGUF file is no power of two.');
}

function readTensor(reading: GgufReading, alignment: number): Placed {
  const name = readText(reading).slice(0, 500);
  const rank = readUint32(reading);
  if (rank > maxRank) throw new FormatError('malformed', `A tensor has ${rank} dimensions.`);
  const shape = Array.from({ length: rank }, () => readUint64(reading));
  const type = readUint32(reading);
  const offset = readUint64(reading);
  const elements = shape.reduce((product, side) => product * side, 1);
  const { dtype, bytes } = ggmlType(type, elements);
  if (!Number.isSafeInteger(elements) || !Number.isSafeInteger(offset + (bytes ?? 0)) || offset % alignment !== 0) {
    throw new FormatError('malformed', `The tensor ${name.slice(0, 100)} is described wrongly.`);
  }
  return { name, shape, dtype, bytes, offset };
}

function checkData(tensors: readonly Placed[], start: number, size: number): void {
  if (tensors.length === 0) return;
  const end = tensors.reduce((last, { offset, bytes }) => Math.max(last, offset + (bytes ?? 1)), 0);
  if (start + end > size) throw new FormatError('truncated', `${size} of ${start + end} bytes are there.`);
}
