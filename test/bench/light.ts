import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, percentile, place, pssMb, row, type Row } from './place.ts';

const files = 100_000;
const folders = 2000;
/** How long the idle daemon is observed; PLINTH_IDLE_SECONDS=600 for the full figure. */
const idleSeconds = Number(process.env['PLINTH_IDLE_SECONDS'] ?? 60);

/** Measures start, memory and CPU at rest, empty and with 100,000 watched files, and the speed of a scan. */
export async function light(): Promise<Row[]> {
  const starts: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const one = await place();
    starts.push(one.readyMs);
    await one.end();
  }
  const here = await place();
  await sleep(25_000);
  const idle = pssMb(here.process.pid);
  fill(here.out);
  await here.client.call('POST /roots', { path: here.out });
  const scans: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const { roots } = await here.client.call('POST /scan', {});
    scans.push(roots[0]?.tookMs ?? NaN);
  }
  await sleep(30_000);
  const watched = pssMb(here.process.pid);
  const before = cpuSeconds(here.process.pid);
  await sleep(idleSeconds * 1000);
  const share = ((cpuSeconds(here.process.pid) - before) / idleSeconds) * 100;
  await here.end();
  const ready = percentile(starts, 0.5);
  const scan = percentile(scans, 0.5);
  return [
    row('ready: spawn → health answers, median of 5', '≤ 1000 ms', `${ready.toFixed(0)} ms`, ready <= 1000),
    row('memory at rest (PSS)', '≤ 100 MB', `${idle.toFixed(0)} MB`, idle <= 100),
    row(
      `memory more with ${files} watched files (PSS)`,
      '≤ + 60 MB',
      `+ ${(watched - idle).toFixed(0)} MB`,
      watched - idle <= 60,
    ),
    row(
      `CPU at rest with ${files} watched files over ${idleSeconds} s`,
      '≤ 0.5 % of a core',
      `${share.toFixed(2)} %`,
      share <= 0.5,
    ),
    row(`scan of ${files} files, median of 5`, '≤ 600 ms', `${scan} ms`, scan <= 600),
  ];
}

/** Fills a folder. One file in a hundred has the name of a model without being one, as in an old output folder of images, logs and arrays. */
function fill(out: string): void {
  for (let folder = 0; folder < folders; folder += 1) {
    const path = join(out, `exp-${folder % 40}`, `run-${folder}`);
    mkdirSync(path, { recursive: true });
    for (let n = 0; n < files / folders; n += 1)
      writeFileSync(join(path, n % 100 === 49 ? `part-${n}.npy.txt` : `sample-${n}.png`), 'x');
  }
}

const trainer = `
const { createHash } = require('node:crypto'); const fs = require('node:fs'); const path = require('node:path');
const out = process.argv[1]; const chunk = Buffer.alloc(1 << 20, 1); const started = performance.now();
for (let step = 0; step < 200; step += 1) {
  for (let n = 0; n < 40; n += 1) createHash('sha256').update(chunk).digest();
  if (step % 25 === 24) {
    const bytes = Buffer.concat([fs.readFileSync(process.argv[2])]); bytes.writeUInt32LE(step, bytes.length - 4);
    const folder = path.join(out, 'trained-net', 'run-' + step); fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'model.safetensors'), bytes);
  }
}
console.log(performance.now() - started);`;

/** Measures the same training loop without and with the daemon watching it, alternately. */
export async function beside(): Promise<Row[]> {
  const model = join(import.meta.dirname, '..', 'fixtures', 'samples', 'pytorch', 'digits-mlp-a', 'model.safetensors');
  const ratios: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const here = await place();
    const alone = await train(join(here.folder, 'unwatched'), model);
    await here.client.call('POST /roots', { path: here.out });
    const watched = await train(here.out, model);
    ratios.push((watched / alone - 1) * 100);
    await here.end();
  }
  const slower = percentile(ratios, 0.5);
  return [
    row(
      'training loop beside the daemon, median of 5 pairs, a save a second or so',
      '≤ 3 % slower',
      `${slower.toFixed(1)} %`,
      slower <= 3,
    ),
  ];
}

function train(out: string, model: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', trainer, out, model], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => child.on('exit', () => resolve(Number(text))));
}
