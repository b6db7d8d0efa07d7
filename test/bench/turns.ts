import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asker } from './mlflow-server.ts';
import { placeOn, row, type Place, type Row } from './place.ts';
import { fill } from './scale.ts';
import type { Turn } from './turn-watch.ts';

const versions = 200;
const most = 50;

/** Measures the longest turns of the event loop of a service that logs, searches, lists, registers, verifies and backs up. */
export async function turns(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  fill(data, versions);
  const file = join(folder, 'turns.json');
  process.env['PLINTH_TURNS'] = file;
  const here = await placeOn(data, ['--import', join(import.meta.dirname, 'turn-watch.ts')]);
  delete process.env['PLINTH_TURNS'];
  try {
    await load(here, join(folder, 'out'));
  } finally {
    await here.end();
  }
  const longest = JSON.parse(readFileSync(file, 'utf8')) as Turn[];
  rmSync(folder, { recursive: true, force: true });
  return longest.slice(0, 5).map(({ kind, cpuMs, functions }, index) => {
    const text = `${cpuMs.toFixed(0)} ms of CPU, ${kind}: ${functions.join(', ')}`;
    return row(`turn ${index + 1} of the event loop by its length`, `≤ ${most} ms`, text, cpuMs <= most);
  });
}

async function load({ client, file }: Place, out: string): Promise<void> {
  const { token } = await client.call('GET /mlflow', {});
  const agent = new Agent({ keepAlive: true });
  const ask = asker(file.port, token, agent);
  const { run } = (await ask('POST', 'runs/create', { experiment_id: '0' })) as { run: { info: { run_id: string } } };
  const { run_id: id } = run.info;
  for (let from = 0; from < 25_000; from += 1000) {
    const metrics = Array.from({ length: 1000 }, (_, n) => ({ key: 'x', value: n, timestamp: 1, step: from + n }));
    await ask('POST', 'runs/log-batch', { run_id: id, metrics });
  }
  await ask('GET', 'metrics/get-history', { run_id: id, metric_key: 'x' });
  await ask('GET', 'model-versions/search', { filter: `tags.k3 = 'v42'` });
  await ask('POST', 'runs/search', { experiment_ids: ['0'], filter: 'metrics.k3 > 5', max_results: 1000 });
  agent.destroy();
  await client.call('GET /models', {});
  await client.call('GET /models/:model/versions', { model: 'model-1' });
  writeModels(out);
  await client.call('POST /roots', { path: out });
  await client.call('POST /verify', {});
  await client.call('POST /backup', {});
}

function writeModels(folder: string): void {
  for (let n = 0; n < 200; n += 1) {
    mkdirSync(join(folder, `run-${n}`), { recursive: true });
    const header = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [64], data_offsets: [0, 256] } }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(join(folder, `run-${n}`, 'model.safetensors'), Buffer.concat([length, header, Buffer.alloc(256, n)]));
  }
}
