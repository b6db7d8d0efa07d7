import type { Database, Row } from '../database.ts';

/** Experiments and runs, which no event writes. Row ids are never exposed. */

export type Lifecycle = 'active' | 'deleted';

export interface ExperimentRow {
  id: number;
  name: string;
  artifactLocation: string;
  stage: Lifecycle;
  createdAt: number;
  updatedAt: number;
}

export interface RunRow {
  id: number;
  runId: string;
  experiment: number;
  name: string;
  user: string;
  status: string;
  artifactUri: string;
  startAt: number;
  endAt: number | null;
  stage: Lifecycle;
  updatedAt: number;
}

export const experimentColumns = 'id, name, artifact_location, stage, created_at, updated_at';
export const runColumns =
  'id, run_id, experiment, name, user, status, artifact_uri, start_at, end_at, stage, updated_at';

export function experimentFromRow(row: Row): ExperimentRow {
  return {
    id: Number(row['id']),
    name: String(row['name']),
    artifactLocation: String(row['artifact_location']),
    stage: row['stage'] as Lifecycle,
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
  };
}

export function runFromRow(row: Row): RunRow {
  return {
    id: Number(row['id']),
    runId: String(row['run_id']),
    experiment: Number(row['experiment']),
    name: String(row['name']),
    user: String(row['user']),
    status: String(row['status']),
    artifactUri: String(row['artifact_uri']),
    startAt: Number(row['start_at']),
    endAt: row['end_at'] === null ? null : Number(row['end_at']),
    stage: row['stage'] as Lifecycle,
    updatedAt: Number(row['updated_at']),
  };
}

export function experimentById(db: Database, id: number): ExperimentRow | undefined {
  const row = db.sql(`SELECT ${experimentColumns} FROM experiments WHERE id = ?`).get(id);
  return row && experimentFromRow(row);
}

export function experimentByName(db: Database, name: string): ExperimentRow | undefined {
  const row = db.sql(`SELECT ${experimentColumns} FROM experiments WHERE name = ?`).get(name);
  return row && experimentFromRow(row);
}

/** Creates an experiment and returns its id. An empty location becomes one in our own store. */
export function insertExperiment(db: Database, name: string, location: string, at: number): number {
  const text = 'INSERT INTO experiments (name, artifact_location, created_at, updated_at) VALUES (?, ?, ?, ?)';
  const id = Number(db.sql(text).run(name, location, at, at).lastInsertRowid);
  if (location === '') {
    const own = `mlflow-artifacts:/${id}`;
    db.sql('UPDATE experiments SET artifact_location = ? WHERE id = ?').run(own, id);
  }
  return id;
}

export function updateExperiment(
  db: Database,
  { id, name, stage }: Pick<ExperimentRow, 'id' | 'name' | 'stage'>,
  at: number,
): void {
  db.sql('UPDATE experiments SET name = ?, stage = ?, updated_at = ? WHERE id = ?').run(name, stage, at, id);
}

/** Deletes or restores every run of an experiment. */
export function setRunStages(db: Database, experiment: number, stage: Lifecycle, at: number): void {
  db.sql('UPDATE tracked_runs SET stage = ?, updated_at = ? WHERE experiment = ?').run(stage, at, experiment);
}

export function runById(db: Database, runId: string): RunRow | undefined {
  const row = db.sql(`SELECT ${runColumns} FROM tracked_runs WHERE run_id = ?`).get(runId);
  return row && runFromRow(row);
}

export function insertRun(db: Database, run: Omit<RunRow, 'id'>): RunRow {
  const text = `INSERT INTO tracked_runs
    (run_id, experiment, name, user, status, artifact_uri, start_at, end_at, stage, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  const { runId, experiment, name, user, status, artifactUri, startAt, endAt, stage, updatedAt } = run;
  const made = db.sql(text).run(runId, experiment, name, user, status, artifactUri, startAt, endAt, stage, updatedAt);
  return { id: Number(made.lastInsertRowid), ...run };
}

export function updateRun(db: Database, { id, name, status, endAt, stage }: RunRow, at: number): void {
  const text = 'UPDATE tracked_runs SET name = ?, status = ?, end_at = ?, stage = ?, updated_at = ? WHERE id = ?';
  db.sql(text).run(name, status, endAt, stage, at, id);
}

/** Returns runs with one of these statuses, the newest change first, at most `limit`. */
export function trackedRunsWithStatus(db: Database, statuses: readonly string[], limit: number): RunRow[] {
  const marks = statuses.map(() => '?').join(', ');
  const text = `SELECT ${runColumns} FROM tracked_runs WHERE status IN (${marks}) AND stage = 'active'
    ORDER BY updated_at DESC LIMIT ?`;
  return db
    .sql(text)
    .all(...statuses, limit)
    .map(runFromRow);
}
