import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { VersionDetail } from '../../../../daemon/protocol/routes/versions.ts';
import { startService, until as untilWithin, type TestService } from '../../../support/daemon.ts';

const made = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'made', 'exports');
const until: typeof untilWithin = (look, what) => untilWithin(look, what, 30_000);

async function startWatchingService(): Promise<TestService> {
  const service = await startService();
  await service.client.call('POST /roots', { path: service.out });
  await sleep(150);
  return service;
}

function put(path: string, bytes: Buffer | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

async function versionOf({ client }: TestService, model: string): Promise<VersionDetail> {
  return until(
    async () => client.call('GET /models/:model/versions/:version', { model, version: '1' }).catch(() => undefined),
    `${model}@1`,
  );
}

async function reason({ client }: TestService, path: string): Promise<string> {
  return (await client.call('GET /why', { path })).reason;
}

async function modelsIn({ client }: TestService): Promise<string[]> {
  return (await client.call('GET /models', {})).items.map(({ name }) => name);
}

test('a Core ML package is one model under its own name, which waits for the weights that its program names', async () => {
  const service = await startWatchingService();
  const target = join(service.out, 'exports', 'churn.mlpackage');
  const weights = join('Data', 'com.apple.CoreML', 'weights', 'weight.bin');
  cpSync(join(made, 'coreml', 'churn.mlpackage'), target, {
    recursive: true,
    filter: (path) => !path.endsWith('.bin'),
  });
  const manifest = join(target, 'Manifest.json');
  await until(async () => (await reason(service, manifest)).includes('weights'), 'waiting');
  cpSync(join(made, 'coreml', 'churn.mlpackage', weights), join(target, weights));
  const version = await versionOf(service, 'churn');
  expect(version.files).toHaveLength(3);
  expect(version.facts).toMatchObject({ framework: 'coreml', modelClass: 'ml program' });
  expect(await modelsIn(service)).toEqual(['churn']);
});

test('a network of OpenVINO waits for all bytes of its weights', async () => {
  const service = await startWatchingService();
  const xml = put(join(service.out, 'churn.xml'), readFileSync(join(made, 'openvino', 'churn.xml')));
  await until(async () => (await reason(service, xml)).includes('churn.bin'), 'waiting for the weights');
  const weights = readFileSync(join(made, 'openvino', 'churn.bin'));
  put(join(service.out, 'churn.bin'), weights.subarray(0, 100));
  await until(async () => (await reason(service, xml)).includes('100 of its 256 bytes'), 'waiting for the rest');
  put(join(service.out, 'churn.bin'), weights);
  const version = await versionOf(service, 'churn');
  expect(version.files.map(({ path }) => path)).toEqual(['churn.bin', 'churn.xml']);
  expect(version.facts).toMatchObject({ framework: 'openvino', metadata: { irVersion: 11 } });
});

test.each([
  ['coreml/churn.mlmodel', 'churn.mlmodel', 'coreml'],
  ['fasttext/churn.bin', 'churn.bin', 'fasttext'],
  ['vw/churn.model', 'churn.model', 'vowpal wabbit'],
])('%s, saved as %s by its own library, is a model of %s', async (source, name, framework) => {
  const service = await startWatchingService();
  put(join(service.out, name), readFileSync(join(made, source)));
  expect((await versionOf(service, 'churn')).facts).toMatchObject({ framework, metadata: { read: 'by header only' } });
});

/** Returns a file of a tar archive with its header. */
function tarred(name: string, text: string): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write('0000644\0', 100);
  head.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
  head.write('        0', 148);
  head.write('ustar\x0000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([head, Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, '\0'))]);
}

const end = Buffer.alloc(1024);
const nemo = [
  tarred('./model_config.yaml', 'target: nemo.collections.asr.models.EncDecCTCModel\nnemo_version: 1.23.0\n'),
  tarred('./model_weights.ckpt', 'PK'),
];
const rasa = Buffer.concat([tarred('components/train_1/a.json', '{}'), tarred('metadata.json', '{}'), end]);

function node(name: string, operation: string): Buffer {
  const text = (field: number, value: string): Buffer =>
    Buffer.concat([Buffer.from([field * 8 + 2, value.length]), Buffer.from(value)]);
  const body = Buffer.concat([text(1, name), text(2, operation)]);
  return Buffer.concat([Buffer.from([10, body.length]), body]);
}

const graph = Buffer.concat([node('x', 'Placeholder'), node('w', 'Const'), node('y', 'MatMul')]);
const darknet = Buffer.from('0000000002000000050000000001000000000000' + '00000000'.repeat(4), 'hex');
const arrays = Buffer.from('1201000000000000' + '0000000000000000' + '0200000000000000', 'hex');

/** Small replacements for files whose libraries are not available here. */
test.each<[string, string, Record<string, Buffer | string>, string]>([
  ['nemo', 'churn.nemo', { 'churn.nemo': Buffer.concat([...nemo, end]) }, 'nemo'],
  ['rasa', 'churn.tar.gz', { 'churn.tar.gz': gzipSync(rasa) }, 'rasa'],
  ['a frozen graph', 'churn.pb', { 'churn.pb': graph }, 'tensorflow'],
  ['darknet', 'churn.weights', { 'churn.weights': darknet, 'churn.cfg': '[net]\n' }, 'darknet'],
  ['mxnet', 'churn-0010.params', { 'churn-0010.params': arrays, 'churn-symbol.json': '{"nodes":[]}' }, 'mxnet'],
  ['paddle', 'churn.pdmodel', { 'churn.pdmodel': Buffer.from([10, 2, 8, 0]), 'churn.pdiparams': 'w' }, 'paddle'],
  ['whisper', 'churn.bin', { 'churn.bin': Buffer.from('6c6d6767' + '00ca0000'.repeat(4), 'hex') }, 'ggml'],
])('%s is known by its header, with the files that belong to it', async (_what, primary, files, framework) => {
  const service = await startWatchingService();
  for (const [name, bytes] of Object.entries(files)) put(join(service.out, 'shop', name), bytes);
  const version = await versionOf(service, 'churn');
  expect(version.facts).toMatchObject({ framework, metadata: { read: 'by header only' } });
  expect(version.files).toHaveLength(Object.keys(files).length);
  expect(version.version.primary).toBe(primary);
});

test('files of the same endings that are something else become no models', async () => {
  const service = await startWatchingService();
  put(join(service.out, 'a', 'pom.xml'), '<project><net version="11"/></project>');
  put(join(service.out, 'a', 'backup.tar.gz'), gzipSync(Buffer.concat([tarred('notes.txt', 'x'), end])));
  put(join(service.out, 'a', 'x.weights'), 'no weights, and long enough for a header');
  put(join(service.out, 'a', 'x.params'), '--learning-rate 0.1 --epochs 20 --batch 32');
  put(join(service.out, 'a', 'labels.pb'), 'item { name: "cat" id: 1 }\n');
  const last = put(join(service.out, 'a', 'x.pdparams'), 'no pickle');
  await until(async () => (await reason(service, last)).includes('Paddle'), 'a look');
  await sleep(500);
  expect(await modelsIn(service)).toEqual([]);
});

test('a NeMo archive that is cut waits', async () => {
  const service = await startWatchingService();
  const path = put(join(service.out, 'churn.nemo'), Buffer.concat(nemo));
  await until(async () => (await reason(service, path)).includes('no end yet'), 'waiting');
  put(path, Buffer.concat([...nemo, end]));
  expect((await versionOf(service, 'churn')).facts).toMatchObject({
    frameworkVersion: '1.23.0',
    modelClass: 'EncDecCTCModel',
  });
});
