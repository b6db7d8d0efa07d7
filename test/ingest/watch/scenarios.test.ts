import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Artifact, Version } from '../../../daemon/protocol/model.ts';
import {
  startService,
  samples,
  until,
  untilIdle,
  type TestService,
  type ServiceOptions,
} from '../../support/daemon.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));
const checkpoint = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'checkpoints', 'best.pt'));

async function startWatchingService(wanted: ServiceOptions = {}): Promise<TestService> {
  const service = await startService(wanted);
  await service.client.call('POST /roots', { path: service.out });
  onTestFinished(() => expect(service.errors.filter((error) => error.includes('cannot go from'))).toEqual([]));
  return service;
}

async function versionsOf(service: TestService, model: string): Promise<Version[]> {
  const page = await service.client.call('GET /models/:model/versions', { model }).catch(() => ({ items: [] }));
  return page.items;
}

async function why(service: TestService, path: string): Promise<{ reason: string; artifact: Artifact | null }> {
  return service.client.call('GET /why', { path });
}

/** Returns unique bytes of a safetensors file. */
function fresh(salt: number): Buffer {
  const bytes = Buffer.from(weights);
  bytes.writeUInt32LE(salt, bytes.length - 4);
  return bytes;
}

function put(path: string, bytes: Buffer | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

async function registered(service: TestService, model: string, count = 1): Promise<Version[]> {
  return until(async () => {
    const versions = await versionsOf(service, model);
    return versions.length >= count && versions;
  }, `${count} versions of ${model}`);
}

test('a file written in three pieces with pauses is one version, never half of it', async () => {
  const service = await startWatchingService();
  const path = put(join(service.out, 'churn', 'model.safetensors'), '');
  const handle = openSync(path, 'w');
  for (let piece = 0; piece < 3; piece += 1) {
    const third = Math.ceil(weights.length / 3);
    writeSync(handle, weights.subarray(piece * third, (piece + 1) * third));
    await sleep(700);
    if (piece < 2) expect(await versionsOf(service, 'churn')).toEqual([]);
  }
  closeSync(handle);
  const versions = await registered(service, 'churn');
  expect(versions.map(({ size, number }) => [number, size])).toEqual([[1, weights.length]]);
});

test('a half-written file waits and tells what for', async () => {
  const service = await startWatchingService();
  const path = put(join(service.out, 'churn', 'model.safetensors'), weights.subarray(0, 3000));
  await until(async () => (await why(service, path)).artifact?.state === 'waiting', 'waiting');
  expect((await why(service, path)).reason).toMatch(/^waiting: /);
  writeFileSync(path, weights);
  await registered(service, 'churn');
});

test('a temporary name is not looked at, and its rename is', async () => {
  const service = await startWatchingService();
  const temp = put(join(service.out, 'churn', '.tmpAbC'), '');
  const handle = openSync(temp, 'w');
  ftruncateSync(handle, weights.length);
  await untilIdle(service);
  expect(await versionsOf(service, 'churn')).toEqual([]);
  writeSync(handle, weights, 0, weights.length, 0);
  closeSync(handle);
  renameSync(temp, join(service.out, 'churn', 'model.safetensors'));
  await registered(service, 'churn');
});

test('rotating checkpoints leave no ghosts, and the run gives one version when its writer is gone', async () => {
  const service = await startWatchingService();
  const source = join(samples, 'transformers', 'tiny-bert-cls');
  const script = `
    const { cpSync, rmSync, openSync, writeSync } = require('node:fs'); const { join } = require('node:path');
    const [source, out] = process.argv.slice(1); const log = openSync(join(out, 'events.out.tfevents.1.x'), 'w');
    (async () => { for (const step of [1, 2, 3, 4]) {
      cpSync(join(source, 'checkpoint-8'), join(out, 'checkpoint-' + step), { recursive: true });
      if (step > 2) rmSync(join(out, 'checkpoint-' + (step - 2)), { recursive: true });
      writeSync(log, 'x'); await new Promise((r) => setTimeout(r, 700)); } })();`;
  const out = join(service.out, 'bert');
  mkdirSync(out);
  const writer = spawn(process.execPath, ['-e', script, source, out]);
  await new Promise((resolve) => writer.on('exit', resolve));
  const versions = await registered(service, 'bert');
  expect(versions).toHaveLength(1);
  const { items } = await service.client.call('GET /artifacts', { state: 'candidate' });
  expect(items.every((artifact) => /checkpoint-[34]/.test(artifact.path))).toBe(true);
});

test('a folder renamed into place is taken whole', async () => {
  const service = await startWatchingService();
  const staged = join(service.folder, 'staged');
  cpSync(join(samples, 'peft', 'adapter-lora'), staged, { recursive: true });
  renameSync(staged, join(service.out, 'adapter'));
  const [version] = await registered(service, 'adapter');
  expect(version).toMatchObject({ files: 3, wholeFolder: true, framework: 'peft' });
});

test('shards may come in any order: the version is made when the index and all of them are there', async () => {
  const service = await startWatchingService();
  const out = join(service.out, 'sharded');
  const [first, second] = [fresh(1), fresh(2)];
  const index = {
    metadata: {},
    weight_map: { 'fc1.weight': 'model-00001-of-00002.safetensors', 'fc2.weight': 'model-00002-of-00002.safetensors' },
  };
  put(join(out, 'config.json'), JSON.stringify({ model_type: 'bert', architectures: ['BertModel'] }));
  put(join(out, 'model-00002-of-00002.safetensors'), second);
  await untilIdle(service);
  put(join(out, 'model.safetensors.index.json'), JSON.stringify(index));
  await untilIdle(service);
  expect(await versionsOf(service, 'sharded')).toEqual([]);
  put(join(out, 'model-00001-of-00002.safetensors'), first);
  const [version] = await registered(service, 'sharded');
  expect(version?.files).toBe(4);
});

test('metrics that are written after the model become its evidence', async () => {
  const service = await startWatchingService();
  put(join(service.out, 'churn', 'model.safetensors'), weights);
  await registered(service, 'churn');
  await untilIdle(service);
  put(join(service.out, 'churn', 'metrics.json'), '{"auc": 0.91, "loss": NaN}');
  await until(async () => (await versionsOf(service, 'churn'))[0]?.metrics['auc'] === 0.91, 'the evidence');
  expect((await versionsOf(service, 'churn'))[0]?.metrics['loss']).toBe('NaN');
  put(join(service.out, 'churn', 'metrics.json'), '{"auc": 0.95}');
  await until(async () => (await versionsOf(service, 'churn'))[0]?.metrics['auc'] === 0.95, 'the newer evidence');
});

test('the same bytes are seen again in their model, and a version on the same blobs in another', async () => {
  const service = await startWatchingService();
  put(join(service.out, 'churn', 'run-1', 'model.safetensors'), weights);
  await registered(service, 'churn');
  const again = put(join(service.out, 'churn', 'run-2', 'model.safetensors'), weights);
  await until(async () => (await why(service, again)).artifact?.state === 'duplicate', 'seen again');
  expect((await why(service, again)).reason).toMatch(/these bytes are churn@1/);
  put(join(service.out, 'other', 'model.safetensors'), weights);
  const [other] = await registered(service, 'other');
  expect(other?.digest).toBe((await versionsOf(service, 'churn'))[0]?.digest);
});

test(
  'links, pipes and names that are no UTF-8 are counted with the reason',
  { skip: process.platform !== 'linux' },
  async () => {
    const service = await startWatchingService();
    const outside = put(join(service.folder, 'outside.pt'), checkpoint);
    mkdirSync(join(service.out, 'odd'));
    symlinkSync(outside, join(service.out, 'odd', 'link.pt'));
    execFileSync('mkfifo', [join(service.out, 'odd', 'pipe.pkl')]);
    writeFileSync(
      Buffer.concat([Buffer.from(join(service.out, 'odd', 'caf')), Buffer.from([0xe9]), Buffer.from('.pt')]),
      checkpoint,
    );
    const reasons = await until(async () => {
      const { items } = await service.client.call('GET /artifacts', { state: 'ignored' });
      return items.length === 3 && items.map((artifact) => artifact.reason);
    }, 'three ignored files');
    expect(reasons.toSorted()).toEqual([
      expect.stringMatching(/link to .*outside\.pt/),
      expect.stringMatching(/not valid UTF-8/),
      expect.stringMatching(/Not a regular file/),
    ]);
    expect((await service.client.call('GET /models', {})).items).toEqual([]);
  },
);

test('a file of a known ending that is none of its kind is told so', async () => {
  const service = await startWatchingService();
  const path = put(join(service.out, 'churn', 'model.pkl'), 'this is no pickle at all');
  await until(async () => (await why(service, path)).artifact !== null, 'its row');
  expect(await versionsOf(service, 'churn')).toEqual([]);
  expect((await why(service, join(service.out, 'churn', 'notes.docx'))).reason).toBe('The file does not exist.');
  expect((await why(service, put(join(service.out, 'churn', 'notes.docx'), 'x'))).reason).toMatch(
    /Unsupported file type/,
  );
  expect((await why(service, put(join(service.folder, 'elsewhere.pt'), 'x'))).reason).toMatch(
    /Not in a watched folder/,
  );
});

test('what a pattern ignores is not taken, and is taken when the pattern goes', async () => {
  const service = await startWatchingService();
  await service.client.call('POST /ignored', { pattern: 'scratch/**' });
  const path = put(join(service.out, 'scratch', 'model.safetensors'), weights);
  await untilIdle(service);
  expect(await versionsOf(service, 'scratch')).toEqual([]);
  expect((await why(service, path)).reason).toMatch(/pattern scratch/);
  await service.client.call('POST /ignored/remove', { pattern: 'scratch/**' });
  await registered(service, 'scratch');
});

test('a paused folder is let be, and what was saved meanwhile comes when it is resumed', async () => {
  const service = await startWatchingService();
  await service.client.call('POST /roots/pause', { path: service.out });
  put(join(service.out, 'resting', 'model.safetensors'), weights);
  await untilIdle(service);
  expect(await versionsOf(service, 'resting')).toEqual([]);
  expect((await service.client.call('GET /roots', {})).roots).toMatchObject([{ path: service.out, state: 'paused' }]);
  await service.client.call('POST /roots/resume', { path: service.out });
  await registered(service, 'resting');
  put(join(service.out, 'awake', 'model.safetensors'), fresh(1));
  await registered(service, 'awake');
});

test('a backlog above the limit is listed as found, and registered when a person says so', async () => {
  const service = await startService({ timing: { maxExistingBytes: 8000 } });
  put(join(service.out, 'churn', 'run-1', 'model.safetensors'), fresh(1));
  put(join(service.out, 'churn', 'run-2', 'model.safetensors'), fresh(2));
  const root = await service.client.call('POST /roots', { path: service.out });
  expect(root.counts.found).toBe(2);
  expect(await versionsOf(service, 'churn')).toEqual([]);
  await service.client.call('POST /found/register', { root: service.out });
  expect(await registered(service, 'churn', 2)).toHaveLength(2);
});

test('what was saved while the daemon was down is caught up in the order it was written', async () => {
  const service = await startWatchingService();
  await service.daemon.stop();
  for (let n = 1; n <= 12; n += 1) {
    put(join(service.out, 'churn', `run-${n}`, 'model.safetensors'), fresh(n));
    await sleep(5);
  }
  const { startDaemon } = await import('../../../daemon/daemon.ts');
  const { configure } = await import('../../../daemon/config.ts');
  const { silent } = await import('../../../daemon/log.ts');
  const { connect } = await import('../../../daemon/clients/client/request.ts');
  const daemon = await startDaemon(configure({ version: '0', dataFolder: join(service.folder, 'data') }), silent);
  const back = { ...service, daemon, client: connect(daemon.file, 'test') };
  const versions = await registered(back, 'churn', 12);
  expect(versions.map(({ source }) => /run-(\d+)/.exec(source.path)?.[1]).toReversed()).toEqual(
    Array.from({ length: 12 }, (_, n) => String(n + 1)),
  );
  await daemon.stop();
});

test('trainings of last month are numbered and dated by when they were, not by when they were found', async () => {
  const service = await startService();
  const hour = 3_600_000;
  const ages = [3, 7, 1, 9, 5, 2, 8, 6];
  const month = Math.floor(Date.now() / 1000) * 1000 - 30 * 24 * hour;
  for (const [place, age] of ages.entries()) {
    const run = join(service.out, 'runs', `run-${place}`);
    const files = [
      put(join(run, 'metrics.csv'), `step,val/auc\n1,0.7\n2,0.8${place}\n`),
      put(join(run, 'model.safetensors'), fresh(place + 1)),
    ];
    for (const path of files) utimesSync(path, new Date(month - age * hour), new Date(month - age * hour));
  }
  await service.client.call('POST /roots', { path: service.out });
  const { items: models } = await until(async () => {
    const found = await service.client.call('GET /models', {});
    return found.items[0]?.versions === ages.length && found;
  }, 'the versions');
  const versions = await versionsOf(service, models[0]!.name);
  const inOrder = versions.toSorted((a, b) => a.number - b.number).map(({ source }) => source.writtenAt);
  expect(inOrder).toEqual(ages.map((age) => month - age * hour).toSorted((a, b) => a - b));
  await untilIdle(service);
  const { runs } = await service.client.call('GET /runs', {});
  for (const { startedAt, endedAt, updatedAt } of runs)
    expect([startedAt, endedAt, updatedAt]).toEqual([startedAt, startedAt, startedAt]);
  expect(runs.map(({ startedAt }) => startedAt).toSorted((a, b) => a - b)).toEqual(inOrder);
  const of = { model: models[0]!.name, version: 'latest' };
  const lineage = await until(
    async () => (await service.client.call('GET /models/:model/versions/:version', of)).lineage ?? undefined,
    'the lineage',
  );
  expect(lineage.missing).toContain('The process that wrote it had ended long before.');
});

test('a version stays when its file is deleted, and the candidate of a deleted file goes', async () => {
  const service = await startWatchingService();
  const path = put(join(service.out, 'churn', 'model.safetensors'), weights);
  await registered(service, 'churn');
  rmSync(path);
  await until(async () => (await why(service, path)).artifact === null, 'the row to go');
  expect(await versionsOf(service, 'churn')).toHaveLength(1);
  const verified = await service.client.call('POST /verify', {});
  expect(verified.ok).toBe(true);
});

test('a model that was renamed goes on being fed by its folder', async () => {
  const service = await startWatchingService();
  put(join(service.out, 'churn', 'run-1', 'model.safetensors'), fresh(1));
  await registered(service, 'churn');
  await service.client.call('POST /models/:model/rename', { model: 'churn', name: 'renamed' });
  put(join(service.out, 'churn', 'run-2', 'model.safetensors'), fresh(2));
  expect(await registered(service, 'renamed', 2)).toHaveLength(2);
  expect((await service.client.call('GET /models', {})).items.map(({ name }) => name)).toEqual(['renamed']);
});

test(
  'a format without an end mark waits while its writer has it open, and comes when it is closed',
  { skip: process.platform !== 'linux' },
  async () => {
    const service = await startWatchingService({ timing: { unmarkedQuietMs: 60_000 } });
    const source = join(samples, 'pytorch', 'exports', 'model_ts_exporter.onnx');
    mkdirSync(join(service.out, 'churn'));
    const script = `const fs = require('node:fs'); const h = fs.openSync(process.argv[2], 'w'); fs.writeSync(h, fs.readFileSync(process.argv[1])); setTimeout(() => fs.closeSync(h), 2000);`;
    const writer = spawn(process.execPath, ['-e', script, source, join(service.out, 'churn', 'churn.onnx')]);
    await sleep(1500);
    expect(await versionsOf(service, 'churn')).toEqual([]);
    await new Promise((resolve) => writer.on('exit', resolve));
    await registered(service, 'churn');
  },
);

test("what MLflow's stores tell of the run that logged a model comes when the run has ended", async () => {
  const service = await startWatchingService();
  const [store, logged] = [join(samples, 'mlflow', 'filestore', 'mlruns'), 'models/m-d333a21742b74674a77a07353516f246'];
  const [experiment, run] = ['588370599175255012', 'aaa1590f3db94b17924f462076b79b8c'];
  const to = join(service.out, 'mlruns', experiment);
  cpSync(join(store, experiment, logged), join(to, logged), { recursive: true });
  const [version] = await registered(service, 'model');
  expect(version?.metrics).toEqual({});
  cpSync(join(store, experiment, run), join(to, run), { recursive: true });
  const metrics = await until(async () => {
    const [now] = await versionsOf(service, 'model');
    return Object.keys(now?.metrics ?? {}).length > 0 ? now?.metrics : undefined;
  }, 'the metrics of the run');
  expect(metrics).toMatchObject({ r2: expect.closeTo(0.4055, 3), rmse: expect.closeTo(59.52, 1) });
});
