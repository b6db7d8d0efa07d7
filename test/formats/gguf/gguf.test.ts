import { expect, test } from 'vitest';
import { computed } from '../../support/daemon.ts';
import { readGguf } from '../../../daemon/formats/gguf/gguf.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { bytesOf } from '../../ingest/artifact/recognisers/on-disk.ts';
import { kindOf, kindsOfCuts, readsAnyDamage } from '../damage.ts';
import { fileOf, text, uint32, uint64, type Key } from '../gguf-file.ts';

const sample = bytesOf('gguf/tiny-f16.gguf');

test('keys and tensors of a real file are read', () => {
  const { version, values, tensors } = readGguf(sourceOf(sample));
  expect(version).toBe(3);
  expect(values.get('general.architecture')).toBe('llama');
  expect(values.get('llama.context_length')).toBe(32);
  expect(values.get('general.tags')).toEqual(['test']);
  expect(tensors[0]).toEqual({ name: 'token_embd.weight', shape: [16, 64], dtype: 'f16', bytes: 2048 });
});

test('a file cut anywhere is truncated', () => {
  expect(kindsOfCuts(readGguf, sample)).toEqual(new Set(['truncated']));
});

test('the data begins at the alignment that the file names', () => {
  const key: Key = ['general.alignment', 4, uint32(256)];
  const whole = fileOf({ keys: [key], tensors: [['w', [256], 12, 0]], data: 144, alignment: 256 });
  expect(readGguf(sourceOf(whole)).tensors[0]).toMatchObject({ dtype: 'q4_k', bytes: 144 });
  expect(kindOf(readGguf, whole.subarray(0, whole.length - 1))).toBe('truncated');
  expect(kindOf(readGguf, fileOf({ keys: [['general.alignment', 4, uint32(0)]] }))).toBe('malformed');
  expect(kindOf(readGguf, fileOf({ keys: [['general.alignment', 4, uint32(48)]] }))).toBe('malformed');
  expect(kindOf(readGguf, fileOf({ tensors: [['w', [1], 0, 7]], data: 99 }))).toBe('malformed');
});

test('long arrays and texts are passed over, their beginning is kept', () => {
  const tokens = Buffer.concat([uint32(8), uint64(40_000), ...Array.from({ length: 40_000 }, () => text('token'))]);
  const scores = Buffer.concat([uint32(6), uint64(50_000), Buffer.alloc(200_000)]);
  const keys: Key[] = [
    ['tokens', 9, tokens],
    ['scores', 9, scores],
    ['template', 8, text('x'.repeat(100_000))],
    ['last', 7, Buffer.from([1])],
  ];
  const { values } = readGguf(sourceOf(fileOf({ keys })));
  expect(values.get('tokens')).toHaveLength(33);
  expect((values.get('scores') as unknown[]).at(-1)).toBe('… of 50000');
  expect(values.get('template')).toHaveLength(16 * 1024);
  expect(values.get('last')).toBe(true);
});

test('a file of the other byte order is read', () => {
  const bytes = Buffer.alloc(24);
  bytes.write('GGUF');
  bytes.writeUInt32BE(3, 4);
  expect(readGguf(sourceOf(bytes))).toMatchObject({ version: 3, tensors: [] });
});

test('a tensor of a type that is not known has no size', () => {
  const [tensor] = readGguf(sourceOf(fileOf({ tensors: [['w', [4], 77, 0]], data: 16 }))).tensors;
  expect(tensor).toMatchObject({ dtype: 'type 77', bytes: null });
});

test('counts, lengths and nesting that no model has are refused before anything is built', () => {
  const start = computed();
  const nested = Buffer.concat(Array.from({ length: 50 }, () => Buffer.concat([uint32(9), uint64(1)])));
  const kind = (bytes: Uint8Array): string => kindOf(readGguf, bytes);
  expect(kind(fileOf({ tensorCount: 2 ** 40 }))).toBe('malformed');
  expect(kind(fileOf({ keyCount: 2 ** 40 }))).toBe('malformed');
  expect(kind(fileOf({ keys: [['a', 8, uint64(2 ** 30)]] }))).toBe('malformed');
  expect(kind(fileOf({ keys: [['a', 9, Buffer.concat([uint32(8), uint64(2 ** 40)])]] }))).toBe('unsupported');
  expect(kind(fileOf({ keys: [['a', 9, Buffer.concat([uint32(0), uint64(2 ** 40)])]] }))).toBe('truncated');
  expect(kind(fileOf({ keys: [['a', 9, nested]] }))).toBe('malformed');
  expect(kind(fileOf({ keys: [['a', 13, Buffer.alloc(8)]] }))).toBe('malformed');
  expect(kind(fileOf({ tensors: [['w', Array.from({ length: 9 }, () => 1), 0, 0]], data: 99 }))).toBe('malformed');
  expect(kind(fileOf({ tensors: [['w', [2 ** 40, 2 ** 40], 0, 0]], data: 99 }))).toBe('malformed');
  expect(kind(Buffer.from('GGUF\u0001\0\0\0rest', 'latin1'))).toBe('unsupported');
  expect(kind(Buffer.from('GGML, which came before'))).toBe('malformed');
  expect(computed() - start).toBeLessThan(500);
});

test('a damaged file is answered with a FormatError', () => {
  readsAnyDamage(readGguf, sample.slice(0, 700));
  readsAnyDamage(readGguf, sample);
});
