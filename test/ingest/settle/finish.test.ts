import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Version } from '../../../daemon/protocol/model.ts';
import { copySample, samples, until, untilIdle, startWatchingService, type TestService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));
const checkpoint = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'checkpoints', 'best.pt'));
const linux = process.platform === 'linux';

async function versionsOf(service: TestService, model: string): Promise<Version[]> {
  const page = await service.client.call('GET /models/:model/versions', { model }).catch(() => ({ items: [] }));
  return page.items;
}

async function registered(service: TestService, model: string, count = 1): Promise<Version[]> {
  return until(async () => {
    const versions = await versionsOf(service, model);
    return versions.length >= count && versions;
  }, `${count} versions of ${model}`);
}

function put(path: string, bytes: Buffer | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** Runs a script in a process of its own, which ends with the test. */
function script(text: string, ...args: string[]): ChildProcess {
  const started = spawn(process.execPath, ['-e', `const fs = require('node:fs'); ${text}`, ...args]);
  onTestFinished(() => void started.kill());
  return started;
}

function ended(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.on('exit', resolve));
}

test(
  'a file that has its full size from the start waits while its writer has it open, and tells so',
  { skip: !linux },
  async () => {
    const service = await startWatchingService();
    mkdirSync(join(service.out, 'digits'));
    const path = join(service.out, 'digits', 'model.safetensors');
    const writer = script(
      `const [source, target] = process.argv.slice(1); const bytes = fs.readFileSync(source); const handle = fs.openSync(target, 'w');
       fs.ftruncateSync(handle, bytes.length); fs.writeSync(handle, bytes, 0, 2000, 0);
       setTimeout(() => { fs.writeSync(handle, bytes, 2000, bytes.length - 2000, 2000); fs.closeSync(handle); }, 4000);`,
      join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'),
      path,
    );
    const reason = async (): Promise<string> => (await service.client.call('GET /why', { path })).reason;
    await until(async () => /waiting: .* open/.test(await reason()), 'waiting for its writer');
    expect(await versionsOf(service, 'digits')).toEqual([]);
    await ended(writer);
    const versions = await registered(service, 'digits');
    const { files } = await service.client.call('GET /models/:model/versions/:version', {
      model: 'digits',
      version: '1',
    });
    expect(files.map((file) => file.size)).toEqual([weights.length]);
    expect(versions).toHaveLength(1);
  },
);

test('what a live run overwrote was never a version', async () => {
  const service = await startWatchingService({ timing: { runQuietMs: 1500 } });
  copySample('pytorch/digits-mlp-a/runs', join(service.out, 'digits', 'runs'));
  for (let save = 0; save < 10; save += 1) {
    const bytes = Buffer.from(checkpoint);
    bytes.writeUInt16LE(save, 900);
    put(join(service.out, 'digits', 'best.pt'), bytes);
    await sleep(400);
  }
  await registered(service, 'digits');
  await untilIdle(service);
  expect((await versionsOf(service, 'digits')).map(({ number }) => number)).toEqual([1]);
});

test('a run ends when the process that wrote in it is gone', { skip: !linux }, async () => {
  const service = await startWatchingService({ timing: { runQuietMs: 60_000 } });
  const folder = join(service.out, 'digits');
  mkdirSync(folder);
  const writer = script(
    `const [source, out] = process.argv.slice(1); const log = fs.openSync(out + '/metrics.csv', 'a');
     fs.writeSync(log, 'step,loss\\n'); let step = 0;
     const timer = setInterval(() => { step += 1; fs.writeSync(log, step + ',' + 1 / step + '\\n'); fs.copyFileSync(source, out + '/best.pt');
       if (step === 4) { clearInterval(timer); fs.closeSync(log); } }, 600);`,
    join(samples, 'pytorch', 'digits-mlp-a', 'checkpoints', 'best.pt'),
    folder,
  );
  await ended(writer);
  await registered(service, 'digits');
});

test('a file that may not be read is told so, and taken when it may', async (context) => {
  if (process.getuid?.() === 0) context.skip('root may read everything');
  const service = await startWatchingService();
  const path = put(join(service.out, 'digits', 'model.safetensors'), weights);
  chmodSync(path, 0o200);
  await until(
    async () => (await service.client.call('GET /why', { path })).artifact?.state === 'unreadable',
    'its row',
  );
  chmodSync(path, 0o600);
  await service.client.call('POST /scan', { path: service.out });
  await registered(service, 'digits');
});

test('two models that a script saves again are both versions anew', async () => {
  const service = await startWatchingService({ timing: { runQuietMs: 1500 } });
  const save = (name: string, salt: number): void => {
    const bytes = Buffer.from(weights);
    bytes.writeUInt32LE(salt, bytes.length - 4);
    put(join(service.out, 'models', name), bytes);
  };
  save('churn.safetensors', 1);
  save('fraud.safetensors', 2);
  await registered(service, 'churn');
  await registered(service, 'fraud');
  save('churn.safetensors', 3);
  save('fraud.safetensors', 4);
  await registered(service, 'churn', 2);
  await registered(service, 'fraud', 2);
});

test('a save that is caught half-written while it overwrites a version is a candidate', { skip: !linux }, async () => {
  const service = await startWatchingService();
  const training = train(
    service.folder,
    `save('out/digits/model.safetensors', 1); await sleep(2500);
     writeFileSync('out/digits/model.safetensors', readFileSync('out/digits/model.safetensors').subarray(0, 40)); await sleep(3000);
     save('out/digits/model.safetensors', 2); await sleep(600_000);`,
  );
  const path = join(service.out, 'digits', 'model.safetensors');
  const state = async (): Promise<string | undefined> =>
    (await service.client.call('GET /why', { path })).artifact?.state;
  await registered(service, 'digits');
  await until(async () => (await state()) === 'waiting', 'waiting');
  await until(async () => (await state()) === 'candidate', 'candidate');
  expect(await versionsOf(service, 'digits')).toHaveLength(1);
  training.kill();
  await registered(service, 'digits', 2);
});

test('a script that is run again with the same result makes no version of the other format', async () => {
  const service = await startWatchingService({ timing: { runQuietMs: 1500, sameRunMs: 10 } });
  const folder = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1');
  const save = (): void => {
    for (const name of ['model.joblib', 'model.pkl'])
      put(join(service.out, 'iris', name), readFileSync(join(folder, name)));
  };
  save();
  await registered(service, 'iris');
  // A save whose process was not seen within two seconds counts as the work of one script.
  await sleep(2500);
  save();
  await untilIdle(service);
  expect(await versionsOf(service, 'iris')).toHaveLength(1);
});
