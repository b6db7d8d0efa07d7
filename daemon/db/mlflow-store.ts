import Sqlite from 'better-sqlite3';
import { RegistryError, messageOf } from '../errors.ts';
import type { Run } from '../protocol/model.ts';
import { runStatusOf } from '../shared/runs/run-status.ts';

/** A registry of MLflow. Times in epoch ms. */
export interface ForeignStore {
  models: ForeignModel[];
  runs: Map<string, ForeignRun>;
}

export interface ForeignModel {
  name: string;
  description: string;
  createdAt: number;
  tags: Record<string, string>;
  /** Ordered by number. */
  versions: ForeignVersion[];
  aliases: { alias: string; version: number }[];
}

export interface ForeignVersion {
  number: number;
  createdAt: number;
  description: string;
  tags: Record<string, string>;
  /** `None`, `Staging`, `Production` or `Archived`. */
  stage: string;
  /** Locations of its files by MLflow, most exact first: paths or `file:` URLs of the machine that wrote them. */
  locations: string[];
  runId: string | null;
}

export interface ForeignRun {
  id: string;
  name: string;
  status: Run['status'];
  startedAt: number;
  endedAt: number | null;
  params: Record<string, string>;
  tags: Record<string, string>;
  /** `[step, time, value]` by metric, ordered by step and time. */
  series: Record<string, [number, number, number][]>;
}

const maxPoints = 1_000_000;

type Rows = Record<string, string | number | null>[];

/**
 * Reads `mlflow.db` of any MLflow from 2.0 on. Throws `invalid-request` for another file. Source:
 * mlflow/store/tracking/dbmodels/models.py and mlflow/store/model_registry/dbmodels/models.py
 */
export function readMlflowDatabase(file: string): ForeignStore {
  let raw: Sqlite.Database | undefined;
  try {
    raw = new Sqlite(file, { readonly: true, fileMustExist: true });
    return storeIn(raw);
  } catch (error) {
    throw new RegistryError('invalid-request', `${file} is not a database of MLflow (${messageOf(error)}).`);
  } finally {
    raw?.close();
  }
}

const maxSources = 2000;

/** Reads the registered models of an `mlflow.db` with the locations of their files, the newest version last; empty for another file. */
export function registeredSources(file: string): { name: string; places: string[] }[] {
  let raw: Sqlite.Database | undefined;
  try {
    raw = new Sqlite(file, { readonly: true, fileMustExist: true });
    const newest = raw.prepare<[number], Rows[number]>(
      'SELECT * FROM model_versions ORDER BY creation_time DESC, version DESC LIMIT ?',
    );
    const rows = newest.all(maxSources).toReversed();
    return rows.map((row) => ({
      name: text(row['name']),
      places: [text(row['storage_location']), text(row['source'])],
    }));
  } catch {
    return [];
  } finally {
    raw?.close();
  }
}

function storeIn(raw: Sqlite.Database): ForeignStore {
  const tables = new Set(
    raw
      .prepare<[], { name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`)
      .all()
      .map(({ name }) => name),
  );
  const rows = (table: string, order = 'rowid'): Rows =>
    tables.has(table) ? raw.prepare<[], Rows[number]>(`SELECT * FROM "${table}" ORDER BY ${order}`).all() : [];
  if (!tables.has('model_versions') || !tables.has('runs')) throw new Error('it has no tables model_versions and runs');
  const locations = new Map(
    rows('logged_models').map((row) => [text(row['model_id']), text(row['artifact_location'])]),
  );
  const versionTags = rows('model_version_tags');
  const modelTags = rows('registered_model_tags');
  const aliases = rows('registered_model_aliases');
  const versions = rows('model_versions', 'name, version');
  const models = rows('registered_models').map((row): ForeignModel => {
    const name = text(row['name']);
    return {
      name,
      description: text(row['description']),
      createdAt: Number(row['creation_time'] ?? 0),
      tags: pairs(modelTags.filter((tag) => tag['name'] === name)),
      versions: versions
        .filter((version) => version['name'] === name)
        .map((version) =>
          versionOf(
            version,
            pairs(versionTags.filter((tag) => tag['name'] === name && tag['version'] === version['version'])),
            locations,
          ),
        ),
      aliases: aliases
        .filter((alias) => alias['name'] === name)
        .map((alias) => ({ alias: text(alias['alias']), version: Number(alias['version']) })),
    };
  });
  return { models, runs: runsIn(rows) };
}

function versionOf(
  row: Rows[number],
  tags: Record<string, string>,
  locations: ReadonlyMap<string, string>,
): ForeignVersion {
  const source = text(row['source']);
  const logged = /^models:\/(m-[0-9a-f]+)$/.exec(source)?.[1];
  return {
    number: Number(row['version']),
    createdAt: Number(row['creation_time'] ?? 0),
    description: text(row['description']),
    tags,
    stage: text(row['current_stage']) || 'None',
    locations: [text(row['storage_location']), locations.get(logged ?? '') ?? '', source].filter((one) => one !== ''),
    runId: row['run_id'] === null ? null : text(row['run_id']),
  };
}

function runsIn(rows: (table: string, order?: string) => Rows): Map<string, ForeignRun> {
  const of = (table: string): Map<string, Rows> => Map.groupBy(rows(table), (row) => text(row['run_uuid']));
  const [params, tags] = [of('params'), of('tags')];
  const points = Map.groupBy(rows('metrics', 'step, timestamp').slice(0, maxPoints), (row) => text(row['run_uuid']));
  const active = rows('runs').filter((row) => row['lifecycle_stage'] !== 'deleted');
  return new Map(
    active.map((row): [string, ForeignRun] => {
      const id = text(row['run_uuid']);
      const end = row['end_time'];
      return [
        id,
        {
          id,
          name: text(row['name']) || id.slice(0, 8),
          status: runStatusOf(text(row['status'])) ?? 'running',
          startedAt: Number(row['start_time'] ?? 0),
          endedAt: typeof end === 'number' ? end : null,
          params: pairs(params.get(id) ?? []),
          tags: pairs(tags.get(id) ?? []),
          series: seriesOf(points.get(id) ?? []),
        },
      ];
    }),
  );
}

function seriesOf(rows: Rows): ForeignRun['series'] {
  const series = Object.create(null) as ForeignRun['series'];
  for (const row of rows) {
    const value = row['is_nan'] === 1 ? Number.NaN : Number(row['value']);
    (series[text(row['key'])] ??= []).push([Number(row['step'] ?? 0), Number(row['timestamp'] ?? 0), value]);
  }
  return series;
}

function pairs(rows: Rows): Record<string, string> {
  const found = Object.create(null) as Record<string, string>;
  for (const row of rows) found[text(row['key'])] = text(row['value']);
  return found;
}

function text(value: string | number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
