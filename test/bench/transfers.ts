import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, openSync, closeSync, fsyncSync, readSync, rmSync, writeSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { percentile, place, program, pssMb, row, type Place, type Row } from './place.ts';

const bytes = 1 << 30;
const chunk = 1 << 20;
const rounds = 3;

/** Measures the upload and download of a 1 GB file, by MLflow's protocol and by `plinth register` with an address, and for comparison copying it and hashing what is copied. */
export async function transfers(): Promise<Row[]> {
  const here = await place();
  const { token } = await here.client.call('GET /mlflow', {});
  const source = join(here.folder, 'large.bin');
  write(source);
  const peaks: number[] = [];
  const watch = setInterval(() => peaks.push(pssMb(here.process.pid)), 50);
  const took = { copy: Infinity, up: Infinity, down: Infinity, registered: Infinity };
  // Alternately, and the best of each: memory that the machine has not used for a while takes longer to write than the disk.
  for (let round = 0; round < rounds; round += 1) {
    writeRound(source, round);
    const path = `/api/2.0/mlflow-artifacts/artifacts/bench/large-${round}.bin`;
    took.copy = Math.min(took.copy, copied(source, join(here.folder, 'copy.bin')));
    took.up = Math.min(took.up, await timed(() => upload(here, token, path, source)));
    took.down = Math.min(took.down, await timed(() => download(here, token, path)));
    writeRound(source, rounds + round);
    took.registered = Math.min(took.registered, await timed(() => registerByUrl(here, source)));
  }
  const { copy, up, down, registered } = took;
  clearInterval(watch);
  await here.end();
  const peak = percentile(peaks, 1);
  const speed = (ms: number): string => `${(bytes / 1e6 / (ms / 1000)).toFixed(0)} MB/s`;
  const told = (ms: number): string => `${speed(ms)} against ${speed(copy)}, ${(copy / ms).toFixed(2)} ×`;
  return [
    row('1 GB uploaded by MLflow’s protocol', '≥ 0.6 × copying and hashing', told(up), copy / up >= 0.6),
    row('1 GB downloaded by it, verified', '≥ 0.6 × copying and hashing', told(down), copy / down >= 0.6),
    row('1 GB registered by address', '≥ 0.7 × copying and hashing', told(registered), copy / registered >= 0.7),
    row('memory meanwhile, peak PSS', '≤ 200 MB', `${peak.toFixed(0)} MB`, peak <= 200),
  ];
}

function write(path: string): void {
  const to = openSync(path, 'w');
  for (let at = 0; at < bytes; at += chunk) writeSync(to, randomBytes(chunk));
  closeSync(to);
}

/** Changes the bytes of the file. */
function writeRound(path: string, round: number): void {
  const to = openSync(path, 'r+');
  writeSync(to, Buffer.from([round]), 0, 1, 0);
  closeSync(to);
}

/** Measures in ms how long it takes to copy a file with an fsync and hash what is written. */
function copied(source: string, target: string): number {
  const started = performance.now();
  const [from, to] = [openSync(source, 'r'), openSync(target, 'w')];
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunk);
  for (let n = readSync(from, buffer); n > 0; n = readSync(from, buffer)) {
    hash.update(buffer.subarray(0, n));
    writeSync(to, buffer, 0, n);
  }
  fsyncSync(to);
  hash.digest();
  const took = performance.now() - started;
  closeSync(from);
  closeSync(to);
  rmSync(target);
  return took;
}

async function timed(act: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

/** Registers a file as a person on another machine does. */
function registerByUrl({ file }: Place, path: string): Promise<void> {
  const env = { ...process.env, PLINTH_URL: `http://127.0.0.1:${file.port}`, PLINTH_TOKEN: file.token };
  const child = spawn(process.execPath, [program, 'register', path, '--model', 'large'], { env, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`plinth register ended with ${code}`))));
  });
}

function upload({ file }: Place, token: string, path: string, source: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-length': bytes };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: file.port, method: 'PUT', path, headers, agent: false },
      (response) => {
        response
          .resume()
          .on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(String(response.statusCode)))));
      },
    );
    sent.on('error', reject);
    createReadStream(source, { highWaterMark: chunk }).pipe(sent);
  });
}

function download({ file }: Place, token: string, path: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: file.port, path, headers, agent: false }, (response) => {
      let size = 0;
      response.on('data', (part: Buffer) => (size += part.length));
      response.on('error', reject);
      response.on('end', () => (size === bytes ? resolve() : reject(new Error(`${size} bytes came`))));
    })
      .on('error', reject)
      .end();
  });
}
