import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../daemon/db/database.ts';
import { append, verifyLog } from '../../daemon/db/log.ts';
import type { Client } from '../../daemon/client/request.ts';
import { percentile, place, row, type Row } from './place.ts';

const seconds = 3;
const sample = join(import.meta.dirname, '..', 'fixtures', 'samples', 'pytorch', 'digits-mlp-a', 'model.safetensors');

/** Commits through the whole daemon against bare SQLite commits with FULL on the same disk. */
export async function rates(): Promise<Row[]> {
  const here = await place();
  await here.client.call('POST /register', { path: sample, model: 'rate' });
  const raw = rawRate(here.folder);
  const one = await rate(here.client, 1);
  const eight = await rate(here.client, 8);
  await here.end();
  return [
    row('commits a second, bare better-sqlite3 with FULL', '—', raw.toFixed(0)),
    row(
      'metadata written, 1 client',
      '≥ 0.5 × bare',
      `${one.toFixed(0)}/s, ${(one / raw).toFixed(2)} ×`,
      one / raw >= 0.5,
    ),
    row(
      'metadata written, 8 clients',
      '≥ 5 × bare',
      `${eight.toFixed(0)}/s, ${(eight / raw).toFixed(2)} ×`,
      eight / raw >= 5,
    ),
  ];
}

function rawRate(folder: string): number {
  const raw = new Database(join(folder, 'raw.db'));
  raw.pragma('journal_mode = WAL');
  raw.pragma('synchronous = FULL');
  raw.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)');
  const insert = raw.prepare('INSERT INTO t (body) VALUES (?)');
  const text = 'x'.repeat(500);
  const end = performance.now() + seconds * 1000;
  let done = 0;
  for (; performance.now() < end; done += 1) insert.run(text);
  raw.close();
  return done / seconds;
}

async function rate(client: Client, clients: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let done = 0;
  const work = async (who: number): Promise<void> => {
    for (let n = 0; performance.now() < end; n += 1) {
      await client.call('POST /models/:model/versions/:version/tag', {
        model: 'rate',
        version: '1',
        key: `k${who}`,
        value: String(n),
      });
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, who) => work(who)));
  return done / seconds;
}

const versions = 10_000;

/** Pages of a model with 10,000 versions, and the verification of a long log. */
export async function reads(): Promise<Row[]> {
  const here = await place();
  await here.end();
  const pages = await pageTimes();
  const verify = verifyTime();
  const p95 = percentile(pages, 0.95);
  return [
    row(`first page of ${versions} versions, p95 of 50`, '≤ 50 ms', `${p95.toFixed(1)} ms`, p95 <= 50),
    row('100,000 events of 1 KB verified', '≤ 500 ms', `${verify.toFixed(0)} ms`, verify <= 500),
  ];
}

async function pageTimes(): Promise<number[]> {
  const { configure } = await import('../../daemon/config.ts');
  const { startDaemon } = await import('../../daemon/daemon.ts');
  const { silent } = await import('../../daemon/log.ts');
  const { connect } = await import('../../daemon/client/request.ts');
  const { registerVersion } = await import('../../daemon/registry/register.ts');
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const daemon = await startDaemon(configure({ version: '0', dataFolder: folder }), silent);
  const facts = {
    framework: 'x',
    frameworkVersion: null,
    format: 'x',
    modelClass: null,
    parameterCount: null,
    tensors: [],
    tensorsTotal: 0,
  };
  const rest = {
    pickle: null,
    signature: null,
    params: {},
    metrics: {},
    epoch: null,
    step: null,
    metadata: {},
    problems: [],
  };
  const source = { kind: 'hand' as const, path: '/x', run: null, writtenAt: null };
  const jobs = Array.from({ length: versions }, (_, n) => {
    const files = [{ path: '', size: 1, sha256: n.toString(16).padStart(64, '0') }];
    const claims = [
      { source: 'metrics.json', metrics: { auc: n / versions, loss: 1 - n / versions }, params: { lr: n } },
    ];
    return registerVersion(
      daemon.context,
      { actor: 'bench' },
      {
        model: 'many',
        files,
        primary: 'x',
        wholeFolder: false,
        facts: { ...facts, ...rest },
        source,
        claims,
        again: false,
      },
    );
  });
  await Promise.all(jobs);
  const client = connect(daemon.file, 'bench');
  const times: number[] = [];
  for (let n = 0; n < 50; n += 1) {
    const started = performance.now();
    await client.call('GET /models/:model/versions', { model: 'many' });
    times.push(performance.now() - started);
  }
  await daemon.stop();
  rmSync(folder, { recursive: true, force: true });
  return times;
}

function verifyTime(): number {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const db = openDatabase(folder);
  const text = 'x'.repeat(900);
  db.raw.transaction(() => {
    for (let n = 0; n < 100_000; n += 1) {
      append(db, { type: 'version.commented/1', body: { model: 'm', number: n, text } }, n, 'bench');
    }
  })();
  const times: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const started = performance.now();
    verifyLog(db);
    times.push(performance.now() - started);
  }
  db.close();
  rmSync(folder, { recursive: true, force: true });
  return percentile(times, 0.5);
}
