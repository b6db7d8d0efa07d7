import { isObject } from '../../protocol/json.ts';
import { FormatError } from '../source.ts';
import type { Source } from '../source.ts';

export interface SafetensorsTensor {
  name: string;
  /** Lower case, with the format's names: `f32`, `bf16`, `i64`, `f8_e4m3` … */
  dtype: string;
  shape: number[];
  bytes: number;
}

export interface Safetensors {
  /** In file order. */
  tensors: SafetensorsTensor[];
  /** The header's `__metadata__`, texts only. */
  metadata: Map<string, string>;
}

const maxHeaderBytes = 25_000_000;
const maxDimensions = 32;
const bitsPerElement: Readonly<Record<string, number>> = {
  BOOL: 8, F4: 4, F6_E2M3: 6, F6_E3M2: 6, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8,
  I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32, I64: 64, U64: 64, F64: 64, C64: 64,
}; // prettier-ignore

/**
 * Reads the header of a safetensors file whose data is complete: 8 + header + data is exactly the size of the file, and the bytes
 * of every tensor follow from its shape and type. Source: huggingface/safetensors, README "Format" (header ≤ 100 MB there, ≤ 25
 * MB here). Throws FormatError, `truncated` while header or data are not complete.
 */
export function readSafetensors(source: Source): Safetensors {
  const { tensors, metadata } = placeSafetensors(source);
  return { tensors: tensors.map(({ name, dtype, shape, bytes }) => ({ name, dtype, shape, bytes })), metadata };
}

/** Reads the same, with the offset in the file of each tensor's data. Throws as `readSafetensors`. */
export function placeSafetensors(source: Source): {
  tensors: (SafetensorsTensor & { offset: number })[];
  metadata: Map<string, string>;
} {
  const prefix = source.read(0, 8);
  if (prefix.length < 8) throw new FormatError('truncated', 'The safetensors file has no header yet.');
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  if (length > 100_000_000 || length < 2) throw new FormatError('malformed', 'This is not a safetensors file.');
  const first = source.read(8, 1)[0];
  if (first !== undefined && first !== 0x7b) throw new FormatError('malformed', 'This is not a safetensors file.');
  if (8 + length > source.size) throw new FormatError('truncated', 'The safetensors header is cut.');
  if (length > maxHeaderBytes) throw new FormatError('unsupported', 'The safetensors header is too large to read.');
  const header = parseHeader(source.read(8, length));
  const tensors = Object.keys(header)
    .filter((name) => name !== '__metadata__')
    .map((name) => readTensor(name, header[name]));
  checkData(tensors, source.size - 8 - length);
  return {
    tensors: tensors.map(({ name, dtype, shape, begin, end }) => ({
      name,
      dtype,
      shape,
      bytes: end - begin,
      offset: 8 + length + begin,
    })),
    metadata: readMetadata(header['__metadata__']),
  };
}

interface Placed {
  name: string;
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isObject(parsed)) return parsed;
  } catch {
    throw new FormatError('malformed', 'The safetensors header is not JSON.');
  }
  throw new FormatError('malformed', 'The safetensors header is not an object.');
}

function readTensor(name: string, value: unknown): Placed {
  if (!isObject(value)) throw badTensor(name);
  const { dtype, shape, data_offsets: offsets } = value as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (typeof dtype !== 'string' || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2)
    throw badTensor(name);
  const [begin, end] = offsets as [number, number];
  const bits = Object.hasOwn(bitsPerElement, dtype) ? bitsPerElement[dtype] : undefined;
  const size = shape.reduce((product, count) => product * count, 1);
  if (end < begin || !Number.isSafeInteger(size)) throw badTensor(name);
  if (bits !== undefined && Math.ceil((size * bits) / 8) !== end - begin) throw badTensor(name);
  return { name, dtype: dtype.toLowerCase(), shape, begin, end };
}

/** Throws unless the tensors fill the data without a gap or an overlap. */
function checkData(tensors: readonly Placed[], available: number): void {
  let end = 0;
  for (const tensor of tensors.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (tensor.begin !== end) throw badTensor(tensor.name);
    end = tensor.end;
  }
  if (end > available) throw new FormatError('truncated', `${available} of ${end} bytes of tensor data are there.`);
  if (end < available) throw new FormatError('malformed', 'The safetensors file is longer than its tensors.');
}

function readMetadata(value: unknown): Map<string, string> {
  const pairs = isObject(value) ? Object.entries(value) : [];
  return new Map(pairs.flatMap(([key, text]): [string, string][] => (typeof text === 'string' ? [[key, text]] : [])));
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= maxDimensions && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function badTensor(name: string): FormatError {
  return new FormatError('malformed', `The tensor ${name.slice(0, 100)} is described wrongly.`);
}
