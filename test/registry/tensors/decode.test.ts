import { expect, test } from 'vitest';
import type { Encoding } from '../../../daemon/formats/tensors/tensor-places.ts';
import { decode, sumsOf } from '../../../daemon/registry/tensors/decode.ts';
import { layerOf } from '../../../daemon/registry/tensors/layers.ts';

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer.slice(0) as ArrayBuffer);
}

test('every encoding is read as the numbers that were written', () => {
  const written: [Encoding, ArrayBufferView, number[]][] = [
    ['f32', Float32Array.of(1.5, -2), [1.5, -2]],
    ['f64', Float64Array.of(0.1, -2), [0.1, -2]],
    ['bf16', Uint16Array.of(0x3fc0, 0xc000, 0x7f80), [1.5, -2, Infinity]],
    ['f16', Uint16Array.of(0x3e00, 0xc000, 0x0001, 0x7c00, 0x3555), [1.5, -2, 2 ** -24, Infinity, 0.333251953125]],
    ['i8', Int8Array.of(-3, 4), [-3, 4]],
    ['u8', Uint8Array.of(250, 4), [250, 4]],
    ['i16', Int16Array.of(-3, 4), [-3, 4]],
    ['u16', Uint16Array.of(65_000, 4), [65_000, 4]],
    ['i32', Int32Array.of(-2e9, 4), [-2e9, 4]],
    ['u32', Uint32Array.of(4e9, 4), [4e9, 4]],
    ['i64', BigInt64Array.of(-5n, 2n ** 40n), [-5, 2 ** 40]],
    ['u64', BigUint64Array.of(5n, 2n ** 52n), [5, 2 ** 52]],
  ];
  for (const [encoding, array, numbers] of written)
    expect([...decode(bytesOf(array), encoding, numbers.length)], encoding).toEqual(numbers);
});

test('sums leave out what is not finite, and say how much that was', () => {
  const a = Float32Array.of(1, Number.NaN, 3, 4, 5);
  const b = Float32Array.of(2, 1, Infinity, 4, 7);
  expect(sumsOf(a, b)).toEqual({ change: 1 + 0 + 4, base: 1 + 16 + 25, nonFinite: 2 });
  expect(sumsOf(Float32Array.of(3, 4, 0), Float32Array.of(0, 0, 0))).toEqual({ change: 25, base: 25, nonFinite: 0 });
});

test('a layer is named by its number where it has one, else by what stands before the last part', () => {
  const layers = [
    'encoder.layer.3.output.dense.weight',
    'blk.0.attn_q.weight',
    '0.weight',
    'embeddings.word.weight',
    'layers/2/kernel',
    'bias',
    'fc1.weight',
    'h.10.attn.bias',
  ];
  expect(layers.map(layerOf)).toEqual(['encoder.layer.3', 'blk.0', '0', 'embeddings.word', 'layers/2', 'bias', 'fc1', 'h.10']); // prettier-ignore
});
