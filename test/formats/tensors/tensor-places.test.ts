import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { FormatError, sourceOf } from '../../../daemon/formats/source.ts';
import { placeTensors, type TensorPlace } from '../../../daemon/formats/tensors/tensor-places.ts';
import { samples } from '../../support/daemon.ts';

const mlp = 'pytorch/digits-mlp-a';

function places(path: string): TensorPlace[] {
  return placeTensors(basename(path), sourceOf(readFileSync(join(samples, path))));
}

/** Returns the numbers of a float32 tensor, read from its place. */
function numbers(path: string, name: string): number[] {
  const { data } = places(path).find((service) => service.name === name)!;
  const bytes = readFileSync(join(samples, path)).subarray(data!.offset, data!.offset + data!.bytes);
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index));
}

test('a state_dict and a safetensors file of one model place the same numbers', () => {
  const names = places(`${mlp}/model.safetensors`).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(2);
  expect(
    places(`${mlp}/model.pt`)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(names.toSorted());
  for (const name of names) expect(numbers(`${mlp}/model.pt`, name)).toEqual(numbers(`${mlp}/model.safetensors`, name));
});

test('of a checkpoint the model is placed, not its optimizer, and an optimizer alone has no tensors', () => {
  const names = places(`${mlp}/model.pt`).map(({ name }) => name);
  expect(places(`${mlp}/checkpoints/best.pt`).map(({ name }) => name)).toEqual(names);
  expect(places('transformers/tiny-bert-cls/checkpoint-8/optimizer.pt')).toEqual([]);
});

test('the older form of torch.save is known by its first bytes, whatever the file is called', () => {
  const bytes = readFileSync(join(samples, 'pytorch/exports/legacy_nonzip.pth'));
  const named = placeTensors('legacy.pth', sourceOf(bytes));
  expect(named.some(({ data }) => data !== null)).toBe(true);
  expect(placeTensors('weights.t7.old', sourceOf(bytes)).map(({ name }) => name)).toEqual(
    named.map(({ name }) => name),
  );
  const pickle = readFileSync(join(samples, 'sklearn/diabetes-pickle/model_v1.pkl'));
  expect(() => placeTensors('model.pt', sourceOf(pickle))).toThrow(FormatError);
});

test('GGUF, ONNX and NumPy say where their data lies, or why it cannot be read', () => {
  const gguf = places('gguf/tiny-f16.gguf');
  expect(gguf.every(({ data }) => data !== null)).toBe(true);
  expect(new Set(gguf.map(({ data }) => data?.encoding))).toEqual(new Set(['f16', 'f32']));
  const external = places('pytorch/exports/model.onnx').map(({ data }) => data?.file);
  expect(external).toContain('model.onnx.data');
  const inside = places('pytorch/exports/model_ts_exporter.onnx');
  expect(inside.every(({ data }) => data?.file === 'model_ts_exporter.onnx')).toBe(true);
  expect(places('npz/weights.npz').every(({ data }) => data !== null)).toBe(true);
  expect(places('npz/weights_c.npz').every(({ data }) => data?.packed !== null)).toBe(true);
  expect(places('npz/embeddings.npy')).toHaveLength(1);
});

test('files of other formats are refused, not guessed at', () => {
  for (const path of ['sklearn/iris-script/outputs/v1/model.joblib', 'keras/digits-run1/training.csv'])
    expect(() => places(path), path).toThrow(FormatError);
});
