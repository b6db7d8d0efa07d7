import type { Context } from '../../context.ts';
import { runAt, runView } from '../../db/artifacts.ts';
import { thinnedHistory } from '../../db/tracking/metrics.ts';
import { runById } from '../../db/tracking/runs.ts';
import { trackedRunView } from '../../db/tracking/run-view.ts';
import { RegistryError } from '../../errors.ts';
import type { Json } from '../../protocol/json.ts';
import type { Run } from '../../protocol/model.ts';
import { trackedRunIn } from '../../shared/runs/run-id.ts';
import type { SaidEvidence } from '../versions/register.ts';

/** Returns the run of a reference: by its folder, or by the id of a run that an MLflow client logged. Throws `not-found`. */
export function comparedRun(ctx: Context, folder: string): Run {
  const tracked = trackedRunIn(folder);
  if (tracked !== undefined) {
    const row = runById(ctx.db, tracked);
    if (row) return trackedRunView(ctx.db, row);
    throw new RegistryError(
      'not-found',
      `There is no run ${tracked} of an MLflow client. List the runs with: plinth runs`,
    );
  }
  const row = runAt(ctx.db, folder);
  if (row) return runView(row);
  throw new RegistryError('not-found', `There is no known run in ${folder}. List the runs with: plinth status`);
}

const [maxSeries, maxPoints] = [200, 2000];
const always = { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };

/** Returns what an MLflow client logged for a run, with its series; undefined for a run of a watched folder. */
export function trackedEvidence(ctx: Context, folder: string): SaidEvidence[] | undefined {
  const tracked = trackedRunIn(folder);
  const row = tracked === undefined ? undefined : runById(ctx.db, tracked);
  if (!row) return undefined;
  const { metrics, params } = trackedRunView(ctx.db, row);
  const series = Object.keys(metrics)
    .slice(0, maxSeries)
    .map((metric): [string, Json] => [
      metric,
      thinnedHistory(ctx.db, row.id, metric, always, maxPoints).map(({ step, value, at }) => [
        step,
        at,
        Number.isNaN(value) ? null : value,
      ]),
    ]);
  return [{ source: 'mlflow', metrics, params, more: { series: Object.fromEntries(series) } }];
}
