import type { Database, Row } from './database.ts';
import { groupedBy } from './group-rows.ts';
import { modelNames } from './models.ts';
import type { VersionBody } from '../protocol/events.ts';
import type { Json } from '../protocol/json.ts';
import type { Comment, Version, VersionState } from '../protocol/model.ts';
import { referenceTo } from '../shared/references.ts';

/** A version's row, with its model's id. */
export interface VersionRow {
  model: string;
  number: number;
  state: VersionState;
  stage: string;
  body: VersionBody;
  metrics: Record<string, number | string>;
  params: Record<string, Json>;
  description: string;
  createdAt: number;
  /** Time of its registration, or of the last change of description or stage. */
  updatedAt: number;
  actor: string;
  seq: number;
  movedToModel: string | null;
  movedToNumber: number | null;
  deletedUntil: number | null;
}

export const versionColumns = `model, number, state, stage, body, metrics, params, description, created_at, updated_at, actor, seq,
  moved_to_model, moved_to_number, deleted_until`;

/** SQL: versions whose bytes are kept, neither moved to another model nor purged after deletion. */
export const keptVersions = `state <> 'moved' AND deleted_until IS NOT 0`;

export function versionOf(db: Database, model: string, number: number): VersionRow | undefined {
  const row = db.sql(`SELECT ${versionColumns} FROM versions WHERE model = ? AND number = ?`).get(model, number);
  return row && versionFromRow(row);
}

/** Returns versions of a model with numbers below `before`, newest first; deleted and moved ones only with `all`. */
export function versionsBefore(db: Database, model: string, before: number, limit: number, all = false): VersionRow[] {
  const states = all ? '' : `AND state IN ('ready', 'damaged')`;
  const text = `SELECT ${versionColumns} FROM versions WHERE model = ? AND number < ? ${states} ORDER BY number DESC LIMIT ?`;
  return db.sql(text).all(model, before, limit).map(versionFromRow);
}

/** Returns the number of the newest version of a model that is whole and not archived; null for none. */
export function newestPromotable(db: Database, model: string): number | null {
  const text = `SELECT max(number) AS number FROM versions WHERE model = ? AND state = 'ready' AND stage <> 'archived'`;
  const number = db.sql(text).get(model)?.['number'];
  return typeof number === 'number' ? number : null;
}

/** Counts the versions that are neither deleted nor moved, damaged ones included. */
export function countLiveVersions(db: Database): number {
  return Number(db.sql(`SELECT count(*) AS n FROM versions WHERE state IN ('ready', 'damaged')`).get()?.['n'] ?? 0);
}

/** Returns every version that was found damaged. */
export function damagedVersions(db: Database): VersionRow[] {
  return db.sql(`SELECT ${versionColumns} FROM versions WHERE state = 'damaged'`).all().map(versionFromRow);
}

/** Returns the numbers and metrics of the newest live versions of a model, the newest first. */
export function newestMetrics(
  db: Database,
  model: string,
  limit: number,
): { number: number; metrics: Record<string, number | string> }[] {
  const text = `SELECT number, metrics FROM versions WHERE model = ? AND state IN ('ready', 'damaged') ORDER BY number DESC LIMIT ?`;
  return db
    .sql(text)
    .all(model, limit)
    .map((row) => ({
      number: Number(row['number']),
      metrics: JSON.parse(String(row['metrics'])) as Record<string, number | string>,
    }));
}

/** Returns the source of a model's first version, whatever its state; undefined for none. */
export function firstSource(db: Database, model: string): VersionBody['source'] | undefined {
  const row = db
    .sql(`SELECT body -> '$.source' AS source FROM versions WHERE model = ? ORDER BY number LIMIT 1`)
    .get(model);
  return row && (JSON.parse(String(row['source'])) as VersionBody['source']);
}

const newestInStagesSql = `SELECT w.key AS place, ${versionColumns} FROM json_each(?) w CROSS JOIN json_each(?) s CROSS JOIN versions v
  ON v.model = w.value AND v.number = (SELECT number FROM versions INDEXED BY versions_by_stage
    WHERE model = w.value AND stage = s.value AND state IN ('ready', 'damaged') ORDER BY number DESC LIMIT 1)
  ORDER BY w.key, s.key`;

/** Returns the newest live version of each of these models in each of these stages, by the model's index in the list. */
export function newestInStages(
  db: Database,
  models: readonly string[],
  stages: readonly string[],
): Map<number, VersionRow[]> {
  const rows = db.sql(newestInStagesSql).all(JSON.stringify(models), JSON.stringify(stages));
  return groupedBy(rows, 'place', versionFromRow);
}

/** Returns the numbers of a model's live versions in a stage. */
export function numbersInStage(db: Database, model: string, stage: string): number[] {
  const text = `SELECT number FROM versions INDEXED BY versions_by_stage WHERE model = ? AND stage = ? AND state IN ('ready', 'damaged')`;
  return db
    .sql(text)
    .all(model, stage)
    .map((row) => Number(row['number']));
}

/** Returns the live versions with a manifest, oldest first, of all models or of one. */
export function versionsByDigest(db: Database, digest: string, model?: string): VersionRow[] {
  const text = `SELECT ${versionColumns} FROM versions WHERE digest = ? AND (? IS NULL OR model = ?)
    AND state IN ('ready', 'damaged') ORDER BY seq`;
  return db
    .sql(text)
    .all(digest, model ?? null, model ?? null)
    .map(versionFromRow);
}

/** Returns live versions with external bytes, in order of registration. */
export function versionsWithoutFiles(db: Database): VersionRow[] {
  const text = `SELECT ${versionColumns} FROM versions WHERE body ->> '$.files' = 0 AND state IN ('ready', 'damaged') ORDER BY seq`;
  return db.sql(text).all().map(versionFromRow);
}

/** Returns the live versions of all models, the newest first. */
export function newestVersions(db: Database, limit: number): VersionRow[] {
  const text = `SELECT ${versionColumns} FROM versions WHERE state IN ('ready', 'damaged')
    ORDER BY seq DESC, model DESC, number DESC LIMIT ?`;
  return db.sql(text).all(limit).map(versionFromRow);
}

/** Returns the live versions of all models that come from a run, the newest first. */
export function versionsOfRun(db: Database, run: string, limit: number): VersionRow[] {
  const text = `SELECT ${versionColumns} FROM versions WHERE body ->> '$.source.run' = ? AND state IN ('ready', 'damaged')
    ORDER BY seq DESC, model DESC, number DESC LIMIT ?`;
  return db.sql(text).all(run, limit).map(versionFromRow);
}

/** Returns every version, deleted and moved ones included, in order of registration. */
export function everyVersion(db: Database): VersionRow[] {
  return db.sql(`SELECT ${versionColumns} FROM versions ORDER BY seq, model, number`).all().map(versionFromRow);
}

/** Place and time of a version's save. */
export interface VersionSave {
  model: string;
  number: number;
  createdAt: number;
  source: Pick<VersionBody['source'], 'kind' | 'path' | 'writtenAt'>;
}

/** Returns the saves of versions after a given one, in order of model and number, at most `limit`. */
export function versionSaves(db: Database, after: VersionKey, limit: number): VersionSave[] {
  const text = `SELECT model, number, created_at, body ->> '$.source.kind' AS kind, body ->> '$.source.path' AS path,
    body ->> '$.source.writtenAt' AS written_at FROM versions WHERE (model, number) > (?, ?) ORDER BY model, number LIMIT ?`;
  const rows = db.sql(text).all(after.model, after.number, limit);
  return rows.map((row) => {
    const writtenAt = row['written_at'] === null ? null : Number(row['written_at']);
    const source = { kind: row['kind'] as VersionBody['source']['kind'], path: String(row['path']), writtenAt };
    return { model: String(row['model']), number: Number(row['number']), createdAt: Number(row['created_at']), source };
  });
}

/** Returns deleted versions that can no longer be undeleted at `now` and whose bytes still exist. */
export function expiredDeletions(db: Database, now: number): VersionRow[] {
  const text = `SELECT ${versionColumns} FROM versions WHERE state = 'deleted' AND deleted_until > 0 AND deleted_until <= ?`;
  return db.sql(text).all(now).map(versionFromRow);
}

export function versionFromRow(row: Row): VersionRow {
  return {
    model: String(row['model']),
    number: Number(row['number']),
    state: String(row['state']) as VersionState,
    stage: String(row['stage']),
    body: JSON.parse(String(row['body'])) as VersionBody,
    metrics: JSON.parse(String(row['metrics'])) as Record<string, number | string>,
    params: JSON.parse(String(row['params'])) as Record<string, Json>,
    description: String(row['description']),
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
    actor: String(row['actor']),
    seq: Number(row['seq']),
    movedToModel: row['moved_to_model'] === null ? null : String(row['moved_to_model']),
    movedToNumber: row['moved_to_number'] === null ? null : Number(row['moved_to_number']),
    deletedUntil: row['deleted_until'] === null ? null : Number(row['deleted_until']),
  };
}

/** Returns a version in the form of the API. */
export function versionView(db: Database, row: VersionRow): Version {
  return versionViews(db, [row])[0]!;
}

/** Returns versions in the form of the API, with three queries for all of them. */
export function versionViews(db: Database, rows: readonly VersionRow[]): Version[] {
  const [aliases, tags] = [aliasesOfEach(db, rows), tagsOfEach(db, rows)];
  const names = modelNames(db, [...new Set(rows.flatMap(({ model, movedToModel }) => [model, movedToModel ?? model]))]);
  const nameOf = (id: string): string => names.get(id) ?? '';
  return rows.map((row, at) => {
    const { model: _id, number: _number, facts: _facts, stage: _stage, ...body } = row.body;
    return {
      ...body,
      model: nameOf(row.model),
      number: row.number,
      state: row.state,
      stage: row.stage,
      aliases: aliases.get(at) ?? [],
      metrics: row.metrics,
      params: row.params,
      description: row.description,
      tags: Object.fromEntries(tags.get(at) ?? []),
      createdAt: row.createdAt,
      actor: row.actor,
      seq: row.seq,
      movedTo: row.movedToModel === null ? null : referenceTo(nameOf(row.movedToModel), row.movedToNumber ?? '?'),
      deletedUntil: row.deletedUntil,
    };
  });
}

/** Returns the references of merged models that resolve to versions of a model, by the version's number. */
export function formerReferences(db: Database, model: string): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const merged of db.sql('SELECT id, deleted_name FROM models WHERE merged_into = ?').all(model)) {
    const older = formerReferences(db, String(merged['id']));
    const text = `SELECT number, moved_to_number FROM versions WHERE model = ? AND state = 'moved' AND moved_to_model = ?`;
    for (const row of db.sql(text).all(String(merged['id']), model)) {
      const [from, to] = [Number(row['number']), Number(row['moved_to_number'])];
      const own = [referenceTo(String(merged['deleted_name']), from), ...(older.get(from) ?? [])];
      found.set(to, [...(found.get(to) ?? []), ...own]);
    }
  }
  return found;
}

type VersionKey = Pick<VersionRow, 'model' | 'number'>;

/** Encodes many keys as one parameter. */
function keysOf(versions: readonly VersionKey[]): string {
  return JSON.stringify(versions.map(({ model, number }) => [model, number]));
}

/** Returns the aliases of many versions in one query, by a version's index in the list. A version without aliases is absent. */
export function aliasesOfEach(db: Database, versions: readonly VersionKey[]): Map<number, string[]> {
  const text = `SELECT w.key AS place, p.name FROM json_each(?) w CROSS JOIN pointers p
    ON p.model = w.value ->> 0 AND p.kind = 'alias' AND p.holder = w.value ->> 1 ORDER BY w.key, p.name`;
  return groupedBy(db.sql(text).all(keysOf(versions)), 'place', (row) => String(row['name']));
}

/** Returns the tags of many versions in one query, by a version's index in the list. A version without tags is absent. */
export function tagsOfEach(db: Database, versions: readonly VersionKey[]): Map<number, [string, string][]> {
  const text = `SELECT w.key AS place, t.key AS tag, t.value FROM json_each(?) w CROSS JOIN version_tags t
    ON t.model = w.value ->> 0 AND t.number = w.value ->> 1 ORDER BY w.key, t.key`;
  const rows = db.sql(text).all(keysOf(versions));
  return groupedBy(rows, 'place', (row) => [String(row['tag']), String(row['value'])]);
}

export function tagsOfVersion(db: Database, model: string, number: number): Record<string, string> {
  const rows = db
    .sql('SELECT key, value FROM version_tags WHERE model = ? AND number = ? ORDER BY key')
    .all(model, number);
  return Object.fromEntries(rows.map((row) => [String(row['key']), String(row['value'])]));
}

/** Returns the tags of every version of a model, by number. A version without tags is absent. */
export function tagsByNumber(db: Database, model: string): Map<number, [string, string][]> {
  const rows = db.sql('SELECT number, key, value FROM version_tags WHERE model = ? ORDER BY key').all(model);
  return groupedBy(rows, 'number', (row) => [String(row['key']), String(row['value'])]);
}

export function commentsOf(db: Database, model: string, number: number): Comment[] {
  const text = 'SELECT seq, at, actor, text FROM comments WHERE model = ? AND number = ? ORDER BY seq';
  return db
    .sql(text)
    .all(model, number)
    .map((row) => ({
      seq: Number(row['seq']),
      at: Number(row['at']),
      actor: String(row['actor']),
      text: String(row['text']),
    }));
}
