import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readHdf5Tensors } from '../../../daemon/formats/hdf5/hdf5-tensors.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { placeTensors, type TensorPlace } from '../../../daemon/formats/tensors/tensor-places.ts';
import { readsAnyDamage, kindsOfCuts } from '../damage.ts';

const arrays = join(import.meta.dirname, '..', '..', 'fixtures', 'made', 'arrays');
const links = readFileSync(join(arrays, 'links.h5'));
const plain = readFileSync(join(arrays, 'plain.npz'));

function dataOf(bytes: Buffer, { data }: TensorPlace): Buffer {
  return bytes.subarray(data!.offset, data!.offset + data!.bytes);
}

test('datasets are found in groups of every kind, and hold what NumPy wrote', () => {
  const expected = placeTensors('plain.npz', sourceOf(plain));
  const found = new Map(placeTensors('links.h5', sourceOf(links)).map((place) => [place.name, place]));
  expect(found.size).toBe(2 * expected.length + 2);
  for (const group of ['dense', 'old'])
    for (const array of expected) {
      const place = found.get(`${group}/${array.name}`)!;
      expect([place.shape, place.dtype]).toEqual([array.shape, array.dtype]);
      expect(dataOf(links, place).equals(dataOf(plain, array)), place.name).toBe(true);
    }
  expect(dataOf(links, found.get('compact/a')!).equals(dataOf(plain, expected[0]!))).toBe(true);
  expect(found.get('chunked')).toMatchObject({ shape: [64, 64], data: null, why: 'Its data is not in one place.' });
});

test('a damaged file is answered with a FormatError', () => {
  readsAnyDamage(readHdf5Tensors, links);
});

test('a file that is cut anywhere is refused as cut', () => {
  expect(kindsOfCuts(readHdf5Tensors, links, 97)).toEqual(new Set(['truncated']));
});
