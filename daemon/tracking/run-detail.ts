import type { Context } from '../context.ts';
import { modelById } from '../db/models.ts';
import { searchVersions } from '../db/searchable.ts';
import { experimentById, type RunRow } from '../db/tracking/runs.ts';
import { datasetsOfEach } from '../db/tracking/inputs.ts';
import { thinnedHistory } from '../db/tracking/metrics.ts';
import { trackedRunView } from '../db/tracking/run-view.ts';
import { pairsOf, type PairTable } from '../db/tracking/pairs.ts';
import type { TrackedRun } from '../protocol/tracked-run.ts';
import { findRun } from './runs.ts';

const maxCurves = 24;
const maxPoints = 300;
const maxVersions = 100;

/** Returns the data of a run's page. Throws `not-found`. */
export function runDetail(ctx: Context, runId: string): TrackedRun {
  const row = findRun(ctx, runId);
  const { status, metrics, startedAt, endedAt } = trackedRunView(ctx.db, row);
  const experiment = experimentById(ctx.db, row.experiment)?.name ?? '';
  return {
    run: row.runId,
    name: row.name,
    experiment: { id: String(row.experiment), name: experiment },
    status,
    deleted: row.stage === 'deleted',
    user: row.user,
    startedAt,
    endedAt,
    metrics,
    params: recordOf(ctx, 'runParams', row),
    tags: recordOf(ctx, 'runTags', row),
    inputs: (datasetsOfEach(ctx.db, [row.id]).get(row.id) ?? []).map(({ dataset: { name, digest, source } }) => ({
      name,
      digest,
      source,
    })),
    versions: versionsOf(ctx, row),
    curves: Object.keys(metrics)
      .slice(0, maxCurves)
      .flatMap((metric) => curveOf(ctx, row, metric)),
  };
}

function recordOf(ctx: Context, table: PairTable, { id }: RunRow): Record<string, string> {
  return Object.fromEntries(pairsOf(ctx.db, table, id).map(({ key, value }) => [key, value]));
}

function versionsOf(ctx: Context, { runId }: RunRow): TrackedRun['versions'] {
  const rows = searchVersions(ctx.db, true, {
    conditions: [{ on: 'attribute', key: 'run_id', operator: '=', value: runId }],
    order: [],
    limit: maxVersions,
    offset: 0,
  });
  return rows.map(({ model, number }) => ({ model: modelById(ctx.db, model)?.name ?? '', number }));
}

function curveOf(ctx: Context, { id }: RunRow, metric: string): TrackedRun['curves'] {
  const all = { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };
  const points = thinnedHistory(ctx.db, id, metric, all, maxPoints);
  if (points.length < 2) return [];
  const steps = points.map(({ step }) => step);
  const values = points.map(({ value }) => (Number.isNaN(value) ? null : value));
  return [{ metric, steps, times: points.map(({ at }) => at), values }];
}
