import { expect, test } from 'vitest';
import { readSafetensors } from '../../../daemon/formats/tensors/safetensors.ts';
import { FormatError, sourceOf } from '../../../daemon/formats/source.ts';
import { bytesOf } from '../../ingest/artifact/recognisers/on-disk.ts';

function fileOf(header: string, data = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

function kindOf(bytes: Uint8Array): string {
  try {
    readSafetensors(sourceOf(bytes));
    return 'none';
  } catch (error) {
    return error instanceof FormatError ? error.kind : 'another error';
  }
}

test('tensors and metadata of a real file are read', () => {
  const { tensors, metadata } = readSafetensors(sourceOf(bytesOf('pytorch/digits-mlp-a/model.safetensors')));
  expect(tensors.map(({ name, shape }) => [name, shape])).toContainEqual(['fc1.weight', [16, 64]]);
  expect(metadata.get('val_acc')).toBe('0.861111');
});

test('a file cut anywhere is truncated', () => {
  const whole = bytesOf('pytorch/digits-mlp-a/model.safetensors');
  for (let length = 0; length < whole.length; length += 97) expect(kindOf(whole.subarray(0, length))).toBe('truncated');
  expect(kindOf(whole.subarray(0, whole.length - 1))).toBe('truncated');
});

test('a file longer than its tensors is malformed', () => {
  expect(kindOf(new Uint8Array([...bytesOf('pytorch/digits-mlp-a/model.safetensors'), 0]))).toBe('malformed');
});

test('tensors that overlap, leave gaps or lie about their size are malformed', () => {
  const tensor = (begin: number, end: number, shape = '[2]'): string =>
    `{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`;
  expect(kindOf(fileOf(`{"a":${tensor(0, 8)}}`, 8))).toBe('none');
  expect(kindOf(fileOf(`{"a":${tensor(0, 8)},"b":${tensor(4, 12)}}`, 12))).toBe('malformed');
  expect(kindOf(fileOf(`{"a":${tensor(8, 16)}}`, 16))).toBe('malformed');
  expect(kindOf(fileOf(`{"a":${tensor(0, 8, '[3]')}}`, 8))).toBe('malformed');
  expect(kindOf(fileOf(`{"a":${tensor(0, 8, '[9007199254740991, 9007199254740991]')}}`, 8))).toBe('malformed');
  expect(kindOf(fileOf(`{"a":${tensor(0, 8, '[-2]')}}`, 8))).toBe('malformed');
  expect(kindOf(fileOf('{"a":7}', 0))).toBe('malformed');
  expect(kindOf(fileOf('[]', 0))).toBe('malformed');
});

test('a header length that lies is refused without reading so much', () => {
  const bytes = fileOf('{}');
  new DataView(bytes.buffer).setBigUint64(0, 1n << 62n, true);
  expect(kindOf(bytes)).toBe('malformed');
});

test('names of tensors may be anything', () => {
  const { tensors } = readSafetensors(
    sourceOf(fileOf('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1)),
  );
  expect(tensors).toEqual([{ name: '__proto__', dtype: 'u8', shape: [1], bytes: 1 }]);
});
