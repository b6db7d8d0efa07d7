import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Trainings that are processes of their own, for tests of which process wrote what. */

/** Functions for scripts of `train`: `save(path, seed)` writes a small safetensors file whose bytes depend on the seed, `sleep(ms)` waits. */
const prelude = `
import { mkdirSync, writeFileSync, appendFileSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const args = process.argv.slice(2);
function put(path, text) { mkdirSync(dirname(path), { recursive: true }); writeFileSync(path, text); }
function save(path, seed) {
  const head = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }).padEnd(64));
  const size = Buffer.alloc(8); size.writeBigUInt64LE(BigInt(head.length));
  const body = Buffer.alloc(8); body.writeFloatLE(seed, 0); body.writeFloatLE(1, 4);
  put(path, Buffer.concat([size, head, body]));
}
await sleep(1500);
`;

/** A process that trains in a project. */
export interface Training {
  pid: number;
  /** Resolves when it has ended. */
  ended: Promise<void>;
  kill(): void;
}

/** Writes a script into the project. It waits for 1.5 s before its first line, as long as loading a library takes. */
export function writeScript(project: string, body: string, name = 'train.mjs'): void {
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, name), prelude + body);
}

/** Starts a script of the project. */
export function train(project: string, body: string, name = 'train.mjs', args: readonly string[] = []): Training {
  writeScript(project, body, name);
  const child = spawn(process.execPath, [name, ...args], { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const kill = (): void => void child.kill('SIGKILL');
  onTestFinished(kill);
  return { pid: child.pid ?? 0, ended, kill };
}
