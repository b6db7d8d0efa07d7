import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startService, samples, until, startWatchingService, type TestService } from '../../support/daemon.ts';

const forest = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');
const digits = join(samples, 'pytorch', 'digits-mlp-a');

function put(path: string, bytes: Buffer | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

async function reason({ client }: TestService, path: string): Promise<string> {
  return (await client.call('GET /why', { path })).reason;
}

async function frameworkOf({ client }: TestService, model: string): Promise<string> {
  const { items } = await until(
    async () => client.call('GET /models/:model/versions', { model }).catch(() => undefined),
    `a version of ${model}`,
  );
  return items[0]?.framework ?? '';
}

test.each([
  ['model.SAV', forest, 'scikit-learn'],
  ['model.p', forest, 'scikit-learn'],
  ['model.dat', forest, 'scikit-learn'],
  ['model', forest, 'scikit-learn'],
  ['net.th', join(digits, 'checkpoints', 'best.pt'), 'pytorch'],
  ['net.pth.TAR', join(digits, 'checkpoints', 'best.pt'), 'pytorch'],
  ['net.bin', join(digits, 'model.safetensors'), 'safetensors'],
  ['model.bst', join(samples, 'xgboost', 'breast-cancer', 'run-001', 'model.ubj'), 'xgboost'],
  ['model.model', join(samples, 'xgboost', 'breast-cancer', 'run-001', 'model.ubj'), 'xgboost'],
  ['churn.txt', join(samples, 'lightgbm', 'breast-cancer', 'run-001', 'model.txt'), 'lightgbm'],
  ['churn.dat', join(samples, 'lightgbm', 'breast-cancer', 'run-001', 'model.txt'), 'lightgbm'],
  ['churn.json', join(samples, 'xgboost', 'breast-cancer', 'run-001', 'model.json'), 'xgboost'],
  ['churn.JSON', join(samples, 'catboost', 'model.json'), 'catboost'],
  ['churn.mdl', join(samples, 'catboost', 'model.cbm'), 'catboost'],
  ['net.model', join(samples, 'keras', 'digits-run1', 'model.keras'), 'keras'],
  ['net.dat', join(samples, 'keras', 'digits-run2', 'model_legacy.h5'), 'keras'],
  ['net.weights', join(digits, 'checkpoints', 'best.pt'), 'pytorch'],
  ['net', join(samples, 'pytorch', 'exports', 'model_ts_exporter.onnx'), 'onnx'],
  ['net.bin', join(samples, 'gguf', 'tiny-f16.gguf'), 'gguf'],
  ['net.model', join(samples, 'sklearn', 'skops', 'model.skops'), 'scikit-learn'],
])('%s is recognised by its first bytes', async (name, source, framework) => {
  const service = await startWatchingService();
  mkdirSync(join(service.out, 'churn'));
  copyFileSync(source, join(service.out, 'churn', name));
  expect(await frameworkOf(service, 'churn')).toBe(framework);
});

test('in a folder for models a booster of any name is recognised', async () => {
  const service = await startWatchingService();
  const boosters = [
    ['ctr.txt', join(samples, 'lightgbm', 'breast-cancer', 'run-001', 'model.txt'), 'lightgbm'],
    ['risk.json', join(samples, 'xgboost', 'diabetes-sklearn-api', 'model.json'), 'xgboost'],
  ] as const;
  for (const [name, source, framework] of boosters) {
    put(join(service.out, 'ads', 'model', name), readFileSync(source));
    expect(await frameworkOf(service, name.split('.')[0]!)).toBe(framework);
  }
});

test('a gzipped pickle of a common ending is recognised, and one in zstd is told as unread', async () => {
  const service = await startWatchingService();
  put(join(service.out, 'churn', 'model.dat'), gzipSync(readFileSync(forest)));
  expect(await frameworkOf(service, 'churn')).toBe('scikit-learn');
  const path = put(join(service.out, 'fraud', 'clf.pkl.zst'), Buffer.from('28b52ffd00000000', 'hex'));
  await until(async () => (await reason(service, path)).includes('zstd'), 'the reason');
});

test('beside a model every file is looked at, whatever its ending, and what is none leaves no row and no name', async () => {
  const service = await startWatchingService();
  put(join(service.out, 'churn', 'NOTES'), 'a text');
  put(join(service.out, 'churn', 'settings.xyz'), 'a text');
  cpSync(forest, join(service.out, 'churn', 'model.joblib'));
  expect(await frameworkOf(service, 'churn')).toBe('scikit-learn');
  copyFileSync(join(digits, 'model.safetensors'), join(service.out, 'churn', 'net.finetuned'));
  expect(await frameworkOf(service, 'net.finetuned')).toBe('safetensors');
  expect((await service.client.call('GET /artifacts', { state: 'ignored' })).items).toEqual([]);
  expect(await reason(service, join(service.out, 'churn', 'settings.xyz'))).toMatch(/first bytes/);
});

test('a file of a common ending that no model lies beside is left alone where its bytes are none', async () => {
  const service = await startWatchingService();
  const path = put(join(service.out, 'mesh', 'teapot.obj'), 'v 1.0 2.0 3.0\n'.repeat(100));
  await until(async () => (await reason(service, path)).includes('first bytes'), 'a look');
  expect((await service.client.call('GET /models', {})).items).toEqual([]);
});

/** Returns a pickle of an object of the class `class_` in `module`, without attributes. */
function pickled(module: string, class_: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x80, 2]),
    Buffer.from(`c${module}\n${class_}\n`),
    Buffer.from(')\x81}b.', 'latin1'),
  ]);
}

test('a pickle whose name says nothing is a model only where its object is one', async () => {
  const service = await startWatchingService();
  const other = put(join(service.out, 'shop', 'session.p'), pickled('shop.session', 'Session'));
  await until(async () => (await reason(service, other)).includes('the class Session'), 'the reason');
  put(join(service.out, 'churn', 'model.p'), pickled('shop.models', 'ChurnModel'));
  expect(await frameworkOf(service, 'churn')).toBe('python');
  const { items } = await service.client.call('GET /models', {});
  expect(items.map(({ name }) => name)).toEqual(['churn']);
});

test('of a folder at most 200 unclaimed files are looked at, and one line says so, however they come', async () => {
  const service = await startWatchingService();
  for (const first of [3000, 2000, 1000]) {
    for (let at = 0; at < 205; at += 1) put(join(service.out, 'raw', `part-${first + at}.dat`), `row ${at}`);
    await sleep(400);
  }
  const { items } = await service.client.call('GET /artifacts', { state: 'ignored' });
  expect(items.map((item) => item.reason)).toEqual([expect.stringMatching(/^200 files of this folder/)]);
});

test('a file of an odd name that is registered by hand is read by its first bytes', async () => {
  const { client, folder } = await startService();
  const path = join(folder, `net${extname('a.bak')}`);
  copyFileSync(join(digits, 'model.safetensors'), path);
  const { version } = await client.call('POST /register', { path, model: 'net' });
  expect(version.format).toBe('safetensors');
});
