import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { placeSafetensors } from '../../../daemon/formats/tensors/safetensors.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { placeTensors } from '../../../daemon/formats/tensors/tensor-places.ts';
import { tensorJobs } from '../../../daemon/registry/tensors/tensors.ts';
import { measure, type Measured } from '../../../daemon/registry/tensors/measure.ts';
import { startService, samples, temporary, type TestService } from '../../support/daemon.ts';
import { safetensorsFile } from '../safetensors-file.ts';
import { rowNamed } from '../../support/comparison.ts';

const mlp = (run: 'a' | 'b', file: string): string => join('pytorch', `digits-mlp-${run}`, file);

async function register({ client }: TestService, ...paths: string[]): Promise<void> {
  for (const path of paths) await client.call('POST /register', { path: join(samples, path), model: 'm', again: true });
}

/** Returns the numbers of an f32 tensor in a safetensors file. */
function numbersIn(path: string, name: string): number[] {
  const bytes = readFileSync(join(samples, path));
  const tensor = placeSafetensors(sourceOf(bytes)).tensors.find((one) => one.name === name)!;
  return Array.from({ length: tensor.bytes / 4 }, (_, index) => bytes.readFloatLE(tensor.offset + 4 * index));
}

test('the norms of change of two real checkpoints are those of their numbers, by tensor and by layer', async () => {
  const service = await startService();
  const [first, second] = ['transformers/tiny-bert-cls/checkpoint-8', 'transformers/tiny-bert-cls/checkpoint-24'];
  await register(service, first, second);
  const told: string[] = [];
  service.daemon.listen((message) => {
    if (message.kind === 'progress') told.push(`${message.task} ${message.subject}`);
  });
  const reply = await service.client.call('POST /tensors/compare', {
    baseline: 'm@1',
    candidate: 'm@2',
    norms: true,
    job: 'here',
  });
  expect(reply).toMatchObject({ baseline: 'm@1', candidate: 'm@2', cancelled: false, missing: [] });
  const name = 'classifier.weight';
  const [a, b] = [numbersIn(`${first}/model.safetensors`, name), numbersIn(`${second}/model.safetensors`, name)];
  const length = (values: number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const relative = length(b.map((value, index) => value - a[index]!)) / length(a);
  expect(rowNamed(reply.tensors, name).relative).toBeCloseTo(relative, 12);
  expect(reply.layers.map(({ layer }) => layer)).toEqual(
    expect.arrayContaining(['classifier', 'bert.encoder.layer.0']),
  );
  expect(reply.tensors.map((one) => one.relative ?? Infinity)).toEqual(
    reply.tensors.map((one) => one.relative ?? Infinity).toSorted((x, y) => y - x),
  );
  expect(told).toContain('tensors here');
});

test('one model in two formats has the same bytes everywhere', async () => {
  const service = await startService();
  await register(service, mlp('a', 'model.pt'), mlp('a', 'model.safetensors'));
  const reply = await service.client.call('POST /tensors/compare', { baseline: 'm@1', candidate: 'm@2', norms: true });
  expect(reply).toMatchObject({ tensors: [], alike: 4, same: 4 });
  expect(reply.layers).toMatchObject([{ layer: 'fc1', relative: 0 }, { layer: 'fc2', relative: 0 }]); // prettier-ignore
});

test('headers alone tell what was reshaped, and read no data', async () => {
  const service = await startService();
  await register(service, mlp('a', 'model.pt'), mlp('b', 'model.pt'));
  const reply = await service.client.call('POST /tensors/compare', { baseline: 'm@1', candidate: 'm@2' });
  expect(reply).toMatchObject({ bytes: 0, same: null, alike: 1, layers: [] });
  expect(reply.tensors.map(({ name, change }) => [name, change])).toEqual([
    ['fc1.weight', 'reshaped'],
    ['fc1.bias', 'reshaped'],
    ['fc2.weight', 'reshaped'],
  ]);
});

test('tensors are read from GGUF, NumPy, ONNX with its data beside it, and whole torch modules', async () => {
  const service = await startService();
  const paths = [
    'gguf/tiny-f16.gguf',
    'npz/weights.npz',
    'pytorch/exports/model_ts_exporter.onnx',
    'pytorch/exports/whole_module.pth',
  ];
  await register(service, ...paths);
  for (const [index, path] of paths.entries()) {
    const reference = `m@${index + 1}`;
    const reply = await service.client.call('POST /tensors/compare', {
      baseline: reference,
      candidate: reference,
      norms: true,
    });
    expect([path, reply.missing, reply.tensors]).toEqual([path, [], []]);
    expect([path, reply.same, reply.bytes > 0]).toEqual([path, reply.alike, true]);
  }
});

test('Keras archives, HDF5, older torch files, packed and big-endian arrays have the numbers of their twins', async () => {
  const service = await startService();
  const twins = [
    ['pytorch/exports/legacy_nonzip.pth', 'pytorch/exports/whole_module.pth'],
    ['keras/digits-run1/weights.12.weights.h5', 'keras/digits-run1/model.keras'],
    ['../made/arrays/packed.npz', '../made/arrays/plain.npz'],
    ['../made/arrays/swapped.npz', '../made/arrays/plain.npz'],
  ];
  await register(service, ...twins.flat());
  for (const [index, paths] of twins.entries()) {
    const [baseline, candidate] = [`m@${2 * index + 1}`, `m@${2 * index + 2}`];
    const reply = await service.client.call('POST /tensors/compare', { baseline, candidate, norms: true });
    expect([paths, reply.missing, reply.alike > 0]).toEqual([paths, [], true]);
    expect([paths, reply.tensors.map(({ name, why, relative }) => ({ name, why, relative }))]).toEqual([paths, []]);
    expect([paths, reply.same]).toEqual([paths, reply.alike]);
  }
});

test('a format without tensors says so', async () => {
  const service = await startService();
  await register(service, 'sklearn/iris-script/outputs/v1/model.joblib', 'npz/weights_c.npz');
  const reply = await service.client.call('POST /tensors/compare', { baseline: 'm@1', candidate: 'm@2', norms: true });
  expect(reply.missing).toEqual(['model.joblib: Tensors of this format cannot be read.']);
});

test('a comparison that is cancelled answers with what it had, and its name is free again', async () => {
  const service = await startService();
  await register(service, mlp('a', 'model.pt'), mlp('b', 'model.pt'));
  const wish = { baseline: 'm@1', candidate: 'm@2', norms: true, job: 'mine' };
  const going = service.client.call('POST /tensors/compare', wish);
  await expect
    .poll(() => service.client.call('POST /tensors/cancel', { job: 'mine' }), { interval: 1 })
    .toEqual({ cancelled: true });
  expect(await going).toMatchObject({ cancelled: true });
  expect(await service.client.call('POST /tensors/cancel', { job: 'mine' })).toEqual({ cancelled: false });
  expect(await service.client.call('POST /tensors/compare', wish)).toMatchObject({ cancelled: false });
});

test('a file on disk is compared with a version like another version', async () => {
  const service = await startService();
  const [first, second] = ['transformers/tiny-bert-cls/checkpoint-8', 'transformers/tiny-bert-cls/checkpoint-24'];
  await register(service, first);
  const compare = (path: string): ReturnType<typeof service.client.call<'POST /tensors/compare-file'>> =>
    service.client.call('POST /tensors/compare-file', { baseline: 'm@1', path: join(samples, path), norms: true });
  const [same, other] = [await compare(first), await compare(second)];
  expect(same).toMatchObject({ baseline: 'm@1', tensors: [], missing: [] });
  expect(same.same).toBe(same.alike);
  expect(rowNamed(other.tensors, 'classifier.weight')).toMatchObject({ change: null, why: null });
  const inspected = await service.client.call('GET /inspect', { path: join(samples, second) });
  expect(inspected).toMatchObject({ registered: null, model: null });
});

test('a comparison whose asker has gone is given up', async () => {
  const service = await startService();
  const elements = 60_000_000;
  const header = JSON.stringify({ w: { dtype: 'F32', shape: [elements], data_offsets: [0, 4 * elements] } }).padEnd(96);
  for (const n of [1, 2]) {
    const path = join(service.folder, `${n}.safetensors`);
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(path, Buffer.concat([size, Buffer.from(header), Buffer.from([n])]));
    truncateSync(path, 8 + header.length + 4 * elements);
    await service.client.call('POST /register', { path, model: 'm' });
  }
  const wish = { baseline: 'm@1', candidate: 'm@2', norms: true, job: 'left' };
  const jobs = tensorJobs(service.daemon.context);
  onTestFinished(() => jobs.close());
  const leaving = new AbortController();
  const answer = jobs.compare(wish, leaving.signal);
  leaving.abort();
  expect(await answer).toMatchObject({ cancelled: true });
});

test('large tensors are measured chunk by chunk to the same sums, and stop where they are told to', async () => {
  const folder = temporary();
  const count = 5_000_001;
  const values = Float32Array.from({ length: count }, (_, index) => index % 7);
  const changed = values.map((value, index) => (index === count - 1 ? value + 2 : value));
  const paths = [values, changed].map((numbers, index) => {
    const path = join(folder, `${index}.safetensors`);
    writeFileSync(path, safetensorsFile({ big: numbers, small: Float32Array.of(index) }));
    return path;
  });
  const [before, after] = paths.map((path) => placeTensors('f', sourceOf(readFileSync(path))));
  const pairs = before!.map((service, index) => ({ before: service, after: after![index]! }));
  const files = { before: new Map([['f', { path: paths[0]! }]]), after: new Map([['f', { path: paths[1]! }]]) };
  const found: Measured[] = [];
  await measure(
    pairs,
    files,
    (pair, sums) => (found[pair] = sums),
    () => true,
  );
  const base = values.reduce((sum, value) => sum + value * value, 0);
  expect(found).toEqual([
    { change: 4, base, nonFinite: 0, same: false },
    { change: 1, base: 0, nonFinite: 0, same: false },
  ]);
  let chunks = 0;
  await measure(
    pairs,
    files,
    () => expect.unreachable(),
    () => (chunks += 1) > 1,
  );
  expect(chunks).toBe(1);
});
