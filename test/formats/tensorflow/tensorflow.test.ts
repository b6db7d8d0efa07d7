import { expect, test } from 'vitest';
import { computed } from '../../support/daemon.ts';
import { readSavedModel } from '../../../daemon/formats/tensorflow/saved-model.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { readSstable } from '../../../daemon/formats/tensorflow/sstable.ts';
import { readTensorBundle } from '../../../daemon/formats/tensorflow/tensor-bundle.ts';
import { bytesOf } from '../../ingest/artifact/recognisers/on-disk.ts';
import { kindOf, kindsOfCuts, readsAnyDamage } from '../damage.ts';

const index = bytesOf('tensorflow/tf_ckpts/ckpt-9.index');
const graph = bytesOf('tensorflow/saved_model/saved_model.pb');

test('the index of a real checkpoint names its tensors and the bytes of its data file', () => {
  const bundle = readTensorBundle(sourceOf(index));
  expect(bundle).toMatchObject({ shards: 1, total: 6 });
  expect(bundle.shardBytes).toEqual(new Map([[0, 806]]));
  expect(bundle.tensors.find(({ name }) => name.startsWith('w/0/'))).toEqual({
    name: 'w/0/.ATTRIBUTES/VARIABLE_VALUE',
    shape: [8, 8],
    dtype: 'float32',
    bytes: 256,
  });
});

test('an index cut anywhere is truncated', () => {
  expect(kindsOfCuts(readTensorBundle, index)).toEqual(new Set(['truncated']));
});

test('a table whose blocks lie outside, are compressed or contradict themselves is refused', () => {
  const keys: string[] = [];
  readSstable(sourceOf(index), (key) => keys.push(key));
  expect(keys[0]).toBe('');
  const compressed = Buffer.from(index);
  compressed[0x142] = 1;
  expect(kindOf(readTensorBundle, compressed)).toBe('unsupported');
  const shared = Buffer.from(index);
  shared[9] = 0x7f;
  expect(kindOf(readTensorBundle, shared)).toBe('malformed');
  const outside = Buffer.from(index);
  outside.fill(0x7f, index.length - 48, index.length - 8);
  expect(['malformed', 'unsupported']).toContain(kindOf(readTensorBundle, outside));
});

test('version, tags and signatures of a real SavedModel are read', () => {
  const model = readSavedModel(sourceOf(graph));
  expect(model).toMatchObject({ version: '2.21.0', tags: ['serve'] });
  expect(model.signatures.find(({ name }) => name === 'serving_default')).toMatchObject({
    method: 'tensorflow/serving/predict',
    inputs: [{ name: 'keras_tensor', dtype: 'float32', shape: ['?', 8] }],
    outputs: [{ name: 'output_0', dtype: 'float32', shape: ['?', 1] }],
  });
});

test('a SavedModel cut anywhere is truncated', () => {
  expect(kindsOfCuts(readSavedModel, graph, 37)).toEqual(new Set(['truncated']));
});

test('bytes that are no SavedModel are malformed', () => {
  expect(kindOf(readSavedModel, Buffer.from('a text that is no protobuf'))).toBe('malformed');
  expect(kindOf(readSavedModel, Buffer.from([0x12, 0]))).toBe('malformed');
  expect(kindOf(readSavedModel, bytesOf('npz/weights.npz'))).not.toBe('none');
});

test('damaged files are answered with a FormatError', () => {
  readsAnyDamage(readTensorBundle, index);
  readsAnyDamage(readSavedModel, graph, 500);
});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

test('files without end are given up soon', () => {
  const start = computed();
  expect(kindOf(readSavedModel, Buffer.alloc(20_000_000, Buffer.from([0x18, 1])))).toBe('unsupported');
  const block = Buffer.alloc(30_000_001);
  block.writeUInt32LE(29_999_996 / 4, 29_999_996);
  const handle = Buffer.from([...varint(0), ...varint(30_000_000)]);
  const entry = Buffer.from([0, 0, handle.length, ...handle]);
  const table = Buffer.concat([...Array.from({ length: 10_000 }, () => entry), Buffer.alloc(4)]);
  const footer = Buffer.alloc(48);
  Buffer.from([0, 0, ...varint(block.length), ...varint(table.length)]).copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  const bytes = Buffer.concat([block, table, Buffer.alloc(1), footer]);
  expect(kindOf(readTensorBundle, bytes)).toBe('unsupported');
  expect(computed() - start).toBeLessThan(2000);
});
