import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { computed } from '../../support/daemon.ts';
import { readNpy, readNpz } from '../../../daemon/formats/tensors/npy.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { bytesOf } from '../../ingest/artifact/recognisers/on-disk.ts';
import { kindOf, kindsOfCuts, readsAnyDamage } from '../damage.ts';

/** Makes a `.npy` of version 1 with this header and so many bytes of data. */
function npyOf(header: string, data: number, version = 1): Buffer {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  const magic = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  return Buffer.concat([magic, length, Buffer.from(header), Buffer.alloc(data)]);
}

function described(descr: string, shape: string): string {
  return `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }\n`;
}

/** Makes a zip of one deflated entry. */
function zipOf(name: string, content: Uint8Array): Buffer {
  const packed = deflateRawSync(content);
  const fields = Buffer.alloc(46);
  fields.writeUInt32LE(0x02014b50, 0);
  fields.writeUInt16LE(8, 10);
  fields.writeUInt32LE(packed.length, 20);
  fields.writeUInt32LE(content.length, 24);
  fields.writeUInt16LE(name.length, 28);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const body = Buffer.concat([local, Buffer.from(name), packed]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(body.length, 16);
  return Buffer.concat([body, fields, Buffer.from(name), end]);
}

test('shape, type and size of a real array are read', () => {
  expect(readNpy(sourceOf(bytesOf('npz/embeddings.npy')))).toEqual({
    name: '',
    shape: [4, 8],
    dtype: 'float16',
    bytes: 64,
    dataOffset: 128,
    layout: { littleEndian: true, fortran: false },
  });
});

test('the arrays of a stored and of a deflated archive are read', () => {
  const of = (path: string): unknown =>
    readNpz(sourceOf(bytesOf(path))).arrays.map(({ name, shape, dtype }) => [name, shape, dtype]);
  expect(of('npz/weights.npz')).toEqual([
    ['W', [3, 4], 'float32'],
    ['b', [4], 'float64'],
  ]);
  expect(of('npz/weights_c.npz')).toEqual([['W', [5, 5], 'float64']]);
});

test('an array or archive cut anywhere is truncated', () => {
  expect(kindsOfCuts(readNpy, bytesOf('npz/embeddings.npy'))).toEqual(new Set(['truncated']));
  expect(kindsOfCuts(readNpz, bytesOf('npz/weights.npz'))).toEqual(new Set(['truncated']));
  expect(kindsOfCuts(readNpz, bytesOf('npz/weights_c.npz'))).toEqual(new Set(['truncated']));
});

test('every kind of type has a name and a size', () => {
  const of = (descr: string, data: number): unknown => readNpy(sourceOf(npyOf(described(descr, '(2,)'), data))).dtype;
  expect(of(`'|b1'`, 2)).toBe('bool');
  expect(of(`'>i8'`, 16)).toBe('int64');
  expect(of(`'<U3'`, 24)).toBe('str3');
  expect(of(`'|S5'`, 10)).toBe('bytes5');
  expect(of(`'<M8[ns]'`, 16)).toBe('datetime64');
  expect(of(`'|O'`, 77)).toBe('object');
  expect(of(`[('a', '<f4'), ('b', '<i2')]`, 12)).toBe('structured');
  expect(readNpy(sourceOf(npyOf(described(`'<f4'`, '()'), 4, 2))).shape).toEqual([]);
});

test('headers that lie are malformed, headers without end are not read', () => {
  const kind = (header: string, data = 0, version = 1): string => kindOf(readNpy, npyOf(header, data, version));
  expect(kind(described(`'<f4'`, '(2,)'), 9)).toBe('malformed');
  expect(kind(described(`'<f4'`, '(99999999999, 99999999999)'))).toBe('malformed');
  expect(kind(described(`'<f4'`, `(${'1,'.repeat(100)})`))).toBe('malformed');
  expect(kind(described(`'<f4'`, '(-1,)'))).toBe('malformed');
  expect(kind(described(`'%s'`, '(1,)'))).toBe('malformed');
  expect(kind('{}')).toBe('malformed');
  expect(kind(' '.repeat(70_000), 0, 2)).toBe('unsupported');
  expect(kind(described(`'<f4'`, '(1,)'), 4, 9)).toBe('unsupported');
  expect(kindOf(readNpy, Buffer.from('no array at all'))).toBe('malformed');
});

test('an archive whose members are no arrays, or of another size than they say, is malformed', () => {
  expect(kindOf(readNpz, bytesOf('pytorch/digits-mlp-a/model.pt'))).toBe('malformed');
  expect(kindOf(readNpz, zipOf('a.npy', Buffer.from('not an array, though it is called one')))).toBe('malformed');
  expect(kindOf(readNpz, zipOf('a.npy', npyOf(described(`'<f4'`, '(9,)'), 4)))).toBe('malformed');
});

test('a member that inflates to very much is read by its beginning alone', () => {
  const bomb = zipOf('a.npy', npyOf(described(`'|u1'`, '(100000000,)'), 100_000_000));
  const start = computed();
  expect(readNpz(sourceOf(bomb)).arrays[0]).toMatchObject({ shape: [100_000_000], dtype: 'uint8' });
  expect(computed() - start).toBeLessThan(200);
});

test('damaged arrays are answered with a FormatError', () => {
  readsAnyDamage(readNpy, bytesOf('npz/embeddings.npy'));
  readsAnyDamage(readNpz, bytesOf('npz/weights.npz'));
  readsAnyDamage(readNpz, bytesOf('npz/weights_c.npz'));
});
