import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon, type Daemon } from '../../daemon/daemon.ts';
import { apply } from '../../daemon/db/apply/apply.ts';
import { append } from '../../daemon/db/log.ts';
import { silent } from '../../daemon/log.ts';
import type { NewEvent, VersionBody } from '../../daemon/protocol/events.ts';
import { asker } from './mlflow-server.ts';
import { percentile, row, type Row } from './place.ts';

const sizes = { small: { versions: 1000, points: 100_000 }, large: { versions: 100_000, points: 10_000_000 } } as const;

/** Measures the p95 of reads in a small and a large registry, alternately. 100 times the versions and points must make no difference. */
export async function scale(): Promise<Row[]> {
  const [small, large] = [await filled(sizes.small), await filled(sizes.large)];
  const rows: Row[] = [];
  for (const [what, act] of Object.entries(reads)) {
    const [before, after] = await inTurn([() => act(small.ask), () => act(large.ask)]);
    const text = `${after.toFixed(2)} ms against ${before.toFixed(2)} ms, ${(after / before).toFixed(1)} ×`;
    const label = `${what}, p95, 100,000 versions and 10 million points`;
    rows.push(row(label, '≤ 3 × at 1,000', text, after / before <= 3));
  }
  await small.end();
  await large.end();
  return rows;
}

type Ask = ReturnType<typeof asker>;

const run = '0'.repeat(32);

const reads: Record<string, (ask: Ask) => Promise<unknown>> = {
  'get-by-alias': (ask) => ask('GET', 'registered-models/alias', { name: 'm0', alias: 'best' }),
  'registered-models/get': (ask) => ask('GET', 'registered-models/get', { name: 'm0' }),
  'search-versions': (ask) => ask('GET', 'model-versions/search', { max_results: 20 }),
  'search-versions of a model': (ask) =>
    ask('GET', 'model-versions/search', { filter: "name = 'm0'", max_results: 20 }),
  'search-models': (ask) => ask('GET', 'registered-models/search', { max_results: 20 }),
  'search-runs by metric': (ask) =>
    ask('POST', 'runs/search', { experiment_ids: ['0'], filter: 'metrics.k0 >= 0', max_results: 10 }),
  'metric-history of 1,000': (ask) =>
    ask('GET', 'metrics/get-history', { run_id: run, metric_key: 'k0', max_results: 1000 }),
};

async function filled(size: { versions: number; points: number }): Promise<{ ask: Ask; end: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const daemon = await startDaemon(configure({ version: '0', dataFolder: folder }), silent);
  fillVersions(daemon, size.versions);
  fillPoints(daemon, size.points);
  const { token } = await connect(daemon.file, 'bench').call('GET /mlflow', {});
  const agent = new Agent({ keepAlive: true });
  const end = async (): Promise<void> => {
    agent.destroy();
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ask: asker(daemon.file.port, token, agent), end };
}

/** Returns the p95 of each in ms. They are called alternately, so that other load of the machine affects both equally. */
async function inTurn(acts: [() => Promise<unknown>, () => Promise<unknown>]): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let n = 0; n < 220; n += 1) {
    for (const which of [0, 1] as const) {
      const started = performance.now();
      await acts[which]();
      if (n >= 20) times[which].push(performance.now() - started);
    }
  }
  return [percentile(times[0], 0.95), percentile(times[1], 0.95)];
}

/** Fills ten models, each with a tenth of the versions. */
function fillVersions({ context: { db, blobs } }: Daemon, versions: number): void {
  const digest = blobs.put(Buffer.from('[]'));
  const put = (event: NewEvent, at: number): void => apply(db, append(db, event, at, 'bench'));
  db.raw.transaction(() => {
    for (let model = 0; model < 10; model += 1) {
      put({ type: 'model.created/1', body: { model: `id${model}`, name: `m${model}` } }, 1);
      for (let number = 1; number <= versions / 10; number += 1)
        put({ type: 'version.registered/1', body: bodyOf(`id${model}`, number, digest) }, number * 10 + model);
    }
    const pointer = { holder: 7, previous: [], stages: [] };
    const common = {
      kind: 'alias' as const,
      name: 'best',
      cause: 'alias' as const,
      reason: '',
      gates: [],
      evidence: [],
    };
    const rest = { before: { ...pointer, holder: null }, after: pointer, policy: null, undoes: null };
    put({ type: 'pointer.moved/1', body: { model: 'id0', ...common, ...rest } }, 1);
  })();
}

function bodyOf(model: string, number: number, digest: string): VersionBody {
  const said = { source: 's3://b/m', location: 's3://b/m', runId: '', runLink: '', modelId: '' };
  return {
    model,
    number,
    digest,
    primary: 'm',
    wholeFolder: true,
    files: 0,
    size: 0,
    framework: 'unknown',
    frameworkVersion: null,
    format: 'folder',
    modelClass: null,
    parameterCount: null,
    pickle: null,
    problems: [],
    facts: digest,
    source: { kind: 'mlflow', path: 's3://b/m', run: null, writtenAt: null, mlflow: said },
    stage: 'development',
  };
}

/** Fills runs of ten metrics with 1,000 points each. */
function fillPoints({ context: { db } }: Daemon, points: number): void {
  const runs = points / 10_000;
  const series = 'WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < ?)';
  db.raw.transaction(() => {
    db.raw
      .prepare(
        `${series} INSERT INTO tracked_runs (id, run_id, experiment, name, user, status, artifact_uri, start_at, updated_at)
         SELECT n + 1, printf('%032d', n), 0, 'r' || n, 'u', 'FINISHED', 'mlflow-artifacts:/0', n, n FROM s`,
      )
      .run(runs - 1);
    db.raw.prepare(`${series} INSERT INTO metric_keys (id, name) SELECT n + 1, 'k' || n FROM s`).run(9);
    const insert = db.raw.prepare(
      `${series} INSERT INTO metric_points (run, key, at, step, value, nan) SELECT ?, ?, n, n, n, 0 FROM s`,
    );
    const latest = db.raw.prepare('INSERT INTO latest_metrics VALUES (?, ?, 999, 999, 999, 0)');
    for (let run = 1; run <= runs; run += 1) {
      for (let key = 1; key <= 10; key += 1) {
        insert.run(999, run, key);
        latest.run(run, key);
      }
    }
  })();
}
