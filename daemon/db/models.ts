import type { Database, Row } from './database.ts';
import { groupedBy } from './group-rows.ts';
import type { CurrentVersion, Model, NameOrigin, Pointer, PointerKind } from '../protocol/model.ts';

/** A model's row. Its id never changes, its name may. */
export interface ModelRow {
  id: string;
  name: string;
  description: string;
  createdAt: number;
  updatedAt: number;
  updatedSeq: number;
  lastNumber: number;
  /** Time of the last change of its name, descriptions, versions or their stages; `updatedAt` counts every event. */
  changedAt: number;
  /** Metrics that people pinned, in their order. The first is the primary metric. */
  pinnedMetrics: string[];
  /** Origin of its name; undefined if unknown. */
  named: NameOrigin | undefined;
  /** Id of the model that it was merged into; null for none. */
  mergedInto: string | null;
}

export const modelColumns =
  'id, coalesce(deleted_name, name) AS name, description, created_at, updated_at, updated_seq, last_number, changed_at, pinned_metrics, named, merged_into';

export function modelByName(db: Database, name: string): ModelRow | undefined {
  const row = db.sql(`SELECT ${modelColumns} FROM models WHERE name = ? AND deleted_name IS NULL`).get(name);
  return row && modelFromRow(row);
}

export function countModels(db: Database): number {
  return Number(db.sql('SELECT count(*) AS n FROM models').get()?.['n'] ?? 0);
}

/** Returns the model that had this name before it was renamed, if no other model has it now; undefined for none. */
export function modelByFormerName(db: Database, name: string): ModelRow | undefined {
  const row = db.sql('SELECT model FROM former_names WHERE name = ?').get(name);
  return row && modelById(db, String(row['model']));
}

export function modelById(db: Database, id: string): ModelRow | undefined {
  const row = db.sql(`SELECT ${modelColumns} FROM models WHERE id = ?`).get(id);
  return row && modelFromRow(row);
}

export function isModelDeleted(db: Database, id: string): boolean {
  const text = 'SELECT 1 FROM models WHERE id = ? AND deleted_name IS NOT NULL AND merged_into IS NULL';
  return db.sql(text).get(id) !== undefined;
}

/** Returns the model that had this name when it was merged into another one; undefined if a model has this name now, or the other was deleted. */
export function mergedModel(db: Database, name: string): ModelRow | undefined {
  const text = `SELECT ${modelColumns} FROM models WHERE deleted_name = ? AND merged_into IS NOT NULL ORDER BY updated_seq DESC`;
  return db
    .sql(text)
    .all(name)
    .map(modelFromRow)
    .find((model) => modelNow(db, model) !== undefined);
}

/** Returns the model that a merged one is part of now; undefined if that was deleted. */
export function modelNow(db: Database, model: ModelRow): ModelRow | undefined {
  if (model.mergedInto === null) return isModelDeleted(db, model.id) ? undefined : model;
  const into = modelById(db, model.mergedInto);
  return into && modelNow(db, into);
}

/** Returns the former names of a model, which still resolve to it. */
export function formerNames(db: Database, model: string): string[] {
  const rows = db.sql('SELECT name FROM former_names WHERE model = ? ORDER BY name').all(model);
  return rows.map((row) => String(row['name']));
}

/** Returns the ids of deleted models that had this name, the last deleted first. */
export function deletedModels(db: Database, name: string): string[] {
  const rows = db.sql('SELECT id FROM models WHERE deleted_name = ? ORDER BY updated_seq DESC').all(name);
  return rows.map((row) => String(row['id']));
}

/** Returns models that changed before event `before`, newest change first, at most `limit`. */
export function modelsBefore(db: Database, before: number, limit: number): ModelRow[] {
  const text = `SELECT ${modelColumns} FROM models WHERE updated_seq < ? AND deleted_name IS NULL ORDER BY updated_seq DESC, id LIMIT ?`;
  return db.sql(text).all(before, limit).map(modelFromRow);
}

export function modelFromRow(row: Row): ModelRow {
  return {
    id: String(row['id']),
    name: String(row['name']),
    description: String(row['description']),
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
    updatedSeq: Number(row['updated_seq']),
    lastNumber: Number(row['last_number']),
    changedAt: Number(row['changed_at']),
    pinnedMetrics: JSON.parse(String(row['pinned_metrics'])) as string[],
    mergedInto: row['merged_into'] === null ? null : String(row['merged_into']),
    named: row['named'] === null ? undefined : (JSON.parse(String(row['named'])) as NameOrigin),
  };
}

/** Returns a model in the form of the API, from the tables alone. */
export function modelView(db: Database, row: ModelRow): Omit<Model, 'primaryMetric'> {
  const live = `SELECT count(*) AS n, max(number) AS latest FROM versions WHERE model = ? AND state IN ('ready', 'damaged')`;
  const counts = db.sql(live).get(row.id);
  const latest = counts?.['latest'] === null ? null : Number(counts?.['latest'] ?? 0);
  const pointers = pointersOf(db, row.id);
  const held = pointers.find(({ kind, name }) => kind === 'stage' && name === 'production')?.holder ?? latest;
  return {
    name: row.name,
    description: row.description,
    tags: tagsOfModel(db, row.id),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    ...(row.named && { named: row.named }),
    versions: Number(counts?.['n'] ?? 0),
    latest,
    current: held === null ? null : currentOf(db, row.id, held),
    pointers,
    pinnedMetrics: row.pinnedMetrics,
  };
}

function currentOf(db: Database, model: string, number: number): CurrentVersion | null {
  const text = `SELECT metrics, body ->> 'framework' AS framework, body ->> '$.source.path' AS path, body ->> 'primary' AS file
    FROM versions WHERE model = ? AND number = ?`;
  const row = db.sql(text).get(model, number);
  if (!row) return null;
  const [path, file] = [String(row['path']), String(row['file'])];
  return {
    number,
    framework: String(row['framework']),
    folder: path.endsWith(file) ? path.slice(0, -file.length - 1) : path,
    metrics: JSON.parse(String(row['metrics'])) as CurrentVersion['metrics'],
  };
}

export function tagsOfModel(db: Database, id: string): Record<string, string> {
  const rows = db.sql('SELECT key, value FROM model_tags WHERE model = ? ORDER BY key').all(id);
  return Object.fromEntries(rows.map((row) => [String(row['key']), String(row['value'])]));
}

/** Returns the names of many models by id, in one query. */
export function modelNames(db: Database, ids: readonly string[]): Map<string, string> {
  const text = `SELECT id, coalesce(deleted_name, name) AS name FROM models WHERE id IN (SELECT value FROM json_each(?))`;
  const rows = db.sql(text).all(JSON.stringify(ids));
  return new Map(rows.map((row) => [String(row['id']), String(row['name'])]));
}

/** Returns the tags of many models in one query, by a model's index in the list. A model without tags is absent. */
export function tagsOfModels(db: Database, ids: readonly string[]): Map<number, [string, string][]> {
  const text = `SELECT w.key AS place, t.key AS tag, t.value FROM json_each(?) w CROSS JOIN model_tags t ON t.model = w.value
    ORDER BY w.key, t.key`;
  const rows = db.sql(text).all(JSON.stringify(ids));
  return groupedBy(rows, 'place', (row) => [String(row['tag']), String(row['value'])]);
}

/** Returns the aliases of many models that point to a version, by a model's index in the list. */
export function heldAliases(db: Database, ids: readonly string[]): Map<number, { name: string; holder: number }[]> {
  const text = `SELECT w.key AS place, p.name, p.holder FROM json_each(?) w CROSS JOIN pointers p
    ON p.model = w.value AND p.kind = 'alias' AND p.holder IS NOT NULL ORDER BY w.key, p.name`;
  const rows = db.sql(text).all(JSON.stringify(ids));
  return groupedBy(rows, 'place', (row) => ({ name: String(row['name']), holder: Number(row['holder']) }));
}

const pointerColumns = `kind, name, holder, previous, seq, at, actor, reason,
  (SELECT body ->> '$.bypassed' FROM events WHERE events.seq = pointers.seq) AS bypassed`;

/** Returns every pointer of a model that is or was set. */
export function pointersOf(db: Database, model: string): Pointer[] {
  const text = `SELECT ${pointerColumns} FROM pointers WHERE model = ? ORDER BY kind DESC, name`;
  return db.sql(text).all(model).map(pointerFromRow);
}

export function pointerOf(db: Database, model: string, kind: PointerKind, name: string): Pointer | undefined {
  const text = `SELECT ${pointerColumns} FROM pointers WHERE model = ? AND kind = ? AND name = ?`;
  const row = db.sql(text).get(model, kind, name);
  return row && pointerFromRow(row);
}

function pointerFromRow(row: Row): Pointer {
  const holder = row['holder'];
  return {
    kind: row['kind'] === 'alias' ? 'alias' : 'stage',
    name: String(row['name']),
    holder: holder === null ? null : Number(holder),
    previous: JSON.parse(String(row['previous'])) as number[],
    seq: Number(row['seq']),
    at: Number(row['at']),
    actor: String(row['actor']),
    reason: String(row['reason']),
    ...(row['bypassed'] === 1 ? { bypassed: true as const } : {}),
  };
}
