import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import { percentile, place, row, type Place, type Row } from './place.ts';

const samples = join(import.meta.dirname, '..', 'fixtures', 'samples');

/** Real files by family, and where a few bytes may differ from one save to the next without breaking the format. */
const families: { name: string; file: string; saveAs: string; salt: (bytes: Buffer, n: number) => Buffer }[] = [
  { name: 'safetensors', file: 'pytorch/digits-mlp-a/model.safetensors', saveAs: 'model.safetensors', salt: atEnd },
  {
    name: 'torch zip',
    file: 'pytorch/digits-mlp-a/model.pt',
    saveAs: 'model.pt',
    salt: (bytes, n) => inside(bytes, n, 1500),
  },
  { name: 'pickle', file: 'sklearn/iris-script/outputs/v1/model.pkl', saveAs: 'model.pkl', salt: inPickle },
  { name: 'joblib', file: 'sklearn/iris-script/outputs/v1/model.joblib', saveAs: 'model.joblib', salt: inPickle },
  {
    name: 'xgboost json',
    file: 'xgboost/breast-cancer/run-001/model.json',
    saveAs: 'model.json',
    salt: (bytes, n) => spaced(bytes, n),
  },
  { name: 'lightgbm', file: 'lightgbm/breast-cancer/run-001/model.txt', saveAs: 'model.txt', salt: inText },
  {
    name: 'keras',
    file: 'keras/digits-run1/model.keras',
    saveAs: 'model.keras',
    salt: (bytes, n) => inside(bytes, n, bytes.length - 4000),
  },
  {
    name: 'onnx (no end mark)',
    file: 'pytorch/exports/model_ts_exporter.onnx',
    saveAs: 'model.onnx',
    salt: (bytes, n) => inside(bytes, n, 2000),
  },
];

function atEnd(bytes: Buffer, n: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(n, copy.length - 4);
  return copy;
}

function inside(bytes: Buffer, n: number, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(n, at);
  return copy;
}

function spaced(bytes: Buffer, n: number): Buffer {
  return Buffer.from(bytes.toString().replace('{', `{${' '.repeat(n)}`));
}

function inText(bytes: Buffer, n: number): Buffer {
  return Buffer.from(bytes.toString().replace(/seed: \d+/, `seed: ${n}`));
}

/** Another class name of the same length changes nothing about the structure. */
function inPickle(bytes: Buffer, n: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf('1.9.1');
  copy.write(`1.${n % 10}.${Math.floor(n / 10) % 10}`, at);
  return copy;
}

/** From the close of a file to the message that it is a version or a candidate. */
export async function latencies(): Promise<Row[]> {
  const here = await place();
  await here.client.call('POST /roots', { path: here.out });
  const rows: Row[] = [];
  for (const family of families) rows.push(await latencyOf(here, family));
  await here.end();
  return rows;
}

const saves = 40;

async function latencyOf(here: Place, { name, file, saveAs, salt }: (typeof families)[number]): Promise<Row> {
  const bytes = readFileSync(join(samples, file));
  const { seen, socket } = await listen(here);
  const times: number[] = [];
  for (let n = 1; n <= saves; n += 1) {
    const folder = join(here.out, `${name.replaceAll(/\W/g, '-')}-net${n}x`);
    mkdirSync(folder);
    const path = join(folder, saveAs);
    const handle = openSync(path, 'w');
    writeSync(handle, salt(bytes, n));
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

/** A 1 GiB file: taken in at what share of the speed at which this machine copies and hashes it. */
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

/** What one thread of this machine needs to read, hash, write and fsync the file, in ms. */
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
