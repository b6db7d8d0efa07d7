import type { Context } from '../context.ts';
import { runById, trackedRunsWithStatus, type RunRow } from '../db/tracking/runs.ts';
import { trackedRunView } from '../db/tracking/run-view.ts';
import { pairsOf } from '../db/tracking/pairs.ts';
import { isOpen } from '../db/transaction.ts';
import type { Run } from '../protocol/model.ts';
import { mlflowNamesOf } from '../shared/runs/run-status.ts';

/** Runs of MLflow's clients in the form of runs of watched folders. */

/** Returns runs with their tags, but for those that MLflow sets itself. */
export function trackedRuns(
  ctx: Context,
  status: Run['status'],
  limit: number,
): (Run & { tags: Record<string, string> })[] {
  return trackedRunsWithStatus(ctx.db, mlflowNamesOf(status), limit).map((row) => {
    const tags = pairsOf(ctx.db, 'runTags', row.id).filter(({ key }) => !key.startsWith('mlflow.'));
    return { ...trackedRunView(ctx.db, row), tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) };
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
  if (now) ctx.publish({ kind: 'run', run: trackedRunView(ctx.db, now) });
}
