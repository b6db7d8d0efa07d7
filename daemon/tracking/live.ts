import type { Context } from '../context.ts';
import { experimentById, runById, trackedRunsWithStatus, type RunRow } from '../db/tracking/runs.ts';
import { pairsOf } from '../db/tracking/pairs.ts';
import { isOpen } from '../db/transaction.ts';
import { latestMetrics } from '../db/tracking/metrics.ts';
import { metricJson } from '../protocol/json.ts';
import type { Run } from '../protocol/model.ts';
import { mlflowNamesOf, runStatusOf } from '../shared/runs/run-status.ts';

/** Runs of MLflow's clients in the form of runs of watched folders. */

/** Converts a tracked run. It has no folder; its name takes that place: `mlflow:/<experiment>/<run name>`. */
export function runView(ctx: Context, row: RunRow): Run {
  const experiment = experimentById(ctx.db, row.experiment)?.name ?? String(row.experiment);
  const params = pairsOf(ctx.db, 'runParams', row.id).map(({ key, value }) => [key, value]);
  const metrics = latestMetrics(ctx.db, row.id).map(({ key, value }) => [key, metricJson(value)]);
  return {
    id: `mlflow:/${experiment}/${row.runId}`,
    folder: `mlflow:/${experiment}/${row.name}`,
    execution: null,
    resumptions: [],
    status: row.stage === 'deleted' ? 'killed' : (runStatusOf(row.status) ?? 'running'),
    startedAt: row.startAt,
    updatedAt: row.updatedAt,
    endedAt: row.endAt,
    params: Object.fromEntries(params) as Run['params'],
    metrics: Object.fromEntries(metrics) as Run['metrics'],
  };
}

/** Returns runs with their tags, but for those that MLflow sets itself. */
export function trackedRuns(
  ctx: Context,
  status: Run['status'],
  limit: number,
): (Run & { tags: Record<string, string> })[] {
  return trackedRunsWithStatus(ctx.db, mlflowNamesOf(status), limit).map((row) => {
    const tags = pairsOf(ctx.db, 'runTags', row.id).filter(({ key }) => !key.startsWith('mlflow.'));
    return { ...runView(ctx, row), tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) };
  });
}

/** Milliseconds between two notifications about a run that logs continuously. */
const everyMs = 500;
const waiting = new Map<string, NodeJS.Timeout>();

/** Tells clients about a run's present values after `everyMs`, together for all changes until then. */
export function announceRun(ctx: Context, run: RunRow): void {
  if (waiting.has(run.runId)) return;
  const notify = (): void => {
    waiting.delete(run.runId);
    if (isOpen(ctx.db)) announce(ctx, run.runId);
  };
  waiting.set(run.runId, setTimeout(notify, everyMs).unref());
}

function announce(ctx: Context, runId: string): void {
  const now = runById(ctx.db, runId);
  if (now) ctx.publish({ kind: 'run', run: runView(ctx, now) });
}
