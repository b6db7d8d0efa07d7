import type { Database, Row } from '../database.ts';
import type { Lifecycle } from './runs.ts';
import type { Point } from './metrics.ts';

/** A model that a run logged, whether or not a version is made of it. */
export interface LoggedModelRow {
  id: number;
  modelId: string;
  experiment: number;
  name: string;
  type: string | null;
  sourceRun: string | null;
  /** `LOGGED_MODEL_PENDING`, `LOGGED_MODEL_READY` or `LOGGED_MODEL_UPLOAD_FAILED`. */
  status: string;
  artifactUri: string;
  stage: Lifecycle;
  createdAt: number;
  updatedAt: number;
}

export const loggedModelColumns =
  'id, model_id, experiment, name, type, source_run, status, artifact_uri, stage, created_at, updated_at';

export function loggedModelFromRow(row: Row): LoggedModelRow {
  return {
    id: Number(row['id']),
    modelId: String(row['model_id']),
    experiment: Number(row['experiment']),
    name: String(row['name']),
    type: row['type'] === null ? null : String(row['type']),
    sourceRun: row['source_run'] === null ? null : String(row['source_run']),
    status: String(row['status']),
    artifactUri: String(row['artifact_uri']),
    stage: row['stage'] as Lifecycle,
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
  };
}

export function loggedModelById(db: Database, modelId: string): LoggedModelRow | undefined {
  const row = db.sql(`SELECT ${loggedModelColumns} FROM logged_models WHERE model_id = ?`).get(modelId);
  return row && loggedModelFromRow(row);
}

export function insertLoggedModel(db: Database, model: Omit<LoggedModelRow, 'id'>): LoggedModelRow {
  const { modelId, experiment, name, type, sourceRun, status, artifactUri, stage, createdAt, updatedAt } = model;
  const text = `INSERT INTO logged_models
    (model_id, experiment, name, type, source_run, status, artifact_uri, stage, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  const made = db
    .sql(text)
    .run(modelId, experiment, name, type, sourceRun, status, artifactUri, stage, createdAt, updatedAt);
  return { id: Number(made.lastInsertRowid), ...model };
}

export function updateLoggedModel(db: Database, { id, status, stage }: LoggedModelRow, at: number): void {
  db.sql('UPDATE logged_models SET status = ?, stage = ?, updated_at = ? WHERE id = ?').run(status, stage, at, id);
}

/** A metric of a logged model: the run that measured it and, if given, the data set. */
export interface ModelMetric extends Point {
  run: string;
  datasetName: string;
  datasetDigest: string;
}

/** Stores the latest value for each metric, run and data set. */
export function putModelMetric(db: Database, model: number, metric: ModelMetric): void {
  const nan = Number.isNaN(metric.value) ? 1 : 0;
  const text = `INSERT INTO logged_model_metrics
      (owner, key, run, dataset_name, dataset_digest, step, at, value, nan) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET step = excluded.step, at = excluded.at, value = excluded.value, nan = excluded.nan
    WHERE (excluded.step, excluded.at, excluded.value) >= (step, at, value)`;
  const { key, run, datasetName, datasetDigest, step, at, value } = metric;
  db.sql(text).run(model, key, run, datasetName, datasetDigest, step, at, nan === 1 ? 0 : value, nan);
}

export function modelMetrics(db: Database, model: number): ModelMetric[] {
  const text = `SELECT key, run, dataset_name, dataset_digest, step, at, value, nan FROM logged_model_metrics
    WHERE owner = ? ORDER BY key, run, dataset_name, dataset_digest`;
  return db
    .sql(text)
    .all(model)
    .map((row) => ({
      key: String(row['key']),
      run: String(row['run']),
      datasetName: String(row['dataset_name']),
      datasetDigest: String(row['dataset_digest']),
      step: Number(row['step']),
      at: Number(row['at']),
      value: row['nan'] === 1 ? Number.NaN : Number(row['value']),
    }));
}
