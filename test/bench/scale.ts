import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apply } from '../../daemon/db/apply/apply.ts';
import { checkDatabase } from '../../daemon/db/check/check.ts';
import { databaseName, openDatabase, type Database } from '../../daemon/db/database.ts';
import { noteEvidenceJudged } from '../../daemon/db/evidence.ts';
import { append } from '../../daemon/db/log.ts';
import { rebuild } from '../../daemon/db/rebuild.ts';
import type { NewEvent } from '../../daemon/protocol/events.ts';
import { given } from '../support/evidence.ts';
import { asker } from './mlflow-server.ts';
import { cpuSeconds, percentile, placeOn, row, type Place, type Row } from './place.ts';
import { version } from './version.ts';

/** All sizes with PLINTH_BENCH_SCALE=all. The largest takes some minutes. */
const sizes = process.env['PLINTH_BENCH_SCALE'] === 'all' ? [1000, 10_000, 100_000] : [1000, 10_000];
const versionsEach = 100;
/** Besides its registration a version has evidence and this many tags, so ten events in all. */
const tagsEach = 8;
const pointsEach = 100;
const seriesLength = 1000;
const asked = 40;

/** Measures a growing registry: start after a kill, lists and search, rebuild and verification. */
export async function scale(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(...(await measured(size)));
  return rows;
}

async function measured(size: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  fill(folder, size);
  const rows = [...(await served(folder, size)), ...checked(folder, size)];
  rmSync(folder, { recursive: true, force: true });
  return [...rows, rebuilt('tag', size * tagsEach, 40_000), rebuilt('version', size, 15_000)];
}

/** Fills a registry with models of 100 versions each, and runs of MLflow clients. */
export function fill(folder: string, size: number): void {
  const db = openDatabase(folder);
  for (let model = 0; model < size / versionsEach; model += 1) db.raw.transaction(() => addModel(db, model))();
  addPoints(db, size * pointsEach);
  noteEvidenceJudged(db);
  db.close();
}

function addModel(db: Database, model: number): void {
  const id = `m${model}`;
  const add = (event: NewEvent): void => apply(db, append(db, event, 1_700_000_000_000 + model * 1000, 'bench'));
  add({ type: 'model.created/1', body: { model: id, name: `model-${model}` } });
  add({ type: 'model.tagged/1', body: { model: id, key: 'team', value: `t${model % 50}` } });
  for (let number = 1; number <= versionsEach; number += 1) {
    add({ type: 'version.registered/1', body: version(id, number) });
    const metrics = { auc: (model * 7 + number) / 1e5, loss: 1 / number };
    const said = {
      source: 'metrics.json',
      digest: `sha256:${number}`,
      metrics,
      params: { lr: number / 1000 },
      origin: given,
    };
    add({ type: 'version.evidence/1', body: { model: id, number, ...said } });
    for (let tag = 0; tag < tagsEach; tag += 1) add(tagged(id, number, tag, `v${(model + number) % 100}`));
  }
  const none = { previous: [], stages: [] };
  const moved = { kind: 'alias' as const, name: 'best', cause: 'alias' as const, reason: '', gates: [], evidence: [] };
  const states = { before: { ...none, holder: null }, after: { ...none, holder: 7 }, policy: null, undoes: null };
  add({ type: 'pointer.moved/1', body: { model: id, ...moved, ...states } });
}

function tagged(model: string, number: number, tag: number, value: string): NewEvent {
  return { type: 'version.tagged/1', body: { model, number, key: `k${tag}`, value } };
}

/** Adds runs of MLflow's clients, each with ten metrics of 1,000 points, one param and one tag. */
function addPoints({ raw }: Database, points: number): void {
  const runs = Math.max(1, points / (10 * seriesLength));
  const counted = 'WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < ?)';
  raw.transaction(() => {
    const columns = 'id, run_id, experiment, name, user, status, artifact_uri, start_at, updated_at';
    const values = `n + 1, printf('%032d', n), 0, 'r' || n, 'u', 'FINISHED', 'mlflow-artifacts:/0', n, n`;
    raw.prepare(`${counted} INSERT INTO tracked_runs (${columns}) SELECT ${values} FROM s`).run(runs - 1);
    raw.prepare(`${counted} INSERT INTO metric_keys (id, name) SELECT n + 1, 'k' || n FROM s`).run(9);
    raw.prepare(`${counted} INSERT INTO run_params (owner, key, value) SELECT n + 1, 'lr', n FROM s`).run(runs - 1);
    raw.prepare(`${counted} INSERT INTO run_tags (owner, key, value) SELECT n + 1, 'team', n FROM s`).run(runs - 1);
    const point = raw.prepare(
      `${counted} INSERT INTO metric_points (run, key, at, step, value, nan) SELECT ?, ?, n, n, ? + n - ?, 0 FROM s`,
    );
    const latest = raw.prepare('INSERT INTO latest_metrics VALUES (?, ?, ?, ?, ?, 0)');
    const last = seriesLength - 1;
    for (let run = 1; run <= runs; run += 1) {
      for (let key = 1; key <= 10; key += 1) {
        point.run(last, run, key, run, last);
        latest.run(run, key, last, last, run);
      }
    }
  })();
}

type Ask = () => Promise<unknown>;

async function served(folder: string, size: number): Promise<Row[]> {
  const killed = await placeOn(folder);
  await killed.client.call('POST /models/:model/describe', { model: 'model-0', description: 'written just before' });
  killed.process.kill('SIGKILL');
  await new Promise((resolve) => killed.process.once('exit', resolve));
  const here = await placeOn(folder);
  const ready = `${ms(here.readyMs)} (${ms(1000 * cpuSeconds(here.process.pid))} of CPU)`;
  const rows = [row(`${size} versions: ready after a kill`, '≤ 2 s', ready, here.readyMs <= 2000)];
  const agent = new Agent({ keepAlive: true });
  for (const [what, limit, act] of await asks(here, agent, size)) {
    const times: number[] = [];
    const cpu = cpuSeconds(here.process.pid);
    for (let n = 0; n < asked; n += 1) {
      const began = performance.now();
      await act();
      times.push(performance.now() - began);
    }
    const own = (1000 * (cpuSeconds(here.process.pid) - cpu)) / asked;
    const p95 = percentile(times, 0.95);
    const text = `${ms(p95)} (${ms(own)} of the service's CPU each)`;
    rows.push(row(`${size} versions: ${what}, p95 of ${asked}`, `≤ ${limit} ms`, text, p95 <= limit));
  }
  agent.destroy();
  await here.end();
  return rows;
}

async function asks({ client, file }: Place, agent: Agent, size: number): Promise<[string, number, Ask][]> {
  const { token } = await client.call('GET /mlflow', {});
  const ask = asker(file.port, token, agent);
  const versions =
    (filter: string): Ask =>
    () =>
      ask('GET', 'model-versions/search', { filter, max_results: 100 });
  const runs =
    (filter: string): Ask =>
    () =>
      ask('POST', 'runs/search', { experiment_ids: ['0'], filter, max_results: 100 });
  const last = `model-${size / versionsEach - 1}`;
  return [
    ['first page of models', 50, () => client.call('GET /models', {})],
    ['versions of a model', 50, () => client.call('GET /models/:model/versions', { model: last })],
    ['newest events', 50, () => client.call('GET /log', {})],
    ['a name looked for', 50, () => client.call('GET /models', { query: last })],
    ['versions by tag', 100, versions(`tags.k3 = 'v42'`)],
    ['versions by a tag that none has', 100, versions(`tags.k3 = 'none'`)],
    ['versions from the newest on', 100, versions('')],
    ['models by tag', 100, () => ask('GET', 'registered-models/search', { filter: `tags.team = 't7'` })],
    ['a version by alias', 100, () => ask('GET', 'registered-models/alias', { name: last, alias: 'best' })],
    ['runs by metric', 100, runs('metrics.k3 > 5')],
    ['runs by param', 100, runs(`params.lr = '3'`)],
    ['runs by date', 100, runs('attributes.start_time > 10')],
  ];
}

/** Measures verification, which reads every event and every row, compared with reading the file. */
function checked(folder: string, size: number): Row[] {
  const file = join(folder, databaseName);
  const megabytes = statSync(file).size / 1e6;
  const began = performance.now();
  const { report, close } = checkDatabase(file, folder, []);
  const took = performance.now() - began;
  close();
  if (report.faults.length > 0) throw new Error(`${report.faults.length} faults in a sound registry`);
  const rate = `${(took / 1000).toFixed(1)} s, ${(report.events / took).toFixed(0)} k events a second, ${(megabytes / (took / 1000)).toFixed(0)} MB/s`;
  return [row(`${size} versions: ${report.events} events and ${megabytes.toFixed(0)} MB verified`, '—', rate)];
}

/** Measures the replay of a log with one kind of event. */
function rebuilt(kind: 'tag' | 'version', events: number, least: number): Row {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const db = openDatabase(folder);
  db.raw.transaction(() => {
    const add = (event: NewEvent): void => void append(db, event, 1, 'bench');
    for (let n = 0; n < events; n += 1) {
      const model = `m${Math.floor(n / 1000)}`;
      if (n % 1000 === 0) add({ type: 'model.created/1', body: { model, name: model } });
      const number = 1 + (n % 1000);
      if (kind === 'tag') add(tagged(model, number, n % tagsEach, `v${n % 100}`));
      else add({ type: 'version.registered/1', body: version(model, number) });
    }
  })();
  const began = performance.now();
  const cpu = process.threadCpuUsage();
  rebuild(db);
  const rate = events / ((performance.now() - began) / 1000);
  const { user, system } = process.threadCpuUsage(cpu);
  db.close();
  rmSync(folder, { recursive: true, force: true });
  const wanted = `≥ ${least.toLocaleString('en')} a second`;
  const text = `${rate.toFixed(0)} a second, ${(events / ((user + system) / 1e6)).toFixed(0)} a second of CPU`;
  return row(`${events} ${kind} events rebuilt`, wanted, text, rate >= least);
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
