import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon, type Daemon } from '../../daemon/daemon.ts';
import { defaultTiming } from '../../daemon/runtime/timing.ts';
import type { Json } from '../../daemon/protocol/json.ts';
import { runReference } from '../../daemon/shared/references.ts';
import { addEvidence } from '../../daemon/registry/versions/register.ts';
import type { VersionFile } from '../../daemon/registry/tensors/plan.ts';
import type { TensorOperations } from '../../daemon/registry/tensors/tensor-worker.ts';
import { workerThread, type WorkerThread } from '../../daemon/runtime/worker-thread.ts';
import { peakMb, percentile, row, type Row } from './place.ts';
import { given } from '../support/evidence.ts';

const samples = join(import.meta.dirname, '..', 'fixtures', 'samples');

/** Measures the daemon's part of a comparison: series, tables, tensors. */
export async function comparison(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  try {
    return [...(await served(join(folder, 'data'))), ...(await headers(folder)), ...(await norms(folder))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function served(dataFolder: string): Promise<Row[]> {
  const log = { info: () => undefined, warn: console.warn, error: console.error };
  const daemon = await startDaemon(configure({ version: '0.0.0', dataFolder, timing: defaultTiming }), log);
  const client = connect(daemon.file, 'bench');
  try {
    return [...(await longSeries(daemon, client)), ...(await wide(daemon, client)), ...(await live(daemon, client))];
  } finally {
    await daemon.stop();
  }
}

async function register(client: Client, model: string): Promise<void> {
  await client.call('POST /register', { path: join(samples, 'npz', 'weights.npz'), model, again: true });
}

function seriesOf(count: number): (number | null)[][] {
  return Array.from({ length: count }, (_, step) => [
    step,
    1_764_000_000_000 + 100 * step,
    Math.exp(-step / count) + Math.random(),
  ]);
}

async function addSeries(daemon: Daemon, reference: [string, number], series: Record<string, Json>): Promise<void> {
  const metrics = Object.fromEntries(Object.keys(series).map((name, index) => [name, index + Math.random()]));
  const evidence = { source: 'log.csv', metrics, params: {}, more: { series, best: {} } };
  await addEvidence(daemon.context, { actor: 'bench' }, reference[0], String(reference[1]), {
    ...evidence,
    origin: given,
  });
}

/** Measures reading 5,000 points of a series of a million: first from disk, then again. */
async function longSeries(daemon: Daemon, client: Client): Promise<Row[]> {
  const times: number[][] = [[], []];
  for (let version = 1; version <= 5; version += 1) {
    await register(client, 'long');
    await addSeries(daemon, ['long', version], { loss: seriesOf(1_000_000) });
    for (const [turn, list] of times.entries()) {
      const began = performance.now();
      const [points] = await client.points([`long@${version}`], 'loss', 5000);
      list.push(performance.now() - began);
      if (points?.total !== 1_000_000 || points.values.length < 4000) throw new Error(`the series is cut (${turn})`);
    }
  }
  const [first, again] = times.map((list) => percentile(list, 0.5));
  return [
    row('1 million points of a series served, 5,000 of them sent, from disk, median of 5', '≤ 200 ms', `${first!.toFixed(0)} ms (slowest, with the thread's start: ${Math.max(...times[0]!).toFixed(0)})`, first! <= 200),
    row('the same again', '≤ 200 ms', `${again!.toFixed(0)} ms`, again! <= 200),
  ]; // prettier-ignore
}

/** Measures the requests of a page with 20 versions of 200 metrics: the tables, the list of series, and twelve charts. */
async function wide(daemon: Daemon, client: Client): Promise<Row[]> {
  const names = Array.from({ length: 200 }, (_, index) => `metric_${index}`);
  const references = Array.from({ length: 20 }, (_, index) => `wide@${index + 1}`);
  for (let version = 1; version <= 20; version += 1) {
    await register(client, 'wide');
    const series = Object.fromEntries(names.map((name, index) => [name, seriesOf(index < 12 ? 5000 : 2)]));
    await addSeries(daemon, ['wide', version], series);
  }
  const began = performance.now();
  const table = await client.call('GET /compare', { versions: references.join(',') });
  const tableMs = performance.now() - began;
  await client.call('GET /series', { versions: references.join(',') });
  const listMs = performance.now() - began - tableMs;
  await Promise.all(names.slice(0, 12).map((name) => client.points(references, name, 500)));
  const all = performance.now() - began;
  if (table.metrics.length !== 200) throw new Error('a metric is missing');
  const parts = `tables ${tableMs.toFixed(0)}, list ${listMs.toFixed(0)}, 12 charts ${(all - tableMs - listMs).toFixed(0)}`;
  return [
    row(
      '20 versions × 200 metrics, series of 5,000 points, the daemon’s part',
      '≤ 400 ms',
      `${all.toFixed(0)} ms (${parts})`,
      all <= 400,
    ),
  ];
}

/** A training that saves a checkpoint, and logs each line that it is given. */
const trainer = `
const fs = require('node:fs'); const path = require('node:path');
const [run, samples] = process.argv.slice(1);
fs.writeFileSync(path.join(run, 'trainer_log.jsonl'), '');
fs.copyFileSync(path.join(samples, 'pytorch/digits-mlp-a/model.pt'), path.join(run, 'checkpoints', 'epoch_1.pt'));
fs.copyFileSync(path.join(samples, 'lightning/lightning_logs/version_0/metrics.csv'), path.join(run, 'metrics.csv'));
process.stdin.on('data', (line) => fs.appendFileSync(path.join(run, 'trainer_log.jsonl'), line));`;

/** Measures the time from a point logged in a running run until the page has read it, after the message on the stream. */
async function live(daemon: Daemon, client: Client): Promise<Row[]> {
  const root = mkdtempSync(join(tmpdir(), 'plinth-bench-run-'));
  const run = join(root, 'digits', 'run-1');
  mkdirSync(join(run, 'checkpoints'), { recursive: true });
  await client.call('POST /roots', { path: root });
  // A run is what a process did, and the service never takes its own process for one.
  const training = spawn(process.execPath, ['-e', trainer, run, samples], {
    cwd: root,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  let folder = '';
  const heard: (() => void)[] = [];
  daemon.listen((message) => {
    if (message.kind !== 'run') return;
    folder = message.run.folder;
    for (const tell of heard.splice(0)) tell();
  });
  await poll(() => folder !== '');
  const times: number[] = [];
  for (let step = 1; step <= 20; step += 1) {
    await new Promise((resolve) => setTimeout(resolve, 700 + 50 * (step % 7)));
    const began = performance.now();
    training.stdin.write(`{"step": ${step}, "loss": ${1 / step}}\n`);
    await poll(async () => {
      await new Promise<void>((resolve) => heard.push(resolve));
      const [points] = await client.points([runReference(folder)], 'loss', 1000);
      return points?.steps.at(-1) === step;
    });
    times.push(performance.now() - began);
  }
  training.stdin.end();
  await once(training, 'exit');
  rmSync(root, { recursive: true, force: true });
  const [median, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
  return [
    row(
      'a point logged in a live run → a page has read it, p95 of 20',
      '≤ 500 ms',
      `${p95.toFixed(0)} ms (median ${median.toFixed(0)})`,
      p95 <= 500,
    ),
  ];
}

async function poll(ask: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await ask())) await new Promise((resolve) => setTimeout(resolve, 5));
}

function tensorThread(): WorkerThread<TensorOperations> {
  return workerThread(new URL('../../daemon/registry/tensors/tensor-worker.ts', import.meta.url));
}

/** Returns the header of `count` matrices of `side` × `side`, as the library writes it. */
function headerOf(count: number, side: number, dtype: 'BF16' | 'F32'): { bytes: Buffer; data: number } {
  const size = side * side * (dtype === 'F32' ? 4 : 2);
  const tensors = Array.from({ length: count }, (_, index) => [
    `model.layers.${index >> 3}.part${index & 7}.weight`,
    { dtype, shape: [side, side], data_offsets: [index * size, (index + 1) * size] },
  ]);
  const text = Buffer.from(JSON.stringify(Object.fromEntries(tensors)));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  return { bytes: Buffer.concat([prefix, text]), data: count * size };
}

async function headers(folder: string): Promise<Row[]> {
  const { bytes, data } = headerOf(218, 4096, 'BF16');
  const files = ['a', 'b'].map((name): VersionFile[] => {
    const path = join(folder, `${name}.safetensors`);
    const handle = openSync(path, 'w');
    writeSync(handle, bytes);
    ftruncateSync(handle, bytes.length + data);
    closeSync(handle);
    return [{ name: 'model.safetensors', path, size: bytes.length + data }];
  });
  const thread = tensorThread();
  const began = performance.now();
  const reply = await thread.call('compare', {
    before: files[0]!,
    after: files[1]!,
    norms: false,
    cancel: new SharedArrayBuffer(4),
  });
  const ms = performance.now() - began;
  await thread.close();
  if (reply.alike !== 218) throw new Error('tensors are missing');
  const what = `tensor differences of two ${(data / 1e9).toFixed(1)} GB safetensors from headers, with the thread's start`;
  return [row(what, '≤ 300 ms', `${ms.toFixed(0)} ms`, ms <= 300)];
}

/** Measures how fast two files of 2 GB outside of the page cache are read, and how fast their distance is computed. */
async function norms(folder: string): Promise<Row[]> {
  const { bytes, data } = headerOf(32, 4000, 'F32');
  const paths = ['c', 'd'].map((name) => join(folder, `${name}.safetensors`));
  for (const path of paths) fill(path, bytes, data);
  const size = bytes.length + data;
  const isCold = paths.map(evict).every(Boolean);
  const read = (2 * size) / seconds(() => paths.forEach(readThrough)) / 1e9;
  paths.forEach(evict);
  const { ms, peak } = await measuredApart(paths, size);
  const speed = (2 * data) / ms / 1e6;
  const share = speed / read;
  const state = isCold ? 'read from disk' : 'from the page cache';
  const text = `${share.toFixed(2)} × (${speed.toFixed(2)} of ${read.toFixed(2)} GB/s, ${state})`;
  return [
    row('norms of change of a 2 GB pair, against reading it', '≥ 0.7 ×', text, share >= 0.7),
    row('memory meanwhile (RSS of the whole process)', '≤ 300 MB', `${peak.toFixed(0)} MB`, peak <= 300),
  ];
}

/** Computes it in a process of its own, so that nothing else is in its memory. */
async function measuredApart(paths: readonly string[], size: number): Promise<{ ms: number; peak: number }> {
  const child = fork(import.meta.filename, ['norms', String(size), ...paths], { serialization: 'json' });
  const [reply] = (await once(child, 'message')) as [{ ms: number; peak: number }];
  return reply;
}

async function measureHere(size: number, paths: readonly string[]): Promise<void> {
  const thread = tensorThread();
  const files = paths.map((path): VersionFile[] => [{ name: 'model.safetensors', path, size }]);
  const began = performance.now();
  await thread.call('compare', { before: files[0]!, after: files[1]!, norms: true, cancel: new SharedArrayBuffer(4) });
  const ms = performance.now() - began;
  process.send?.({ ms, peak: peakMb() }, () => process.exit());
}

if (process.argv[2] === 'norms') await measureHere(Number(process.argv[3]), process.argv.slice(4));

function fill(path: string, header: Buffer, data: number): void {
  const handle = openSync(path, 'w');
  writeSync(handle, header);
  const numbers = new Float32Array(1 << 20);
  for (let left = data; left > 0; left -= numbers.byteLength) {
    for (let index = 0; index < numbers.length; index += 97) numbers[index] = Math.random() - 0.5;
    writeSync(handle, Buffer.from(numbers.buffer, 0, Math.min(left, numbers.byteLength)));
  }
  fsyncSync(handle);
  closeSync(handle);
}

/** Removes a file from the page cache, if GNU dd is there. */
function evict(path: string): boolean {
  return spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']).status === 0;
}

function readThrough(path: string): void {
  const handle = openSync(path, 'r');
  const bytes = Buffer.allocUnsafe(8 << 20);
  while (readSync(handle, bytes) > 0);
  closeSync(handle);
}

function seconds(act: () => void): number {
  const began = performance.now();
  act();
  return (performance.now() - began) / 1000;
}
