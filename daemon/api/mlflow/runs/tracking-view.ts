import type { Context } from '../../../context.ts';
import type { ExperimentRow, RunRow } from '../../../db/tracking/runs.ts';
import { datasetsOfEach, modelsOfEach, type RunDataset, type RunModel } from '../../../db/tracking/inputs.ts';
import { latestMetricsOfEach, type Point } from '../../../db/tracking/metrics.ts';
import { modelMetrics, type LoggedModelRow, type ModelMetric } from '../../../db/tracking/logged-models.ts';
import { pairsOf, pairsOfEach, type Pair } from '../../../db/tracking/pairs.ts';
import type { Json } from '../../../protocol/json.ts';

/** Runs, experiments and others in MLflow's form. Empty fields are not sent, as clients take them as absent. */

type View = Record<string, Json>;

/** Sets empty fields to undefined, which JSON leaves out. Deleting them would cost more than all other work on a row. */
export function fillFields(fields: Record<string, Json | undefined>): View {
  for (const key in fields) {
    const value = fields[key];
    if (value === null || (Array.isArray(value) && value.length === 0)) fields[key] = undefined;
  }
  return fields as View;
}

export function experimentView(ctx: Context, row: ExperimentRow): View {
  return fillFields({
    experiment_id: String(row.id),
    name: row.name,
    artifact_location: row.artifactLocation,
    lifecycle_stage: row.stage,
    creation_time: row.createdAt,
    last_update_time: row.updatedAt,
    tags: pairsOf(ctx.db, 'experimentTags', row.id).map(pairView),
  });
}

export function runInfoView(row: RunRow): View {
  return fillFields({
    run_id: row.runId,
    run_uuid: row.runId,
    run_name: row.name,
    experiment_id: String(row.experiment),
    user_id: row.user,
    status: row.status,
    start_time: row.startAt,
    end_time: row.endAt ?? undefined,
    artifact_uri: row.artifactUri,
    lifecycle_stage: row.stage,
  });
}

/** Returns runs in MLflow's form. Each kind of related rows is read once for all. */
export function runViews({ db }: Context, rows: readonly RunRow[]): View[] {
  const ids = rows.map(({ id }) => id);
  const metrics = latestMetricsOfEach(db, ids);
  const params = pairsOfEach(db, 'runParams', ids);
  const tags = pairsOfEach(db, 'runTags', ids);
  const datasets = datasetsOfEach(db, ids);
  const models = modelsOfEach(db, ids);
  return rows.map((row) => ({
    info: runInfoView(row),
    data: fillFields({
      metrics: metrics.get(row.id)?.map(pointView),
      params: params.get(row.id)?.map(pairView),
      tags: tags.get(row.id)?.map(pairView),
    }),
    inputs: fillFields({
      dataset_inputs: datasets.get(row.id)?.map(datasetView),
      model_inputs: readBy(models.get(row.id)),
    }),
    outputs: fillFields({ model_outputs: madeBy(models.get(row.id)) }),
  }));
}

function pairView({ key, value }: Pair): View {
  return { key, value };
}

function readBy(models: readonly RunModel[] = []): View[] {
  return models.filter(({ direction }) => direction === 'input').map(({ model }) => ({ model_id: model }));
}

function madeBy(models: readonly RunModel[] = []): View[] {
  return models.filter(({ direction }) => direction === 'output').map(({ model, step }) => ({ model_id: model, step }));
}

export function pointView({ key, value, at, step }: Point): View {
  return { key, value: numberView(value), timestamp: at, step };
}

function numberView(value: number): Json {
  return Number.isNaN(value) ? 'NaN' : value;
}

function datasetView({ dataset, tags }: RunDataset): View {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  return fillFields({
    dataset: fillFields({
      name,
      digest,
      source_type: sourceType,
      source,
      schema: schema ?? undefined,
      profile: profile ?? undefined,
    }),
    tags: tags.map(pairView),
  });
}

export function loggedModelView(ctx: Context, row: LoggedModelRow): View {
  return {
    info: fillFields({
      model_id: row.modelId,
      experiment_id: String(row.experiment),
      name: row.name,
      creation_timestamp_ms: row.createdAt,
      last_updated_timestamp_ms: row.updatedAt,
      artifact_uri: row.artifactUri,
      status: row.status,
      model_type: row.type ?? undefined,
      source_run_id: row.sourceRun ?? undefined,
      tags: pairsOf(ctx.db, 'loggedModelTags', row.id).map(pairView),
    }),
    data: fillFields({
      params: pairsOf(ctx.db, 'loggedModelParams', row.id).map(pairView),
      metrics: modelMetrics(ctx.db, row.id).map((metric) => modelMetricView(row, metric)),
    }),
  };
}

function modelMetricView(row: LoggedModelRow, metric: ModelMetric): View {
  return fillFields({
    ...pointView(metric),
    model_id: row.modelId,
    run_id: metric.run,
    dataset_name: metric.datasetName || undefined,
    dataset_digest: metric.datasetDigest || undefined,
  });
}
