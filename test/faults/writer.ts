import { appendFileSync, closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { families } from './families.ts';

/** What one writer does in a folder of its own. */
export interface Act {
  kind: 'plain' | 'pieces' | 'renamed' | 'rewritten' | 'rotated' | 'killed';
  folder: string;
  family: number;
  /** The first of its own salts. */
  salt: number;
  pauseMs: number;
}

/** Returns the salts of the saves that an act makes, the final one last. */
export function saltsOf({ kind, salt }: Act): number[] {
  const count = kind === 'rewritten' ? 4 : kind === 'rotated' ? 8 : 1;
  return Array.from({ length: count }, (_, index) => salt + index);
}

export function bytesOf({ family }: Act, salt: number): Buffer {
  return families[family]!.make(salt);
}

/** Writes as frameworks do: at once, in pieces, under another name first, repeatedly, with rotation, or without finishing. */
export async function perform(act: Act): Promise<void> {
  const { kind, folder, family, pauseMs } = act;
  const path = join(folder, `model${families[family]!.ending}`);
  const salts = saltsOf(act);
  const last = bytesOf(act, salts.at(-1)!);
  mkdirSync(folder, { recursive: true });
  if (kind === 'plain') return writeFileSync(path, last);
  if (kind === 'pieces') return inPieces(path, last, pauseMs);
  if (kind === 'killed') return inPieces(path, last.subarray(0, Math.floor(last.length * 0.6)), 5);
  if (kind === 'renamed') return renamed(path, last, pauseMs);
  if (kind === 'rotated') return rotated(act, folder, salts);
  for (const salt of salts) {
    await inPieces(path, bytesOf(act, salt), pauseMs / 4);
    await sleep(pauseMs);
  }
}

async function inPieces(path: string, bytes: Buffer, pauseMs: number): Promise<void> {
  const handle = openSync(path, 'w');
  const third = Math.ceil(bytes.length / 3);
  for (let at = 0; at < bytes.length; at += third) {
    writeSync(handle, bytes, at, Math.min(third, bytes.length - at));
    await sleep(pauseMs);
  }
  closeSync(handle);
}

async function renamed(path: string, bytes: Buffer, pauseMs: number): Promise<void> {
  await inPieces(`${path}.tmp`, bytes, pauseMs);
  renameSync(`${path}.tmp`, path);
}

/** Acts as a trainer that keeps its last three checkpoints, logs while it runs, and saves its model at the end. */
async function rotated(act: Act, folder: string, salts: readonly number[]): Promise<void> {
  const { ending } = families[act.family]!;
  writeFileSync(join(folder, 'metrics.csv'), 'epoch,step,val_loss\n');
  for (const [step, salt] of salts.slice(0, -1).entries()) {
    const place = join(folder, `checkpoint-${step}`);
    mkdirSync(place);
    await inPieces(join(place, `model${ending}`), bytesOf(act, salt), act.pauseMs / 4);
    appendFileSync(join(folder, 'metrics.csv'), `${step},${step},${1 / (step + 1)}\n`);
    if (step >= 3) rmSync(join(folder, `checkpoint-${step - 3}`), { recursive: true });
    await sleep(act.pauseMs);
  }
  writeFileSync(join(folder, `model${ending}`), bytesOf(act, salts.at(-1)!));
}

if (process.argv[1] === import.meta.filename) {
  const act = JSON.parse(process.argv[2] ?? '') as Act;
  await perform(act);
  if (act.kind === 'killed') process.kill(process.pid, 'SIGKILL');
}
