import { walkMessage } from '../containers/protobuf.ts';
import { FormatError } from '../source.ts';
import type { ByteWindow } from '../window.ts';

const maxRank = 64;
const maxBytes = 64 * 1024;

/** tensorflow.DataType by number. Source: tensorflow/core/framework/types.proto. */
const dtypes: readonly (string | undefined)[] = [
  'invalid', 'float32', 'float64', 'int32', 'uint8', 'int16', 'int8', 'string', 'complex64', 'int64', 'bool', 'qint8',
  'quint8', 'qint32', 'bfloat16', 'qint16', 'quint16', 'uint16', 'complex128', 'float16', 'resource', 'variant', 'uint32',
  'uint64', 'float8_e5m2', 'float8_e4m3fn',
]; // prettier-ignore

export function tensorflowType(type: number): string {
  return dtypes[type] ?? `type ${type}`;
}

/** Returns the sizes of a TensorShapeProto in `[start, end)`; `?` for one that is not fixed. Throws FormatError. */
export function readShape(bytes: ByteWindow, start: number, end: number): (number | '?')[] {
  if (end - start > maxBytes) throw new FormatError('malformed', 'The shape of a tensor is too long.');
  const shape: (number | '?')[] = [];
  walkMessage(bytes, start, end, (field, wire, from, to) => {
    if (field !== 2 || wire !== 2) return;
    if (shape.length >= maxRank) throw new FormatError('malformed', `A tensor has more than ${maxRank} dimensions.`);
    let size = 0;
    walkMessage(bytes, from, to, (inner, innerWire, value) => {
      if (inner === 1 && innerWire === 0) size = value;
    });
    shape.push(size < 0 ? '?' : size);
  });
  return shape;
}
