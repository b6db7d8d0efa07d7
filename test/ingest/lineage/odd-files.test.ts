import { execFileSync } from 'node:child_process';
import { closeSync, copyFileSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { VersionDetail } from '../../../daemon/protocol/routes/versions.ts';
import { startService, samples, until, type TestService } from '../../support/daemon.ts';

const sample = join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors');
/** Every file that is read beside a model, for its lineage, its evidence or its rules. */
const beside = [
  'requirements.txt',
  'config.yaml',
  'params.json',
  'train.cfg',
  'metrics.json',
  'results.csv',
  'metrics.jsonl',
  'dvc.lock',
  'pyproject.toml',
  'events.out.tfevents.1',
  'MLmodel',
  'plinth.yaml',
  'config.json',
];
/** Windows has no FIFOs, and needs special rights for links. */
const posix = { skip: process.platform === 'win32' };

async function taken({ client }: TestService, model: string): Promise<VersionDetail> {
  return until(
    async () => {
      const found = await client
        .call('GET /models/:model/versions/:version', { model, version: '1' })
        .catch(() => undefined);
      return found?.lineage ? found : undefined;
    },
    `the lineage of ${model}`,
    30_000,
  );
}

/** Saves a model with odd files beside it and another model after it. Returns the first model's version. */
async function saved(odd: (path: string) => void): Promise<{ service: TestService; detail: VersionDetail }> {
  const service = await startService();
  await service.client.call('POST /roots', { path: service.out });
  const folder = join(service.out, 'odd', 'run-1');
  mkdirSync(folder, { recursive: true });
  for (const name of beside) odd(join(folder, name));
  copyFileSync(sample, join(folder, 'model.safetensors'));
  const detail = await taken(service, 'odd');
  const next = join(service.out, 'next', 'run-1');
  mkdirSync(next, { recursive: true });
  copyFileSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'), join(next, 'model.joblib'));
  await taken(service, 'next');
  expect(service.errors.filter((line) => !line.startsWith('git'))).toEqual([]);
  return { service, detail };
}

test('links that lead out of the watched folder are read for nothing', posix, async () => {
  let at = 0;
  const { service, detail } = await saved((path) => {
    const outside = join(path, '..', '..', '..', '..', `outside-${(at += 1)}`);
    writeFileSync(outside, 'secret: 7\nnumpy==6.6.6\n');
    symlinkSync(outside, path);
  });
  expect(detail.lineage?.captured).toEqual([]);
  expect(JSON.stringify(detail)).not.toMatch(/secret|6\.6\.6/);
  const path = 'odd/run-1/config.yaml';
  const captured = service.client.call('GET /models/:model/versions/:version/captured', {
    model: 'odd',
    version: '1',
    path,
  });
  await expect(captured).rejects.toMatchObject({ code: 'not-found' });
});

test('links within the watched folder are captured, but not those to files of secrets', posix, async () => {
  const { detail } = await saved((path) => {
    const shared = join(path, '..', '..', '..', 'shared.txt');
    writeFileSync(shared, 'numpy==2.0.1\n');
    writeFileSync(join(path, '..', '..', '..', '.env'), 'PLAIN=hidden\n');
    if (path.endsWith('requirements.txt')) symlinkSync('../../shared.txt', path);
    if (path.endsWith('train.cfg')) symlinkSync('../../.env', path);
  });
  expect(detail.lineage?.captured.map((one) => one.path)).toEqual(['odd/run-1/requirements.txt']);
  expect(detail.lineage?.environment?.packages).toEqual({ numpy: '2.0.1' });
});

test('a folder of a run that is a link leading out is not looked into', posix, async () => {
  const { detail } = await saved((path) => {
    if (!path.endsWith('params.json')) return;
    const outside = join(path, '..', '..', '..', '..', 'elsewhere');
    mkdirSync(join(outside, 'run-1', 'files'), { recursive: true });
    writeFileSync(join(outside, 'run-1', 'files', 'requirements.txt'), 'numpy==6.6.6\n');
    writeFileSync(join(outside, 'data.csv'), 'a,b\n1,2\n');
    symlinkSync(outside, join(path, '..', 'wandb'));
    writeFileSync(path, JSON.stringify({ data: 'wandb/data.csv' }));
  });
  expect(detail.lineage?.environment).toBeNull();
  expect(detail.lineage?.data).toEqual([]);
});

test('FIFOs in every place are passed over', posix, async () => {
  const { detail } = await saved((path) => execFileSync('mkfifo', [path]));
  expect(detail.lineage?.captured).toEqual([]);
});

test('sockets in every place are passed over', posix, async () => {
  const { detail } = await saved((path) => {
    const folder = process.cwd();
    process.chdir(join(path, '..'));
    const server = createServer().listen(path.slice(path.lastIndexOf('/') + 1));
    process.chdir(folder);
    onTestFinished(() => void server.close());
  });
  expect(detail.lineage?.captured).toEqual([]);
});

test('links to a device without an end, and files of 50 GB without content, take no memory', posix, async () => {
  let at = 0;
  const before = process.memoryUsage.rss();

  const { detail } = await saved((path) => {
    // A TensorBoard file means that the run is not over.
    if (path.includes('tfevents')) return;
    if ((at += 1) % 2 === 0) return symlinkSync('/dev/zero', path);
    const handle = openSync(path, 'w');
    ftruncateSync(handle, 50e9);
    closeSync(handle);
  });
  expect(detail.lineage?.captured).toEqual([]);
  expect(process.memoryUsage.rss() - before).toBeLessThan(500e6);
});
