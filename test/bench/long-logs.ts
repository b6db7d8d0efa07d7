import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { place, row, type Place, type Row } from './place.ts';

const rows = 200_000;
const names = ['apple', 'berry', 'cherry', 'date', 'elder', 'fig', 'grape', 'hazel', 'iris'];
const runs = names.length;
const columns = ['loss', 'accuracy', 'val_loss', 'grad_norm'];
/** The state of a Trainer that is done, so its run ends five seconds after its last write. */
const done = '{"global_step": 10, "max_steps": 10, "log_history": []}';

/** Measures the peak memory of the service while runs with long logs end, and how long another run waits to end beside them. */
export async function longLogs(): Promise<Row[]> {
  const here = await place();
  await here.client.call('POST /roots', { path: here.out });
  await sleep(1000);
  const alone = await endOf(here, 'alone');
  const log = csv();
  names.forEach((name, n) => writeRun(here, name, n, log));
  const beside = await endOf(here, 'beside');
  await Promise.all(names.map((name) => versionOf(here, name)));
  const peak = peakOf(here.process.pid);
  await here.end();
  const delay = beside - alone;
  return [
    row(
      `${runs} runs with a CSV of ${rows} rows and ${columns.length} series: peak of the service's memory`,
      '≤ 200 MB',
      `${peak.toFixed(0)} MB`,
      peak <= 200,
    ),
    row(
      'end of another run beside them, later than alone by',
      '≤ 1 s',
      `${(delay / 1000).toFixed(2)} s`,
      delay <= 1000,
    ),
  ];
}

function csv(): string {
  const value = (n: number, at: number): string => (Math.sin(n / 1000 + at) + 2).toFixed(8);
  const lines = Array.from(
    { length: rows },
    (_, n) => `${Math.floor(n / 100)},${n},${columns.map((_, at) => value(n, at)).join()}\n`,
  );
  return `epoch,step,${columns.join()}\n${lines.join('')}`;
}

function writeRun(here: Place, name: string, salt: number, log?: string): void {
  const folder = join(here.out, name);
  mkdirSync(folder);
  if (log !== undefined) writeFileSync(join(folder, 'metrics.csv'), log);
  writeFileSync(join(folder, 'trainer_state.json'), done);
  writeFileSync(join(folder, 'model.safetensors'), safetensors(salt));
}

function safetensors(salt: number): Buffer {
  const header = Buffer.from('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  ');
  const bytes = Buffer.alloc(8 + header.length + 4);
  bytes.writeBigUInt64LE(BigInt(header.length));
  header.copy(bytes, 8);
  bytes.writeFloatLE(salt, 8 + header.length);
  return bytes;
}

/** Measures the time from the last byte of a run to its version. */
async function endOf(here: Place, name: string): Promise<number> {
  const began = performance.now();
  writeRun(here, name, name.length + 100);
  await versionOf(here, name);
  return performance.now() - began;
}

async function versionOf(here: Place, name: string): Promise<void> {
  for (;;) {
    const page = await here.client.call('GET /models/:model/versions', { model: name }).catch(() => ({ items: [] }));
    if (page.items.length > 0) return;
    await sleep(50);
  }
}

function peakOf(pid: number | undefined): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
