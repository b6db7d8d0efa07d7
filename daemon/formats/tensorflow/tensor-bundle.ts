import { walkMessage } from '../containers/protobuf.ts';
import { FormatError, type Source } from '../source.ts';
import { readSstable } from './sstable.ts';
import { readShape, tensorflowType } from './types.ts';
import { ByteWindow } from '../window.ts';

export interface BundleTensor {
  /** For example `w/0/.ATTRIBUTES/VARIABLE_VALUE`. */
  name: string;
  shape: number[];
  dtype: string;
  /** Bytes of the stored data. */
  bytes: number;
}

export interface TensorBundle {
  /** The first 10,000, in the order of their names. */
  tensors: BundleTensor[];
  total: number;
  /** Data files `.data-00000-of-00001` …, and the number of bytes that each must have. */
  shards: number;
  shardBytes: Map<number, number>;
}

const maxKept = 10_000;
const maxShards = 100_000;

/**
 * Reads the `.index` file of a TensorFlow checkpoint or of a SavedModel's variables: a sorted table of BundleEntryProto. Source:
 * tensorflow/core/protobuf/tensor_bundle.proto. Throws FormatError, `truncated` when it does not end yet.
 */
export function readTensorBundle(source: Source): TensorBundle {
  const bundle: TensorBundle = { tensors: [], total: 0, shards: 0, shardBytes: new Map() };
  readSstable(source, (key, value) => {
    if (key === '') bundle.shards = readShards(value);
    else addEntry(bundle, key, value);
  });
  if (bundle.shards < 1 || bundle.shards > maxShards) {
    throw new FormatError('malformed', 'This is not the index of a TensorFlow checkpoint.');
  }
  return bundle;
}

function readShards(value: Uint8Array): number {
  let shards = 1;
  walkMessage(ByteWindow.over(value), 0, value.length, (field, wire, count) => {
    if (field === 1 && wire === 0) shards = count;
  });
  return shards;
}

function addEntry(bundle: TensorBundle, key: string, value: Uint8Array): void {
  const bytes = ByteWindow.over(value);
  const entry = { dtype: 0, shape: [] as (number | '?')[], shard: 0, offset: 0, size: 0 };
  walkMessage(bytes, 0, value.length, (field, wire, from, to) => {
    if (field === 2 && wire === 2) entry.shape = readShape(bytes, from, to);
    if (wire !== 0) return;
    if (field === 1) entry.dtype = from;
    else if (field === 3) entry.shard = from;
    else if (field === 4) entry.offset = from;
    else if (field === 5) entry.size = from;
  });
  const { shard, offset, size } = entry;
  if (!(offset >= 0 && size >= 0 && shard >= 0 && shard < maxShards) || !Number.isSafeInteger(offset + size)) {
    throw new FormatError('malformed', `The tensor ${key.slice(0, 100)} is described wrongly.`);
  }
  bundle.shardBytes.set(shard, Math.max(offset + size, bundle.shardBytes.get(shard) ?? 0));
  bundle.total += 1;
  const shape = entry.shape.filter((side) => side !== '?');
  const dtype = tensorflowType(entry.dtype);
  if (bundle.tensors.length < maxKept) bundle.tensors.push({ name: key.slice(0, 500), shape, dtype, bytes: size });
}
