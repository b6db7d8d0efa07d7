import { createHash } from 'node:crypto';
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
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { openSource } from '../../daemon/ingest/artifact/file-source.ts';
import { safetensors } from '../../daemon/ingest/artifact/recognisers/safetensors.ts';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import { families, type Family } from '../faults/families.ts';
import { cpuSeconds, percentile, place, row, type Place, type Row } from './place.ts';

/** Measures the time from the close of a file to the message that it is a version or a candidate. */
export async function latencies(): Promise<Row[]> {
  const here = await place();
  await here.client.call('POST /roots', { path: here.out });
  const rows: Row[] = [];
  for (const family of families) rows.push(await latencyOf(here, family));
  await here.end();
  return rows;
}

const saves = 40;

async function latencyOf(here: Place, { name, ending, make }: Family): Promise<Row> {
  const { seen, socket } = await listen(here);
  const times: number[] = [];
  for (let n = 1; n <= saves; n += 1) {
    const folder = join(here.out, `${name.replaceAll(/\W/g, '-')}-net${n}x`);
    mkdirSync(folder);
    const path = join(folder, `model${ending}`);
    const handle = openSync(path, 'w');
    writeSync(handle, make(n));
    closeSync(handle);
    const closed = performance.now();
    const at = await seen(path);
    times.push(at - closed);
  }
  socket.terminate();
  const p95 = percentile(times, 0.95);
  return row(
    `last byte → version, ${name}, p95 of ${saves}`,
    '≤ 1000 ms',
    `${p95.toFixed(0)} ms (median ${percentile(times, 0.5).toFixed(0)})`,
    p95 <= 1000,
  );
}

async function listen(here: Place): Promise<{ seen: (path: string) => Promise<number>; socket: WebSocket }> {
  const known = new Map<string, number>();
  const socket = new WebSocket(`ws://127.0.0.1:${here.file.port}/events`, {
    headers: { authorization: `Bearer ${here.file.token}` },
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as StreamMessage;
    if (message.kind !== 'artifact' || !['registered', 'candidate', 'duplicate'].includes(message.artifact.state))
      return;
    if (!known.has(message.artifact.path)) known.set(message.artifact.path, performance.now());
  });
  const seen = async (path: string): Promise<number> => {
    for (let waited = 0; waited < 30_000; waited += 2) {
      const at = known.get(path);
      if (at !== undefined) return at;
      await sleep(2);
    }
    throw new Error(`${path} was not seen within 30 s`);
  };
  return { seen, socket };
}

const largeBytes = 1 << 30;

/** Measures the registration of a 1 GiB file as a share of the speed at which this machine copies and hashes it. */
export async function large(): Promise<Row[]> {
  const here = await place();
  await here.client.call('POST /roots', { path: here.out });
  const path = join(here.out, 'large-net', 'model.safetensors');
  mkdirSync(join(here.out, 'large-net'));
  const { seen, socket } = await listen(here);
  writeLarge(path);
  const closed = performance.now();
  const took = (await seen(path)) - closed;
  const plain = copyAndHash(path, join(here.folder, 'copy'));
  socket.terminate();
  await here.end();
  const share = plain / took;
  const speed = (largeBytes / took / 1e6).toFixed(2);
  return [
    row(
      '1 GiB file taken in, against copying and hashing it here',
      '≥ 0.7 ×',
      `${share.toFixed(2)} × (${speed} GB/s, quiet time included)`,
      share >= 0.7,
    ),
  ];
}

const sparseBytes = 10e9;
const maxRead = 16 * 2 ** 20;

/** Measures how much of a 10 GB safetensors file a recogniser reads, and how long that takes. */
export async function sparse(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const path = join(folder, 'model.safetensors');
  const each = sparseBytes / 200;
  const tensors = Array.from({ length: 200 }, (_, n) => [
    `layer.${n}.weight`,
    { dtype: 'U8', shape: [each], data_offsets: [n * each, (n + 1) * each] },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(tensors)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const handle = openSync(path, 'w');
  writeSync(handle, Buffer.concat([length, header]));
  ftruncateSync(handle, 8 + header.length + sparseBytes);
  closeSync(handle);
  const file = openSource(path, folder);
  let read = 0;
  const counted = { size: file.size, read: (at: number, bytes: number) => ((read += bytes), file.read(at, bytes)) };
  const began = performance.now();
  const found = safetensors.inspect(
    { primary: 'model.safetensors', files: ['model.safetensors'], wholeFolder: false },
    () => counted,
  );
  const took = performance.now() - began;
  file.close();
  rmSync(folder, { recursive: true });
  if (found.state !== 'whole') throw new Error('the file was not recognised');
  return Promise.resolve([
    row('10 GB safetensors recognised', '≤ 300 ms', `${took.toFixed(1)} ms`, took <= 300),
    row('bytes read of it', '≤ 16 MB', `${(read / 1e6).toFixed(3)} MB`, read <= maxRead),
  ]);
}

const pointsEach = 1000;
const followSeconds = 20;

/** Measures the daemon's CPU while a run logs 1,000 points a second into a CSV that is like an event file. */
export async function following(): Promise<Row[]> {
  const here = await place();
  await here.client.call('POST /roots', { path: here.out });
  const run = join(here.out, 'churn', 'run-1');
  mkdirSync(join(run, 'checkpoint-1'), { recursive: true });
  const log = openSync(join(run, 'metrics.csv'), 'w');
  writeSync(log, 'epoch,step,loss,val_loss\n');
  const family = families[0]!;
  const { seen, socket } = await listen(here);
  const model = openSync(join(run, 'checkpoint-1', 'model.safetensors'), 'w');
  writeSync(model, family.make(1));
  closeSync(model);
  let step = 0;
  const write = (): void => {
    const lines = Array.from({ length: pointsEach / 20 / 2 }, () => `0,${(step += 1)},${1 / step},${2 / step}\n`);
    writeSync(log, lines.join(''));
  };
  const timer = setInterval(write, 50);
  await seen(join(run, 'checkpoint-1', 'model.safetensors'));
  await sleep(2000);
  const before = cpuSeconds(here.process.pid);
  await sleep(followSeconds * 1000);
  const share = ((cpuSeconds(here.process.pid) - before) / followSeconds) * 100;
  clearInterval(timer);
  closeSync(log);
  const { runs } = await here.client.call('GET /runs', { status: 'running' });
  socket.terminate();
  await here.end();
  if (runs[0]?.metrics['loss'] === undefined) throw new Error('the run was not followed');
  return [
    row(
      `a run followed that logs ${pointsEach} points a second, over ${followSeconds} s`,
      '≤ 10 % of a core',
      `${share.toFixed(1)} %`,
      share <= 10,
    ),
  ];
}

function writeLarge(path: string): void {
  const header = Buffer.from(
    JSON.stringify({ w: { dtype: 'U8', shape: [largeBytes], data_offsets: [0, largeBytes] } }),
  );
  const handle = openSync(path, 'w');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeSync(handle, Buffer.concat([length, header]));
  const chunk = Buffer.alloc(1 << 22);
  for (let at = 0; at < largeBytes; at += chunk.length) {
    chunk.writeUInt32LE(at >>> 0, 0);
    writeSync(handle, chunk);
  }
  fsyncSync(handle);
  closeSync(handle);
}

/** Measures in ms how long one thread of this machine needs to read, hash, write and fsync the file. */
function copyAndHash(from: string, to: string): number {
  const started = performance.now();
  const hash = createHash('sha256');
  const [source, target] = [openSync(from, 'r'), openSync(to, 'w')];
  const chunk = Buffer.allocUnsafe(1 << 20);
  for (let n = readInto(source, chunk); n > 0; n = readInto(source, chunk)) {
    hash.update(chunk.subarray(0, n));
    writeSync(target, chunk, 0, n);
  }
  hash.digest('hex');
  fsyncSync(target);
  closeSync(source);
  closeSync(target);
  rmSync(to);
  return performance.now() - started;
}

function readInto(handle: number, chunk: Buffer): number {
  return readSync(handle, chunk, 0, chunk.length, null);
}
