import { placeGguf } from '../gguf/gguf.ts';
import { readHdf5Tensors } from '../hdf5/hdf5-tensors.ts';
import { readNpy, readNpz, type NpyArray } from './npy.ts';
import { readOnnx } from '../onnx/onnx.ts';
import { placeSafetensors } from './safetensors.ts';
import { slice } from '../slice.ts';
import { FormatError, type Source } from '../source.ts';
import { beginsLikeLegacyTorch } from '../torch/torch.ts';
import { placeTorch } from '../torch/torch-places.ts';
import { beginsLikeZip, dataOffset, readZip, type ZipEntry } from '../containers/zip.ts';

/** The encoding of each element; elements follow one another. */
export type Encoding =
  | 'f64' | 'f32' | 'f16' | 'bf16' | 'i64' | 'u64' | 'i32' | 'u32' | 'i16' | 'u16' | 'i8' | 'u8'
  | 'f8_e4m3' | 'f8_e5m2' | 'f8_e4m3fnuz' | 'f8_e5m2fnuz' | 'f8_e8m0'; // prettier-ignore

/** The position of a tensor's elements in a file. */
export interface TensorData {
  encoding: Encoding;
  file: string;
  /** Offset of the first element in bytes: in the file, or in the uncompressed data. */
  offset: number;
  bytes: number;
  /** True when the elements are big-endian. */
  swapped: boolean;
  /** The raw deflate stream (RFC 1951) in the file that contains the elements; null when they are not compressed. */
  packed: { at: number; bytes: number } | null;
}

/** A tensor and the position of its data. */
export interface TensorPlace {
  name: string;
  shape: number[];
  /** The format's name for it, lower case. */
  dtype: string;
  /** Null when the data cannot be read as numbers from one place. */
  data: TensorData | null;
  /** One sentence that says why data is null; empty when it is not. */
  why: string;
  /**
   * Distinguishes orders of elements that have the same shape: empty when the last axis varies fastest, `fortran` when the first
   * does, else the strides in elements. Only tensors of one layout can be compared by data.
   */
  layout: string;
}

const encodings: Readonly<Record<string, readonly [Encoding, number]>> = {
  f64: ['f64', 8], float64: ['f64', 8], double: ['f64', 8], f32: ['f32', 4], float32: ['f32', 4], float: ['f32', 4], f16: ['f16', 2],
  float16: ['f16', 2], bf16: ['bf16', 2], bfloat16: ['bf16', 2], i64: ['i64', 8], int64: ['i64', 8], u64: ['u64', 8], uint64: ['u64', 8],
  i32: ['i32', 4], int32: ['i32', 4], u32: ['u32', 4], uint32: ['u32', 4], i16: ['i16', 2], int16: ['i16', 2], u16: ['u16', 2],
  uint16: ['u16', 2], i8: ['i8', 1], int8: ['i8', 1], u8: ['u8', 1], uint8: ['u8', 1], bool: ['u8', 1],
  f8_e4m3: ['f8_e4m3', 1], float8_e4m3fn: ['f8_e4m3', 1], float8e4m3fn: ['f8_e4m3', 1], f8_e5m2: ['f8_e5m2', 1], float8_e5m2: ['f8_e5m2', 1],
  float8e5m2: ['f8_e5m2', 1], f8_e4m3fnuz: ['f8_e4m3fnuz', 1], float8_e4m3fnuz: ['f8_e4m3fnuz', 1], float8e4m3fnuz: ['f8_e4m3fnuz', 1],
  f8_e5m2fnuz: ['f8_e5m2fnuz', 1], float8_e5m2fnuz: ['f8_e5m2fnuz', 1], float8e5m2fnuz: ['f8_e5m2fnuz', 1], f8_e8m0: ['f8_e8m0', 1],
  float8_e8m0fnu: ['f8_e8m0', 1],
}; // prettier-ignore
/** Types of GGUF whose elements share scales in blocks. */
const quantised = /^(i?q\d|tq\d|mxfp)/;

/**
 * Finds the tensors of one file of any format, which it recognizes by its first bytes (only ONNX has none and is recognized by
 * its extension): safetensors, torch's zip and older form, `.npy`, `.npz`, ONNX, GGUF, Keras, HDF5. `file` is its path within its
 * version; external data of ONNX names its file relative to that. Throws FormatError.
 */
export function placeTensors(file: string, source: Source): TensorPlace[] {
  const head = Buffer.from(source.read(0, 9)).toString('latin1');
  if (head.startsWith('GGUF')) return placedGguf(file, source);
  if (head.startsWith('\u0093NUMPY')) return [placedArray(file, readNpy(source), 0)];
  if (head.startsWith('\u0089HDF')) return placedHdf5(file, source, 0);
  if (beginsLikeZip(source)) return placedZip(file, source);
  if (head[8] === '{') return placeSafetensors(source).tensors.map((tensor) => placeRaw(file, tensor));
  if (/\.onnx$/i.test(file)) return placedOnnx(file, source);
  if (beginsLikeLegacyTorch(source)) return placeTorch(source).map((tensor) => placeRaw(file, tensor));
  throw new FormatError('unsupported', 'Tensors of this format cannot be read.');
}

interface Raw {
  name: string;
  shape: number[];
  dtype: string;
  /** Undefined when the data is not in one place. */
  offset: number | undefined;
  layout?: string;
  littleEndian?: boolean;
  packed?: TensorData['packed'];
}

function placeRaw(file: string, raw: Raw): TensorPlace {
  const { name, shape, dtype, offset, layout = '', littleEndian = true, packed = null } = raw;
  const known = Object.hasOwn(encodings, dtype) ? encodings[dtype] : undefined;
  const elements = shape.reduce((product, size) => product * size, 1);
  if (offset === undefined) return { name, shape, dtype, layout, data: null, why: 'Its data is not in one place.' };
  if (known === undefined) return { name, shape, dtype, layout, data: null, why: whyNotRead(dtype) };
  const [encoding, itemSize] = known;
  const data = { encoding, file, offset, bytes: elements * itemSize, swapped: !littleEndian && itemSize > 1, packed };
  return { name, shape, dtype, layout, why: '', data };
}

function whyNotRead(dtype: string): string {
  if (quantised.test(dtype)) return `Its data is quantised (${dtype}) and is not decoded.`;
  return `Data of type ${dtype} is not read.`;
}

function placedGguf(file: string, source: Source): TensorPlace[] {
  const { tensors, littleEndian } = placeGguf(source);
  return tensors.map((tensor) => {
    const layout = tensor.shape.length > 1 ? 'fortran' : '';
    return placeRaw(file, { ...tensor, littleEndian, layout });
  });
}

function placedArray(file: string, array: NpyArray, start: number, packed: TensorData['packed'] = null): TensorPlace {
  const { littleEndian, fortran } = array.layout;
  const layout = fortran && array.shape.length > 1 ? 'fortran' : '';
  const { name, shape, dtype, dataOffset: offset } = array;
  return placeRaw(file, { name: name || 'array', shape, dtype, offset: start + offset, layout, littleEndian, packed });
}

function placedZip(file: string, source: Source): TensorPlace[] {
  const entries = readZip(source);
  const weights = entries.find(({ name }) => name === 'model.weights.h5');
  if (weights) return placedWeights(file, source, weights);
  const isNpz = entries.some(({ name }) => name.endsWith('.npy'));
  return isNpz ? placedNpz(file, source) : placeTorch(source).map((tensor) => placeRaw(file, tensor));
}

/** Finds the weights of a Keras archive, which stores them uncompressed as an HDF5 file. */
function placedWeights(file: string, source: Source, entry: ZipEntry): TensorPlace[] {
  if (entry.method !== 0) throw new FormatError('unsupported', 'The weights of this archive are compressed.');
  const start = dataOffset(source, entry);
  return placedHdf5(file, slice(source, start, entry.size), start);
}

function placedHdf5(file: string, source: Source, start: number): TensorPlace[] {
  return readHdf5Tensors(source).map((tensor) => {
    const { offset } = tensor;
    return placeRaw(file, { ...tensor, offset: offset === undefined ? undefined : start + offset });
  });
}

function placedNpz(file: string, source: Source): TensorPlace[] {
  return readNpz(source).arrays.map((array) => {
    const at = dataOffset(source, array.entry);
    if (array.entry.method === 0) return placedArray(file, array, at);
    return placedArray(file, array, 0, { at, bytes: array.entry.compressedSize });
  });
}

function placedOnnx(file: string, source: Source): TensorPlace[] {
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : '';
  return readOnnx(source).initializers.map(({ name, shape, dtype, bytes, external, rawOffset }) => {
    if (external === undefined) return placeRaw(file, { name, shape, dtype, offset: rawOffset });
    const offset = bytes === null ? undefined : external.end - bytes;
    return placeRaw(folder + external.location, { name, shape, dtype, offset });
  });
}
