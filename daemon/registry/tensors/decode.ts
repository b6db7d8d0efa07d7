import type { Encoding } from '../../formats/tensors/tensor-places.ts';
import { fromSmallFloats, isSmallFloat } from './small-floats.ts';

/** Size of one element in bytes. */
export const itemSizes: Readonly<Record<Encoding, number>> = {
  f64: 8, i64: 8, u64: 8, f32: 4, i32: 4, u32: 4, f16: 2, bf16: 2, i16: 2, u16: 2, i8: 1, u8: 1,
  f8_e4m3: 1, f8_e5m2: 1, f8_e4m3fnuz: 1, f8_e5m2fnuz: 1, f8_e8m0: 1,
}; // prettier-ignore

export type Numbers = Float32Array | Float64Array;

/** Types that fit into a Float32Array without loss; the others become a Float64Array. */
const singles = new Set<Encoding>(['f32', 'f16', 'bf16', 'i16', 'u16', 'i8', 'u8']);

/**
 * Decodes `count` elements at the start of `bytes`, which must begin an ArrayBuffer. 64-bit integers beyond 2^53 are rounded. The
 * result may be a view on `bytes`.
 */
export function decode(bytes: Uint8Array, encoding: Encoding, count: number): Numbers {
  const { buffer } = bytes;
  if (isSmallFloat(encoding)) return fromSmallFloats(new Uint8Array(buffer, 0, count), encoding);
  switch (encoding) {
    case 'f32':
      return new Float32Array(buffer, 0, count);
    case 'f64':
      return new Float64Array(buffer, 0, count);
    case 'bf16':
      return fromBfloat(new Uint16Array(buffer, 0, count));
    case 'f16':
      return fromHalf(new Uint16Array(buffer, 0, count));
    case 'i64':
    case 'u64':
      return fromWide(new Uint32Array(buffer, 0, 2 * count), encoding === 'i64');
    default: {
      const view = integers(buffer, encoding, count);
      return singles.has(encoding) ? Float32Array.from(view) : Float64Array.from(view);
    }
  }
}

function integers(buffer: ArrayBufferLike, encoding: Encoding, count: number): ArrayLike<number> {
  switch (encoding) {
    case 'i32':
      return new Int32Array(buffer, 0, count);
    case 'u32':
      return new Uint32Array(buffer, 0, count);
    case 'i16':
      return new Int16Array(buffer, 0, count);
    case 'u16':
      return new Uint16Array(buffer, 0, count);
    case 'i8':
      return new Int8Array(buffer, 0, count);
    default:
      return new Uint8Array(buffer, 0, count);
  }
}

/** Converts bfloat16, the upper half of a float32. */
function fromBfloat(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let index = 0; index < halves.length; index += 1) bits[index] = (halves[index] as number) << 16;
  return new Float32Array(bits.buffer);
}

let halfTable: Float32Array | undefined;

function fromHalf(halves: Uint16Array): Float32Array {
  const table = (halfTable ??= Float32Array.from({ length: 65_536 }, (_, bits) => halfOf(bits)));
  const numbers = new Float32Array(halves.length);
  for (let index = 0; index < halves.length; index += 1) numbers[index] = table[halves[index] as number] as number;
  return numbers;
}

/** Converts IEEE 754 binary16. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function fromWide(words: Uint32Array, isSigned: boolean): Float64Array {
  const numbers = new Float64Array(words.length / 2);
  for (let index = 0; index < numbers.length; index += 1) {
    const high = words[2 * index + 1] as number;
    numbers[index] = (isSigned ? high | 0 : high) * 2 ** 32 + (words[2 * index] as number);
  }
  return numbers;
}

/** Sums of squares of b − a and of a. Elements that are not finite on either side are counted and left out. */
export interface Sums {
  change: number;
  base: number;
  nonFinite: number;
}

export function sumsOf(a: Numbers, b: Numbers): Sums {
  let [change0, change1, base0, base1] = [0, 0, 0, 0];
  const pairs = a.length & ~1;
  for (let index = 0; index < pairs; index += 2) {
    const x0 = a[index] as number;
    const x1 = a[index + 1] as number;
    const d0 = (b[index] as number) - x0;
    const d1 = (b[index + 1] as number) - x1;
    change0 += d0 * d0;
    change1 += d1 * d1;
    base0 += x0 * x0;
    base1 += x1 * x1;
  }
  if (pairs < a.length) {
    const last = a[pairs] as number;
    change0 += ((b[pairs] as number) - last) ** 2;
    base0 += last * last;
  }
  const sums = { change: change0 + change1, base: base0 + base1, nonFinite: 0 };
  return Number.isFinite(sums.change) && Number.isFinite(sums.base) ? sums : finiteSums(a, b);
}

function finiteSums(a: Numbers, b: Numbers): Sums {
  const sums = { change: 0, base: 0, nonFinite: 0 };
  for (let index = 0; index < a.length; index += 1) {
    const [x, y] = [a[index] as number, b[index] as number];
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      sums.nonFinite += 1;
      continue;
    }
    sums.change += (y - x) ** 2;
    sums.base += x * x;
  }
  return sums;
}
