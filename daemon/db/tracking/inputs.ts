import type { Database, Row } from '../database.ts';
import { groupedBy } from '../group-rows.ts';
import type { Pair } from './pairs.ts';

/** A data set that a run read, identified by name and digest within an experiment. */
export interface DatasetRow {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

export interface RunDataset {
  dataset: DatasetRow;
  tags: Pair[];
}

/** Records that a run read a data set; a repetition is ignored. `context` is a tag. */
export function putRunDataset(
  db: Database,
  run: { id: number; experiment: number },
  { dataset, tags }: RunDataset,
  context: string | null,
): void {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  db.sql(
    `INSERT OR IGNORE INTO datasets (experiment, name, digest, source_type, source, schema, profile)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(run.experiment, name, digest, sourceType, source, schema, profile);
  db.sql(
    `INSERT OR IGNORE INTO run_datasets (run, dataset, context, tags)
     SELECT ?, id, ?, ? FROM datasets WHERE experiment = ? AND name = ? AND digest = ?`,
  ).run(run.id, context, JSON.stringify(tags), run.experiment, name, digest);
}

/** Returns the data sets of each of these runs; a run without any is absent. */
export function datasetsOfEach(db: Database, runs: readonly number[]): Map<number, RunDataset[]> {
  const text = `SELECT i.run, d.name, d.digest, d.source_type, d.source, d.schema, d.profile, i.tags FROM run_datasets i
    JOIN datasets d ON d.id = i.dataset WHERE i.run IN (SELECT value FROM json_each(?)) ORDER BY i.run, d.id`;
  return groupedBy(db.sql(text).all(JSON.stringify(runs)), 'run', fromRow);
}

function fromRow(row: Row): RunDataset {
  return {
    dataset: {
      name: String(row['name']),
      digest: String(row['digest']),
      sourceType: String(row['source_type']),
      source: String(row['source']),
      schema: row['schema'] === null ? null : String(row['schema']),
      profile: row['profile'] === null ? null : String(row['profile']),
    },
    tags: JSON.parse(String(row['tags'])) as Pair[],
  };
}

/** Returns the data sets of experiments with the contexts in which they were read, at most `limit`. */
export function datasetSummaries(
  db: Database,
  experiments: readonly number[],
  limit: number,
): { experiment: number; name: string; digest: string; context: string | null }[] {
  const marks = experiments.map(() => '?').join(', ');
  const text = `SELECT DISTINCT d.experiment, d.name, d.digest, i.context FROM datasets d
    JOIN run_datasets i ON i.dataset = d.id JOIN tracked_runs r ON r.id = i.run
    WHERE d.experiment IN (${marks}) AND r.stage = 'active' ORDER BY d.name, d.digest, i.context LIMIT ?`;
  return db
    .sql(text)
    .all(...experiments, limit)
    .map((row) => ({
      experiment: Number(row['experiment']),
      name: String(row['name']),
      digest: String(row['digest']),
      context: row['context'] === null ? null : String(row['context']),
    }));
}

export type Direction = 'input' | 'output';

/** Records that a run read or wrote a logged model. */
export function putRunModel(db: Database, run: number, direction: Direction, model: string, step: number): void {
  const text = 'INSERT OR REPLACE INTO run_models (run, direction, model, step) VALUES (?, ?, ?, ?)';
  db.sql(text).run(run, direction, model, step);
}

export interface RunModel {
  direction: Direction;
  model: string;
  step: number;
}

/** Returns the logged models that each of these runs read and wrote; a run without any is absent. */
export function modelsOfEach(db: Database, runs: readonly number[]): Map<number, RunModel[]> {
  const text = `SELECT run, direction, model, step FROM run_models
    WHERE run IN (SELECT value FROM json_each(?)) ORDER BY run, step, model`;
  return groupedBy(db.sql(text).all(JSON.stringify(runs)), 'run', (row) => ({
    direction: row['direction'] === 'input' ? 'input' : 'output',
    model: String(row['model']),
    step: Number(row['step']),
  }));
}
