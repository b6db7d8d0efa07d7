import { spawn } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import { cpuSeconds, percentile, place, row, type Place, type Row } from './place.ts';

/** Files of the burst; PLINTH_BURST=10000 for the full figure. */
const files = Number(process.env['PLINTH_BURST'] ?? 2000);
const folders = 100;
const [minBytes, maxBytes] = [1200, 8000];
/** Files that are written for the comparison. */
const written = Math.min(files, 1000);
const otherEveryMs = 1000;
const largeBytes = 1 << 30;

/** Returns a safetensors file whose content nobody else has. */
function modelBytes(size: number): Buffer {
  const bytes = Math.max(8, (size - 80) & ~7);
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, crypto.getRandomValues(Buffer.alloc(bytes))]);
}

function sizeOf(n: number): number {
  return minBytes + ((n * 977) % (maxBytes - minBytes));
}

/** The program that saves the burst: 100 folders, each with as many models, as of a training for each shop of each region. */
const trainer = `
const fs = require('node:fs'); const path = require('node:path'); const { randomFillSync } = require('node:crypto');
const [out, count, folders, min, max] = [process.argv[1], ...process.argv.slice(2).map(Number)];
for (let n = 0; n < folders; n += 1) fs.mkdirSync(path.join(out, 'region_' + n), { recursive: true });
for (let n = 0; n < count; n += 1) {
  const bytes = (min + ((n * 977) % (max - min)) - 80) & ~7;
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } }));
  const length = Buffer.alloc(8); length.writeBigUInt64LE(BigInt(header.length));
  const name = 'store_' + Math.floor(n / folders) + '.safetensors';
  fs.writeFileSync(path.join(out, 'region_' + (n % folders), name), Buffer.concat([length, header, randomFillSync(Buffer.alloc(bytes))]));
}`;

/** Measures how fast many small files that are saved at once become versions, and what waits for them meanwhile. */
export async function burst(): Promise<Row[]> {
  const here = await place();
  await here.client.call('POST /roots', { path: here.out });
  await warmUp(here);
  const bare = bareRate(here);
  const stream = await listen(here);
  const before = cpuSeconds(here.process.pid);
  const began = performance.now();
  const others = saveOthers(here, stream);
  const saved = await runTrainer(here.out);
  await until(() => stream.times().length >= files);
  const took = performance.now() - began;
  const waits = await others();
  await untilAtRest(here);
  const cpu = (1000 * (cpuSeconds(here.process.pid) - before)) / files;
  const first = Math.min(...stream.times()) - began;
  stream.close();
  await here.end();
  const rate = (1000 * files) / took;
  const share = rate / bare;
  const what = `${files} files of 1.2 to 8 KB in ${folders} folders, saved at once (${(saved / 1000).toFixed(1)} s)`;
  return [
    row(`${what}: versions a second`, '≥ 400', `${rate.toFixed(0)} (${cpu.toFixed(1)} ms of CPU each)`, rate >= 400),
    row(
      'the same against write, fsync, rename and fsync of the folder by one thread',
      '≥ 0.35 ×',
      `${share.toFixed(2)} × of ${bare.toFixed(0)}/s`,
      share >= 0.35,
    ),
    row('from the beginning to the first version of them', '≤ 1000 ms', `${first.toFixed(0)} ms`, first <= 1000),
    row(
      `another save meanwhile, longest of ${waits.length}`,
      '≤ 2000 ms',
      `${percentile(waits, 1).toFixed(0)} ms (median ${percentile(waits, 0.5).toFixed(0)})`,
      percentile(waits, 1) <= 2000,
    ),
    ...(await besideLarge()),
  ];
}

/** Measures small saves while a large file of another folder is stored. */
async function besideLarge(): Promise<Row[]> {
  const here = await place();
  await here.client.call('POST /roots', { path: here.out });
  await warmUp(here);
  const stream = await listen(here);
  saveLarge(join(here.out, 'large-net'));
  await sleep(500);
  const waits: number[] = [];
  for (let n = 0; n < 10; n += 1) waits.push(await saveAndWait(here, stream, `beside_${n}`));
  const large = join(here.out, 'large-net', 'model.safetensors');
  await until(() => stream.at(large) !== undefined);
  stream.close();
  await here.end();
  const longest = percentile(waits, 1);
  const text = `${longest.toFixed(0)} ms (median ${percentile(waits, 0.5).toFixed(0)})`;
  return [row('a small save while a file of 1 GiB is stored, longest of 10', '≤ 1500 ms', text, longest <= 1500)];
}

/** Starts the service's threads, so that they are not part of what is measured. */
async function warmUp(here: Place): Promise<void> {
  const stream = await listen(here);
  await saveAndWait(here, stream, 'warm_up');
  stream.close();
}

async function saveAndWait({ out }: Place, stream: Stream, name: string): Promise<number> {
  const path = join(out, `other_${name}`, `${name}.safetensors`);
  mkdirSync(join(out, `other_${name}`), { recursive: true });
  writeFileSync(path, modelBytes(2000));
  const closed = performance.now();
  await until(() => stream.at(path) !== undefined);
  return (stream.at(path) ?? NaN) - closed;
}

/** Saves another model every second. Returns a function that ends that, and resolves to how long each took to become a version. */
function saveOthers(here: Place, stream: Stream): () => Promise<number[]> {
  const all: Promise<number>[] = [];
  const timer = setInterval(() => void all.push(saveAndWait(here, stream, `save_${all.length}`)), otherEveryMs);
  return () => {
    clearInterval(timer);
    return Promise.all(all);
  };
}

/** Waits until the service has also recorded where the versions came from, so that its CPU time is known. */
async function untilAtRest({ process: service }: Place): Promise<void> {
  for (let before = -1, now = 0; now - before > 0.05; await sleep(1000)) {
    before = now;
    now = cpuSeconds(service.pid);
  }
}

async function runTrainer(out: string): Promise<number> {
  const started = performance.now();
  const numbers = [files, folders, minBytes, maxBytes].map(String);
  const child = spawn(process.execPath, ['-e', trainer, out, ...numbers], { cwd: out, stdio: 'inherit' });
  await new Promise((resolve) => child.on('exit', resolve));
  return performance.now() - started;
}

function saveLarge(folder: string): void {
  mkdirSync(folder);
  const header = Buffer.from(
    JSON.stringify({ w: { dtype: 'U8', shape: [largeBytes], data_offsets: [0, largeBytes] } }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const handle = openSync(join(folder, 'model.safetensors'), 'w');
  writeSync(handle, Buffer.concat([length, header]));
  const chunk = Buffer.alloc(1 << 22, 1);
  for (let at = 0; at < largeBytes; at += chunk.length) writeSync(handle, chunk);
  closeSync(handle);
}

/** Returns how many such files one thread writes in a second, each flushed, renamed, and its name flushed. */
function bareRate({ folder }: Place): number {
  const top = join(folder, 'bare');
  for (let n = 0; n < folders; n += 1) mkdirSync(join(top, String(n)), { recursive: true });
  const models = Array.from({ length: written }, (_, n) => modelBytes(sizeOf(n)));
  const started = performance.now();
  for (const [n, bytes] of models.entries()) {
    const inside = join(top, String(n % folders));
    const handle = openSync(join(inside, `${n}.tmp`), 'wx');
    writeSync(handle, bytes);
    fsyncSync(handle);
    closeSync(handle);
    renameSync(join(inside, `${n}.tmp`), join(inside, String(n)));
    const names = openSync(inside, 'r');
    fsyncSync(names);
    closeSync(names);
  }
  return (1000 * written) / (performance.now() - started);
}

interface Stream {
  /** When each file of the burst became a version. */
  times(): number[];
  at(path: string): number | undefined;
  close(): void;
}

async function listen({ file }: Place): Promise<Stream> {
  const seen = new Map<string, number>();
  const burstTimes: number[] = [];
  const headers = { authorization: `Bearer ${file.token}` };
  const socket = new WebSocket(`ws://127.0.0.1:${file.port}/events`, { headers });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as StreamMessage;
    if (message.kind !== 'artifact' || !['registered', 'duplicate'].includes(message.artifact.state)) return;
    const { path } = message.artifact;
    if (seen.has(path)) return;
    seen.set(path, performance.now());
    if (path.includes('/region_')) burstTimes.push(performance.now());
  });
  return {
    times: () => burstTimes,
    at: (path) => seen.get(path),
    close: () => socket.terminate(),
  };
}

const limitMs = 900_000;

async function until(isDone: () => boolean): Promise<void> {
  const end = performance.now() + limitMs;
  while (!isDone()) {
    if (performance.now() > end) throw new Error('not every file became a version');
    await sleep(5);
  }
}
