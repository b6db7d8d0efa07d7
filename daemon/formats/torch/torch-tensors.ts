import { classOf, globalName, isNode, itemsOf, keyText } from '../pickle/pickle-value.ts';
import type { PickleNode, PickleValue } from '../pickle/pickle-value.ts';

/** A tensor as torch pickles it. */
export interface TorchTensor {
  shape: number[];
  /** `float32`, `bfloat16`, `int64` … */
  dtype: string;
  /** Size of its elements in bytes; null when the type is not known. */
  bytes: number | null;
  /** Elements between neighbours, by dimension. */
  stride: number[];
  /** The position of its data: the key of the storage, and the first element in it. */
  storage: { key: string; elements: number; offset: number; itemSize: number | null };
}

const dtypes: Readonly<Record<string, readonly [dtype: string, itemSize: number]>> = {
  FloatStorage: ['float32', 4],
  DoubleStorage: ['float64', 8],
  HalfStorage: ['float16', 2],
  BFloat16Storage: ['bfloat16', 2],
  LongStorage: ['int64', 8],
  IntStorage: ['int32', 4],
  ShortStorage: ['int16', 2],
  CharStorage: ['int8', 1],
  ByteStorage: ['uint8', 1],
  BoolStorage: ['bool', 1],
  ComplexFloatStorage: ['complex64', 8],
  ComplexDoubleStorage: ['complex128', 16],
  QInt8Storage: ['qint8', 1],
  QUInt8Storage: ['quint8', 1],
  QInt32Storage: ['qint32', 4],
};
const elementSizes: Readonly<Record<string, number>> = {
  float64: 8, float32: 4, float16: 2, bfloat16: 2, int64: 8, int32: 4, int16: 2, int8: 1, uint8: 1, bool: 1, uint16: 2,
  uint32: 4, uint64: 8, complex64: 8, complex128: 16, float8_e4m3fn: 1, float8_e5m2: 1, float8_e4m3fnuz: 1, float8_e5m2fnuz: 1,
}; // prettier-ignore

/**
 * Returns the tensor that a value would be rebuilt as; undefined for anything else. Source: torch/_utils.py (`_rebuild_*`) and
 * torch/serialization.py (persistent ids `('storage', type, key, location, elements)`).
 */
export function tensorOf(value: PickleValue | undefined, depth = 0): TorchTensor | undefined {
  if (!isNode(value) || value.kind !== 'object' || depth > 4) return undefined;
  const args = itemsOf(value.args) ?? [];
  switch (globalName(value.callable)) {
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2':
    case 'torch._utils._rebuild_qtensor':
      return build(args, undefined);
    case 'torch._utils._rebuild_tensor_v3':
      return build(args, dtypeName(args[6]));
    case 'torch._utils._rebuild_parameter':
    case 'torch._utils._rebuild_parameter_with_state':
      return tensorOf(args[0], depth + 1);
    case 'torch._tensor._rebuild_from_type_v2':
      return tensorOf({ ...value, callable: args[0] ?? null, args: args[2] ?? null }, depth + 1);
    default:
      return undefined;
  }
}

/** True when a value is a tensor wrapped as a parameter, not a buffer. */
export function isParameter(value: PickleValue): boolean {
  const made = classOf(value);
  return made !== undefined && made.name.startsWith('_rebuild_parameter');
}

/** Returns every storage that an object names, by key, with its size in bytes (null when its type is not known). */
export function storagesIn(root: PickleValue | undefined): Map<string, number | null> {
  const sizes = new Map<string, number | null>();
  const seen = new Set<PickleNode>();
  const waiting: (PickleValue | undefined)[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (!isNode(value) || seen.has(value)) continue;
    seen.add(value);
    if (value.kind === 'persistent') noteStorage(sizes, itemsOf(value.id) ?? []);
    else for (const inner of innerValues(value)) waiting.push(inner);
  }
  return sizes;
}

function noteStorage(sizes: Map<string, number | null>, [word, type, key, , elements]: readonly PickleValue[]): void {
  if (word !== 'storage' || key === undefined) return;
  const name = storageName(type);
  const itemSize = name === 'UntypedStorage' ? 1 : Object.hasOwn(dtypes, name) ? dtypes[name]?.[1] : undefined;
  sizes.set(keyText(key), itemSize === undefined ? null : itemSize * countOf(elements));
}

function innerValues(value: PickleNode): PickleValue[] {
  if (value.kind === 'dict') return value.entries.flat();
  if (value.kind === 'object') {
    return [value.args, value.state ?? null, ...(value.entries?.flat() ?? []), ...(value.items ?? [])];
  }
  return itemsOf(value) ?? [];
}

function build(args: PickleValue[], named: string | undefined): TorchTensor | undefined {
  const [storage, offset, size, strides] = args;
  const shape = itemsOf(size)?.map(Number);
  const id = isNode(storage) && storage.kind === 'persistent' ? itemsOf(storage.id) : undefined;
  if (shape === undefined || id === undefined || !shape.every(isCount)) return undefined;
  const [, type, key, , elements] = id;
  const known = Object.hasOwn(dtypes, storageName(type)) ? dtypes[storageName(type)] : undefined;
  const dtype = named ?? known?.[0] ?? 'unknown';
  const itemSize = (Object.hasOwn(elementSizes, dtype) ? elementSizes[dtype] : undefined) ?? known?.[1] ?? null;
  const count = shape.reduce((product, length) => product * length, 1);
  if (!Number.isSafeInteger(count)) return undefined;
  return {
    shape,
    dtype,
    stride: itemsOf(strides)?.map(Number) ?? [],
    bytes: itemSize === null ? null : count * itemSize,
    storage: { key: keyText(key), elements: countOf(elements), offset: countOf(offset), itemSize },
  };
}

function storageName(type: PickleValue | undefined): string {
  return isNode(type) && type.kind === 'global' ? type.name : '';
}

function dtypeName(value: PickleValue | undefined): string | undefined {
  return isNode(value) && value.kind === 'global' && value.module === 'torch' ? value.name : undefined;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function countOf(value: PickleValue | undefined): number {
  return typeof value === 'number' && isCount(value) ? value : 0;
}
