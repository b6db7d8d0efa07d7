import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
  startService,
  samples,
  until,
  untilIdle,
  startWatchingService,
  type TestService,
} from '../../support/daemon.ts';

const exportsFolder = join(samples, 'pytorch', 'exports');
const data = readFileSync(join(exportsFolder, 'model.onnx.data'));

/** Returns the sample with another location, of the same length, for its tensors. */
function onnxWith(location: string): Buffer {
  const model = readFileSync(join(exportsFolder, 'model.onnx')).toString('latin1');
  return Buffer.from(model.replaceAll('model.onnx.data', location.padEnd(15, 'x')), 'latin1');
}

function put(path: string, bytes: Buffer | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

async function filesOf({ client }: TestService, model: string): Promise<string[]> {
  const version = await until(
    async () => client.call('GET /models/:model/versions/:version', { model, version: '1' }).catch(() => undefined),
    `${model}@1`,
  );
  return version.files.map(({ path }) => path);
}

async function reason({ client }: TestService, path: string): Promise<string> {
  return (await client.call('GET /why', { path })).reason;
}

test('a version of ONNX holds all files that the model names, wherever below its folder they are', async () => {
  const service = await startWatchingService();
  for (const [model, location] of [
    ['churn', 'layer.0.weight_'],
    ['fraud', 'weightsxxxx.bin'],
    ['taxi', 'data/weigh0.bin'],
  ] as const) {
    put(join(service.out, model, location), data);
    put(join(service.out, model, 'model.onnx'), onnxWith(location));
    expect(await filesOf(service, model)).toEqual([location, 'model.onnx'].toSorted());
    await until(
      async () => (await reason(service, join(service.out, model, location))).startsWith('Part of'),
      'a file of the model',
    );
  }
  const { items } = await service.client.call('GET /models', {});
  expect(items.map(({ name }) => name).toSorted()).toEqual(['churn', 'fraud', 'taxi']);
  expect((await service.client.call('GET /artifacts', { state: 'ignored' })).items).toEqual([]);
});

test('a model waits for a file that it names, and holds it as soon as it has come', async () => {
  const service = await startWatchingService();
  const path = join(service.out, 'churn', 'model.onnx');
  put(path, onnxWith('data/weigh0.bin'));
  await until(async () => (await reason(service, path)).includes('weigh0.bin'), 'the reason');
  put(join(service.out, 'churn', 'data', 'weigh0.bin'), '');
  await until(async () => (await reason(service, path)).includes('empty'), 'an empty file');
  put(join(service.out, 'churn', 'data', 'weigh0.bin'), data);
  expect(await filesOf(service, 'churn')).toEqual(['data/weigh0.bin', 'model.onnx']);
});

test('what a service that was started anew finds to be a version already is not made one again', async () => {
  const service = await startWatchingService();
  put(join(service.out, 'churn', 'weightsxxxx.bin'), data);
  put(join(service.out, 'churn', 'model.onnx'), onnxWith('weightsxxxx.bin'));
  await filesOf(service, 'churn');
  await service.client.call('POST /roots/pause', { path: service.out });
  await service.client.call('POST /roots/resume', { path: service.out });
  await untilIdle(service);
  const { items } = await service.client.call('GET /models/:model/versions', { model: 'churn' });
  expect(items.map(({ number }) => number)).toEqual([1]);
});

test('a file that is registered by hand brings those that it names', async () => {
  const { client, folder } = await startService();
  put(join(folder, 'net', 'weightsxxxx.bin'), data);
  put(join(folder, 'net', 'net.onnx'), onnxWith('weightsxxxx.bin'));
  const { version } = await client.call('POST /register', { path: join(folder, 'net', 'net.onnx'), model: 'net' });
  expect(version.files).toBe(2);
});

const config = readFileSync(join(samples, 'transformers', 'tiny-bert-cls', 'config.json'));
const cut: [string, Buffer][] = [
  ['tf_model.h5', Buffer.alloc(0)],
  ['tf_model.h5', readFileSync(join(samples, 'keras/digits-run1/weights.06.weights.h5')).subarray(0, 4000)],
  ['flax_model.msgpack', Buffer.from([0x81, 0xa6, ...Buffer.from('params'), 0x82, 0xa1, 0x77])],
];

test('weights of TensorFlow and Flax that are empty or cut wait, with the reason', async () => {
  const service = await startWatchingService();
  for (const [index, [name, bytes]] of cut.entries()) {
    const folder = join(service.out, `bert-${index}`);
    put(join(folder, 'config.json'), config);
    put(join(folder, name), bytes);
    await until(async () => (await reason(service, join(folder, name))).includes(`aiting: ${name}`), `${name} waits`);
  }
  expect((await service.client.call('GET /models', {})).items).toEqual([]);
});

test('a later part that came first leaves no waiting row', async () => {
  const service = await startWatchingService();
  const weights = join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors');
  const part = (number: number): string => join(service.out, 'churn', `net-0000${number}-of-00002.safetensors`);
  mkdirSync(dirname(part(2)));
  cpSync(weights, part(2));
  await until(async () => (await reason(service, part(2))).includes('1 of 2 shards are missing'), 'waiting');
  cpSync(weights, part(1));
  expect(await filesOf(service, 'churn')).toHaveLength(2);
  expect((await service.client.call('GET /artifacts', { state: 'waiting' })).items).toEqual([]);
  expect(await reason(service, part(2))).toMatch(/^Part of/);
});
