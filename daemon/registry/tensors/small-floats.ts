import type { Encoding } from '../../formats/tensors/tensor-places.ts';

/** Floats of eight bits. Source: OCP 8-bit Floating Point Specification; ml_dtypes for the forms without infinities and negative zero. */
export type SmallFloat = Extract<Encoding, `f8_${string}`>;

interface Form {
  fractionBits: number;
  bias: number;
  /** The value of a byte that is no ordinary number; undefined for the others. */
  special: (byte: number) => number | undefined;
}

const forms: Readonly<Record<Exclude<SmallFloat, 'f8_e8m0'>, Form>> = {
  f8_e4m3: { fractionBits: 3, bias: 7, special: (byte) => ((byte & 127) === 127 ? Number.NaN : undefined) },
  f8_e5m2: { fractionBits: 2, bias: 15, special: infinityOrNan },
  f8_e4m3fnuz: { fractionBits: 3, bias: 8, special: (byte) => (byte === 128 ? Number.NaN : undefined) },
  f8_e5m2fnuz: { fractionBits: 2, bias: 16, special: (byte) => (byte === 128 ? Number.NaN : undefined) },
};

export function isSmallFloat(encoding: Encoding): encoding is SmallFloat {
  return encoding.startsWith('f8_');
}

/** Converts floats of eight bits. */
export function fromSmallFloats(bytes: Uint8Array, encoding: SmallFloat): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, byte) =>
    encoding === 'f8_e8m0' ? powerOf(byte) : floatOf(byte, forms[encoding]),
  );
  const numbers = new Float32Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) numbers[index] = table[bytes[index] as number] as number;
  return numbers;
}

/** Converts a scale, which has only an exponent. */
function powerOf(byte: number): number {
  return byte === 255 ? Number.NaN : 2 ** (byte - 127);
}

function floatOf(byte: number, { fractionBits, bias, special }: Form): number {
  const sign = byte & 128 ? -1 : 1;
  const exponent = (byte & 127) >> fractionBits;
  const fraction = (byte & ((1 << fractionBits) - 1)) / (1 << fractionBits);
  return (
    special(byte) ?? sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
  );
}

function infinityOrNan(byte: number): number | undefined {
  if ((byte & 124) !== 124) return undefined;
  if ((byte & 3) !== 0) return Number.NaN;
  return byte & 128 ? -Infinity : Infinity;
}
