import { walkMessage } from '../containers/protobuf.ts';
import { FormatError } from '../source.ts';
import type { ByteWindow } from '../window.ts';

const maxRank = 64;

/** TensorProto.DataType by number. */
const dtypes = [
  'undefined',
  'float',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'double',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
] as const;

/** Fields of TensorProto that hold data. */
const dataFields = new Set([4, 5, 6, 7, 9, 10, 11]);

export interface OnnxTensor {
  name: string;
  shape: number[];
  dtype: string;
  /** Of the stored data; null when the data is in another file whose length is not recorded. */
  bytes: number | null;
  /** The file that holds the data when the model does not: its path relative to the model, and the offset after the data. */
  external: { location: string; end: number } | undefined;
  /** The offset of `raw_data` in the model; undefined when the data is stored in another field. */
  rawOffset: number | undefined;
}

export interface OnnxValue {
  name: string;
  dtype: string;
  /** A string names a dynamic dimension; `?` is one without a name. */
  shape: (number | string)[];
}

/** Reads a TensorProto in `[start, end)`, without its data. Throws FormatError. */
export function readTensor(bytes: ByteWindow, start: number, end: number): OnnxTensor {
  const tensor: OnnxTensor = {
    name: '',
    shape: [],
    dtype: 'undefined',
    bytes: 0,
    external: undefined,
    rawOffset: undefined,
  };
  const externalData = new Map<string, string>();
  let stored = 0;
  walkMessage(bytes, start, end, (field, wire, from, to) => {
    if (field === 1) addDims(bytes, wire, from, to, tensor.shape);
    else if (field === 2 && wire === 0) tensor.dtype = dtypeOf(from);
    else if (field === 8 && wire === 2) tensor.name = bytes.text(from, to - from);
    else if (field === 13 && wire === 2) readExternalData(bytes, from, to, externalData);
    else if (dataFields.has(field) && wire === 2) {
      stored += to - from;
      if (field === 9) tensor.rawOffset = from;
    }
  });
  tensor.bytes = stored;
  const location = externalData.get('location');
  if (location === undefined) return tensor;
  const length = byteCount(externalData.get('length'));
  tensor.bytes = length ?? null;
  tensor.external = { location, end: (byteCount(externalData.get('offset')) ?? 0) + (length ?? 0) };
  return tensor;
}

/** Adds dimensions, which come one by one or packed. */
function addDims(bytes: ByteWindow, wire: number, from: number, to: number, shape: number[]): void {
  if (wire === 0) return addDim(shape, from);
  if (wire !== 2) return;
  let value = 0;
  let scale = 1;
  for (let at = from; at < to; at++) {
    const byte = bytes.byte(at);
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    addDim(shape, value);
    value = 0;
    scale = 1;
  }
}

function addDim(shape: number[], size: number): void {
  if (shape.length >= maxRank) throw new FormatError('malformed', `A tensor has more than ${maxRank} dimensions.`);
  if (!(size >= 0)) throw new FormatError('malformed', `A tensor has a dimension of ${size}.`);
  shape.push(size);
}

function readExternalData(bytes: ByteWindow, start: number, end: number, externalData: Map<string, string>): void {
  let key = '';
  let value = '';
  walkMessage(bytes, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2) key = bytes.text(from, to - from);
    else if (field === 2 && wire === 2) value = bytes.text(from, to - from);
  });
  if (externalData.size < 16) externalData.set(key, value);
}

function byteCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function dtypeOf(type: number): string {
  return dtypes[type] ?? `type ${type}`;
}

/** Reads a ValueInfoProto in `[start, end)`. Sequences, maps and optionals become `sequence`, `map` and `optional` without a shape. */
export function readValueInfo(bytes: ByteWindow, start: number, end: number): OnnxValue {
  const value: OnnxValue = { name: '', dtype: 'undefined', shape: [] };
  walkMessage(bytes, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2) value.name = bytes.text(from, to - from);
    else if (field === 2 && wire === 2) readType(bytes, from, to, value);
  });
  return value;
}

function readType(bytes: ByteWindow, start: number, end: number, into: OnnxValue): void {
  const kinds: Readonly<Record<number, string>> = { 4: 'sequence', 5: 'map', 9: 'optional' };
  walkMessage(bytes, start, end, (field, wire, from, to) => {
    if (wire !== 2) return;
    if (field === 1 || field === 8) readTensorType(bytes, from, to, into);
    else into.dtype = kinds[field] ?? into.dtype;
  });
}

function readTensorType(bytes: ByteWindow, start: number, end: number, into: OnnxValue): void {
  walkMessage(bytes, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 0) into.dtype = dtypeOf(from);
    else if (field === 2 && wire === 2) {
      walkMessage(bytes, from, to, (inner, innerWire, innerFrom, innerTo) => {
        if (inner === 1 && innerWire === 2) into.shape.push(readDimension(bytes, innerFrom, innerTo));
        if (into.shape.length > maxRank) throw new FormatError('malformed', 'A value has too many dimensions.');
      });
    }
  });
}

function readDimension(bytes: ByteWindow, start: number, end: number): number | string {
  let size: number | string = '?';
  walkMessage(bytes, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 0) size = from;
    else if (field === 2 && wire === 2) size = bytes.text(from, to - from);
  });
  return size;
}
