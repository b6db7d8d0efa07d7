import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../daemon/db/database.ts';
import { append, verifyLog } from '../../daemon/db/log.ts';
import type { NewEvent } from '../../daemon/protocol/events.ts';
import { committer } from '../../daemon/registry/commit.ts';
import { percentile, place, row, type Place, type Row } from './place.ts';
import { given } from '../support/evidence.ts';

const seconds = 3;
const sample = join(import.meta.dirname, '..', 'fixtures', 'samples', 'pytorch', 'digits-mlp-a', 'model.safetensors');

/** Measures commits through the committer and through the whole daemon, compared with bare SQLite commits with FULL on the same disk. */
export async function rates(): Promise<Row[]> {
  const here = await place();
  await here.client.call('POST /register', { path: sample, model: 'rate' });
  const raw = rawRate(here.folder);
  const door = await doorRates();
  const [one, eight] = [await rate(here, 1), await rate(here, 8)];
  await here.end();
  const times = (value: number): string => `${value.toFixed(0)}/s, ${(value / raw).toFixed(2)} ×`;
  return [
    row('commits a second, bare better-sqlite3 with FULL', '—', raw.toFixed(0)),
    row('events committed, one by one', '≥ 0.5 × bare', times(door[0] ?? 0), (door[0] ?? 0) / raw >= 0.5),
    row('events committed, 8 at a time', '≥ 5 × bare', times(door[1] ?? 0), (door[1] ?? 0) / raw >= 5),
    row('events committed, 64 at a time', '—', times(door[2] ?? 0)),
    row('the same over HTTP, 1 client', '—', times(one)),
    row('the same over HTTP, 8 clients', '—', times(eight)),
  ];
}

/** Measures the rate of commits in this process by 1, 8 and 64 callers. */
async function doorRates(): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const db = openDatabase(folder);
  const { commit } = committer(db, Date.now, () => undefined);
  const caller = { actor: 'bench' };
  const write = (event: NewEvent): Promise<null> => commit(caller, () => ({ events: [event], result: () => null }));
  await write({ type: 'model.created/1', body: { model: 'm', name: 'm' } });
  const found: number[] = [];
  for (const callers of [1, 8, 64]) {
    found.push(
      await during(callers, (who, n) =>
        write({ type: 'model.tagged/1', body: { model: 'm', key: `k${who}`, value: String(n) } }),
      ),
    );
  }
  db.close();
  rmSync(folder, { recursive: true, force: true });
  return found;
}

/** Returns how many calls per second so many callers make, each waiting for its answer. */
async function during(callers: number, act: (who: number, n: number) => Promise<unknown>): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let done = 0;
  const work = async (who: number): Promise<void> => {
    for (let n = 0; performance.now() < end; n += 1) {
      await act(who, n);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, who) => work(who)));
  return done / seconds;
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

async function rate(here: Place, clients: number): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const found = await during(clients, (who, n) =>
    send(here, agent, JSON.stringify({ key: `k${who}`, value: String(n) })),
  );
  agent.destroy();
  return found;
}

function send({ file }: Place, agent: Agent, body: string): Promise<void> {
  const headers = {
    authorization: `Bearer ${file.token}`,
    'content-type': 'application/json',
    'content-length': body.length,
  };
  const options = {
    agent,
    host: '127.0.0.1',
    port: file.port,
    method: 'POST',
    path: '/models/rate/versions/1/tag',
    headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => response.resume().on('end', resolve));
    sent.on('error', reject);
    sent.end(body);
  });
}

const versions = 10_000;

/** Measures pages of a model with 10,000 versions, and the verification of a long log. */
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
  const { connect } = await import('../../daemon/clients/client/request.ts');
  const { registerVersion } = await import('../../daemon/registry/versions/register.ts');
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
  const sha256 = daemon.context.blobs.put(Buffer.from('x')).slice('sha256:'.length);
  const jobs = Array.from({ length: versions }, (_, n) => {
    const files = [{ path: `weights-${n}`, size: 1, sha256 }];
    const evidence = [
      {
        source: 'metrics.json',
        metrics: { auc: n / versions, loss: 1 - n / versions },
        origin: given,
        params: { lr: n },
      },
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
        evidence,
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
