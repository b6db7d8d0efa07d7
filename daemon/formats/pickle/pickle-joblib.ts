import type { Cursor } from '../cursor.ts';
import { FormatError } from '../source.ts';
import { entry, globalName, isNode, itemsOf } from './pickle-value.ts';
import type { PickleNode, PickleValue } from './pickle-value.ts';

/** An array that joblib wrote into the opcode stream after its wrapper. */
export interface InlineArray {
  shape: number[];
  dtype: string;
  /** Bytes of an element. */
  itemSize: number;
  /** True when its elements are Python objects. Then a pickle of its own follows instead of raw bytes. */
  holdsObjects: boolean;
  /** True when the data is preceded by a byte with the length of the padding, and the padding (joblib 1.2 on). */
  padded: boolean;
}

/**
 * Returns the array that follows a value just built; undefined when the value is not a wrapper. Source: joblib/numpy_pickle.py,
 * NumpyArrayWrapper.
 */
export function inlineArray(value: PickleValue): InlineArray | undefined {
  if (!isNode(value) || value.kind !== 'object') return undefined;
  if (globalName(value.callable) !== 'joblib.numpy_pickle.NumpyArrayWrapper') return undefined;
  const shape = itemsOf(entry(value.state, 'shape'));
  const type = dtypeOf(entry(value.state, 'dtype'));
  if (shape === undefined || type === undefined) {
    throw new FormatError('unsupported', 'An array inside of the joblib stream is not described.');
  }
  const alignment = entry(value.state, 'numpy_array_alignment_bytes') ?? null;
  return { ...type, shape: shape.map(sizeOf), padded: alignment !== null };
}

/** Skips the raw bytes of an array and returns a node that says where they are. */
export function skipArray(cursor: Cursor, array: InlineArray): PickleNode {
  if (array.padded) cursor.skip(cursor.byte());
  const bytes = array.shape.reduce((product, size) => product * size, array.itemSize);
  if (!Number.isSafeInteger(bytes)) throw new FormatError('malformed', 'An array is larger than any file.');
  const { offset } = cursor;
  cursor.skip(bytes);
  return { kind: 'array', shape: array.shape, dtype: array.dtype, offset, bytes, items: undefined };
}

/** Reads a pickled numpy.dtype: called with its code (`f8`), state (3, byte order, subtype, names, fields, size, alignment, flags). */
export function dtypeOf(
  value: PickleValue | undefined,
): { dtype: string; itemSize: number; holdsObjects: boolean } | undefined {
  if (!isNode(value) || value.kind !== 'object') return undefined;
  const code = itemsOf(value.args)?.[0];
  if (typeof code !== 'string') return undefined;
  const state = itemsOf(value.state) ?? [];
  const flags = typeof state[7] === 'number' ? state[7] : 0;
  const recorded = typeof state[5] === 'number' && state[5] > 0 ? state[5] : undefined;
  const digits = Number(/\d+$/.exec(code)?.[0] ?? (code.startsWith('b') || code === '?' ? 1 : NaN));
  const itemSize = recorded ?? digits * (code.startsWith('U') ? 4 : 1);
  if (!Number.isSafeInteger(itemSize)) return undefined;
  return { dtype: code, itemSize, holdsObjects: code.startsWith('O') || (flags & 1) === 1 };
}

function sizeOf(value: PickleValue): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new FormatError('malformed', 'An array has a size that is no count.');
}
