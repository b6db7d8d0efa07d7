import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { maskedCrc32c } from '../../daemon/formats/containers/crc32c.ts';
import { inspector } from '../../daemon/ingest/inspect/inspector.ts';
import type { RunLog } from '../../daemon/ingest/run-logs/cache.ts';
import { row, type Row } from './place.ts';

const rows = 200_000;
const eventBytes = 100 * 1024 * 1024;

/** Measures how long the daemon's worker thread takes to read large logs, and how long its event loop is blocked meanwhile. */
export async function runLogs(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const csv = join(folder, 'metrics.csv');
  writeFileSync(csv, `epoch,step,loss,accuracy\n${Array.from({ length: rows }, (_, n) => line(n)).join('')}`);
  const events = join(folder, 'events.out.tfevents.1');
  writeEvents(events);
  const measured = [
    ...(await measure('CSV of 200,000 rows, 2 series', folder, csv)),
    ...(await measure('event file of 100 MB, 4 series', folder, events)),
  ];
  rmSync(folder, { recursive: true, force: true });
  return measured;
}

function line(n: number): string {
  return `${Math.floor(n / 100)},${n},${(1 / (n + 1)).toFixed(8)},${(1 - 1 / (n + 1)).toFixed(8)}\n`;
}

async function measure(what: string, folder: string, path: string): Promise<Row[]> {
  const inspecting = inspector();
  await inspecting.readRunLogs(folder, folder, [join(folder, 'none.csv')]);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, 50));
  delay.reset();
  const began = performance.now();
  const [read] = await inspecting.readRunLogs(folder, folder, [path]);
  const took = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, 50));
  delay.disable();
  const longest = delay.max / 1e6;
  await inspecting.close();
  assertRead(read);
  return [
    row(`${what}: read`, '≤ 2 s', `${(took / 1000).toFixed(2)} s`, took <= 2000),
    row(`${what}: longest wait of the event loop`, '≤ 50 ms', `${longest.toFixed(0)} ms`, longest <= 50),
  ];
}

function assertRead(read: RunLog | undefined): void {
  const series = Object.values(read?.values.series ?? {});
  if (series.length === 0 || read?.values.problems.length !== 0) throw new Error('the file was not read');
}

/** Writes scalars of four tags in turn, as torch's SummaryWriter does. */
function writeEvents(path: string): void {
  const handle = openSync(path, 'w');
  for (let written = 0, step = 0; written < eventBytes;) {
    const records: Buffer[] = [];
    for (let n = 0; n < 50_000; n += 1, step += 1) records.push(scalar(`train/metric_${step % 4}`, step));
    written += writeSync(handle, Buffer.concat(records));
  }
  closeSync(handle);
}

function scalar(tag: string, step: number): Buffer {
  const value = Buffer.alloc(7 + tag.length);
  value.set([0x0a, tag.length]);
  value.write(tag, 2);
  value[2 + tag.length] = 0x15;
  value.writeFloatLE(Math.random(), 3 + tag.length);
  const head = Buffer.alloc(9);
  head[0] = 9;
  head.writeDoubleLE(1_795_000_000 + step, 1);
  const data = Buffer.concat([
    head,
    Buffer.from([0x10, ...varint(step), 0x2a, value.length + 2, 0x0a, value.length]),
    value,
  ]);
  const record = Buffer.alloc(data.length + 16);
  record.writeUInt32LE(data.length, 0);
  record.writeUInt32LE(maskedCrc32c(record, 0, 8), 8);
  data.copy(record, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return record;
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
