import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import type { TensorNumbers } from '../../../daemon/protocol/tensors.ts';
import { readTensor, type ReadTensor } from '../../../daemon/registry/tensors/read-tensor.ts';
import { heatMapOf, momentsOf, joinMoments, numbersOf } from '../../../daemon/registry/tensors/statistics.ts';
import { samples, temporary } from '../../support/daemon.ts';

const fixtures = join(samples, '..');
const everyType = 'made/statistics/every-type.safetensors';

async function read(file: string, tensor: string): Promise<ReadTensor> {
  const path = join(fixtures, file);
  const files = [{ name: basename(file), path, root: fixtures, size: statSync(path).size }];
  return (await readTensor(files, tensor, () => true))!;
}

type Expected = Record<string, Record<string, TensorNumbers>>;
const expected = JSON.parse(readFileSync(join(fixtures, 'made/statistics/expected.json'), 'utf8')) as Expected;

/** Equal to some digits: NumPy adds in another order. */
function like(value: number | null): unknown {
  return value === null ? null : (expect.closeTo(value, 9 - Math.ceil(Math.log10(Math.abs(value) + 1))) as unknown);
}

test.each(Object.entries(expected))('the numbers in %s are those that NumPy finds', async (file, tensors) => {
  for (const [name, { min, max, mean, deviation, ...counts }] of Object.entries(tensors)) {
    const found = await read(file, name);
    expect([name, found.why, found.numbers]).toEqual([
      name,
      null,
      { min, max, mean: like(mean), deviation: like(deviation), ...counts },
    ]);
  }
});

test('a histogram has the share of each part, or a bin for each of a few whole numbers', async () => {
  const { histogram, numbers } = await read(everyType, 'normal.F32');
  expect(histogram).toMatchObject({ from: numbers!.min, to: numbers!.max });
  expect(histogram!.counts).toHaveLength(64);
  expect(histogram!.counts.reduce((sum, count) => sum + count, 0)).toBe(24 * 40);
  const few = await read(everyType, 'few.I8');
  expect(few.histogram).toEqual({ from: 2.5, to: 9.5, counts: [3, 1, 1, 0, 0, 0, 1] });
  expect((await read(everyType, 'odd.F32')).histogram!.counts.reduce((sum, count) => sum + count, 0)).toBe(4);
  expect((await read(everyType, 'same.F32')).histogram).toEqual({ from: 0.25, to: 0.25, counts: [5] });
  expect((await read(everyType, 'nan.F16')).histogram).toBeNull();
  expect(await read(everyType, 'empty.F32')).toMatchObject({ histogram: null, heatMap: null, numbers: { mean: null } });
});

test('a heat map has a row for each place of the first axis, however the elements lie in the file', async () => {
  const levels = (layout: string, numbers: number[]): number[] => {
    const map = heatMapOf({ shape: [2, 3], layout }, Float32Array.from(numbers))!;
    expect(map).toMatchObject({ rows: 2, columns: 3, limit: 4 });
    return [...Buffer.from(map.levels, 'base64')];
  };
  const wanted = [1, 128, 255, 192, 0, 160];
  expect(levels('', [-4, 0, 4, 2, Number.NaN, 1])).toEqual(wanted);
  expect(levels('fortran', [-4, 2, 0, Number.NaN, 4, 1])).toEqual(wanted);
  expect(levels('1,2', [-4, 2, 0, Number.NaN, 4, 1])).toEqual(wanted);
  expect(heatMapOf({ shape: [513, 512], layout: '' }, new Float32Array(513 * 512))).toBeNull();
  expect(heatMapOf({ shape: [1, 512], layout: '' }, new Float32Array(512))).toBeNull();
  expect(heatMapOf({ shape: [0, 5, 6], layout: '' }, new Float32Array(0))).toBeNull();
  expect(heatMapOf({ shape: [2, 2], layout: '' }, new Float32Array(4))).toMatchObject({ limit: 0 });
});

test('numbers in parts have the statistics of all of them, also far from zero', () => {
  const all = Float64Array.from({ length: 9000 }, (_, index) => 1e9 + (index % 10));
  const parts = [all.subarray(0, 10), all.subarray(10, 4000), new Float64Array(0), all.subarray(4000)];
  const joined = numbersOf(parts.map(momentsOf).reduce(joinMoments));
  expect(joined).toMatchObject({ min: 1e9, max: 1e9 + 9, nan: 0, zeros: 0 });
  expect(joined.mean).toBeCloseTo(1e9 + 4.5, 5);
  expect(joined.deviation).toBeCloseTo(Math.sqrt(8.25), 6);
  const huge = numbersOf(momentsOf(Float64Array.of(1.5e308, 1.6e308, 1.7e308)));
  expect(huge).toMatchObject({ min: 1.5e308, max: 1.7e308, mean: null, deviation: null });
});

test('what keeps numbers from being read is said in a sentence', async () => {
  expect((await read(everyType, 'gone')).why).toBe('The file has no tensor of this name any more.');
  expect((await read('made/arrays/links.h5', 'chunked')).why).toBe('Its data is not in one place.');
  expect((await read('samples/sklearn/iris-script/outputs/v1/model.joblib', 'x')).why).toBe('Tensors of this format cannot be read.'); // prettier-ignore
  const outside = [{ name: 'a', path: join(fixtures, everyType), root: join(fixtures, 'samples'), size: 1 }];
  expect(await readTensor(outside, 'x', () => true)).toMatchObject({ why: expect.stringContaining('leads out') });
  expect(await readTensor([], 'x', () => true)).toMatchObject({ why: expect.any(String) });
});

test('a large tensor is read in parts, twice, and no further than it is wanted', async () => {
  const count = 5_000_000;
  const header = JSON.stringify({ w: { dtype: 'I8', shape: [count], data_offsets: [0, count] } });
  const path = join(temporary(), 'large.safetensors');
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([size, Buffer.from(header)]));
  truncateSync(path, 8 + header.length + count);
  const files = [{ name: 'f', path, size: statSync(path).size }];
  const seen: [number, number][] = [];
  const found = await readTensor(files, 'w', (...bytes) => seen.push(bytes) > 0);
  expect(found).toMatchObject({ bytes: count, numbers: { zeros: count }, histogram: { counts: [count] } });
  expect(seen.at(-1)).toEqual([2 * count, 2 * count]);
  expect(seen).toHaveLength(6);
  let parts = 0;
  expect(await readTensor(files, 'w', () => (parts += 1) < 5)).toBeNull();
  expect(parts).toBe(5);
});
