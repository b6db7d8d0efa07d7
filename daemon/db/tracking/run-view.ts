import { metricJson } from '../../protocol/json.ts';
import type { Run } from '../../protocol/model.ts';
import { runStatusOf } from '../../shared/runs/run-status.ts';
import type { Database } from '../database.ts';
import { latestMetrics } from './metrics.ts';
import { pairsOf } from './pairs.ts';
import { experimentById, type RunRow } from './runs.ts';

/**
 * Converts a run that an MLflow client logged to the form of runs of watched folders. It has no folder; its name takes that place:
 * `mlflow:/<experiment>/<run name>`.
 */
export function trackedRunView(db: Database, row: RunRow): Run {
  const experiment = experimentById(db, row.experiment)?.name ?? String(row.experiment);
  const params = pairsOf(db, 'runParams', row.id).map(({ key, value }) => [key, value]);
  const metrics = latestMetrics(db, row.id).map(({ key, value }) => [key, metricJson(value)]);
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
