import type { Database } from './database.ts';
import { modelColumns, modelFromRow, type ModelRow } from './models.ts';
import { search, type Condition, type Search, type Searchable } from './search.ts';
import {
  experimentColumns,
  experimentFromRow,
  runColumns,
  runFromRow,
  type ExperimentRow,
  type RunRow,
} from './tracking/runs.ts';
import { loggedModelColumns, loggedModelFromRow, type LoggedModelRow } from './tracking/logged-models.ts';
import { traceColumns, traceFromRow, type TraceRow } from './tracking/traces.ts';
import { versionColumns, versionFromRow, type VersionRow } from './versions.ts';

type Asked = Pick<Search, 'conditions' | 'order' | 'limit' | 'offset'>;

function pairs(table: string, owner = 'x.id'): { from: string; value: string } {
  return { from: `FROM ${table} p WHERE p.owner = ${owner} AND p.key = ?`, value: 'p.value' };
}

const experiments: Searchable = {
  select: experimentColumns,
  from: 'experiments x',
  attributes: {
    name: 'x.name',
    experiment_id: 'CAST(x.id AS TEXT)',
    creation_time: 'x.created_at',
    last_update_time: 'x.updated_at',
  },
  collections: { tag: pairs('experiment_tags') },
};

/** Searches experiments. `stages`: `active`, `deleted` or both. */
export function searchExperiments(db: Database, stages: readonly string[], asked: Asked): ExperimentRow[] {
  const base = { sql: `x.stage IN (${marks(stages)})`, values: stages };
  const tie = asked.order.length > 0 ? 'x.id ASC' : 'x.created_at DESC, x.id DESC';
  return search(db, experiments, { ...asked, base, tie }).map(experimentFromRow);
}

const runs: Searchable = {
  select: runColumns,
  from: 'tracked_runs x',
  attributes: {
    run_id: 'x.run_id',
    run_name: 'x.name',
    status: 'x.status',
    user_id: 'x.user',
    artifact_uri: 'x.artifact_uri',
    start_time: 'x.start_at',
    end_time: 'x.end_at',
    experiment_id: 'CAST(x.experiment AS TEXT)',
  },
  collections: {
    tag: pairs('run_tags'),
    param: pairs('run_params'),
    metric: {
      from: 'FROM latest_metrics p WHERE p.owner = x.id AND p.key = (SELECT id FROM metric_keys WHERE name = ?)',
      value: 'p.value',
      nan: 'p.nan',
    },
    dataset: {
      from: `FROM run_datasets i JOIN datasets d ON d.id = i.dataset
        JOIN (SELECT ? AS field) f WHERE i.run = x.id`,
      value: `CASE f.field WHEN 'name' THEN d.name WHEN 'digest' THEN d.digest ELSE i.context END`,
    },
  },
};

export function searchRuns(
  db: Database,
  where: { experiments: readonly number[]; stages: readonly string[] },
  asked: Asked,
): RunRow[] {
  const { experiments: ids, stages } = where;
  const base = {
    sql: `x.experiment IN (${few(ids)}) AND x.stage IN (${marks(stages)})`,
    values: [...fewValues(ids), ...stages],
  };
  return search(db, runs, { ...asked, base, tie: 'x.start_at DESC, x.run_id' }).map(runFromRow);
}

const loggedModels: Searchable = {
  select: loggedModelColumns,
  from: 'logged_models x',
  attributes: {
    name: 'x.name',
    model_id: 'x.model_id',
    model_type: 'x.type',
    status: 'x.status',
    source_run_id: 'x.source_run',
    experiment_id: 'CAST(x.experiment AS TEXT)',
    creation_timestamp: 'x.created_at',
    last_updated_timestamp: 'x.updated_at',
  },
  collections: {
    tag: pairs('logged_model_tags'),
    param: pairs('logged_model_params'),
    metric: { ...pairs('logged_model_metrics'), nan: 'p.nan' },
  },
};

/** Searches logged models. A data set restricts the metrics that conditions see. */
export function searchLoggedModels(
  db: Database,
  where: { experiments: readonly number[]; datasets: readonly { name: string; digest: string | null }[] },
  asked: Asked,
): LoggedModelRow[] {
  const { experiments: ids, datasets } = where;
  const named = datasets.map(
    ({ digest }) => `(p.dataset_name = ?${digest === null ? '' : ' AND p.dataset_digest = ?'})`,
  );
  const measured =
    named.length === 0
      ? ''
      : ` AND EXISTS (SELECT 1 FROM logged_model_metrics p WHERE p.owner = x.id AND (${named.join(' OR ')}))`;
  const base = {
    sql: `x.experiment IN (${few(ids)}) AND x.stage = 'active'${measured}`,
    values: [...fewValues(ids), ...datasets.flatMap(({ name, digest }) => (digest === null ? [name] : [name, digest]))],
  };
  const tie = 'x.created_at DESC, x.model_id';
  return search(db, loggedModels, { ...asked, base, tie }).map(loggedModelFromRow);
}

function valueOfKey(table: string, key: string): string {
  return `(SELECT p.value FROM ${table} p WHERE p.owner = x.id AND p.key = '${key}')`;
}

const traces: Searchable = {
  select: traceColumns,
  from: 'traces x',
  equals: { run_id: 'x.id IN (SELECT owner FROM trace_runs WHERE run = ?)' },
  attributes: {
    trace_id: 'x.trace_id',
    client_request_id: 'x.client_request_id',
    timestamp: 'x.at',
    execution_time: 'x.duration',
    end_time: 'x.at + x.duration',
    status: 'x.state',
    experiment_id: 'CAST(x.experiment AS TEXT)',
    name: valueOfKey('trace_tags', 'mlflow.traceName'),
    run_id: valueOfKey('trace_metadata', 'mlflow.sourceRun'),
  },
  collections: { tag: pairs('trace_tags'), param: pairs('trace_metadata') },
};

export function searchTraces(db: Database, experiments: readonly number[], asked: Asked): TraceRow[] {
  const base = { sql: `x.experiment IN (${few(experiments)})`, values: fewValues(experiments) };
  return search(db, traces, { ...asked, base, tie: 'x.at DESC, x.trace_id' }).map(traceFromRow);
}

const models: Searchable = {
  select: modelColumns,
  from: 'models x',
  attributes: { name: 'x.name', timestamp: 'x.changed_at' },
  collections: { tag: { from: 'FROM model_tags p WHERE p.model = x.id AND p.key = ?', value: 'p.value' } },
};

/** Returns SQL for "this is no prompt of MLflow", as a search for models must not return prompts. */
function noPrompt(table: string, owner: string): string {
  return `NOT EXISTS (SELECT 1 FROM ${table} q WHERE ${owner} AND q.key = 'mlflow.prompt.is_prompt' AND q.value = 'true')`;
}

export function searchModels(db: Database, prompts: boolean, asked: Asked): ModelRow[] {
  const hidden = prompts ? '' : ` AND ${noPrompt('model_tags', 'q.model = x.id')}`;
  const base = { sql: `x.deleted_name IS NULL${hidden}`, values: [] };
  return search(db, models, { ...asked, base, tie: 'x.name' }).map(modelFromRow);
}

/** Returns the FROM clause with an index for the versions' order, which SQLite would otherwise sort. */
function versionsBy(index: string): string {
  return `versions x ${index === '' ? '' : `INDEXED BY ${index}`} CROSS JOIN models m ON m.id = x.model`;
}

const versions: Searchable = {
  select: versionColumns
    .split(',')
    .map((column) => `x.${column.trim()}`)
    .join(', '),
  from: versionsBy(''),
  equals: { name: 'x.model = (SELECT id FROM models WHERE name = ?)' },
  attributes: {
    name: 'm.name',
    version_number: 'x.number',
    run_id: `coalesce(x.body ->> '$.source.mlflow.runId', '')`,
    source_path: `coalesce(x.body ->> '$.source.mlflow.source', x.body ->> '$.source.path')`,
    creation_timestamp: 'x.created_at',
    last_updated_timestamp: 'x.updated_at',
  },
  collections: {
    tag: {
      from: 'FROM version_tags p WHERE p.model = x.model AND p.number = x.number AND p.key = ?',
      value: 'p.value',
    },
  },
};

/** Number of versions up to which a search by tag starts from the tag. The newest ones of a more frequent tag are found sooner by date. */
const maxByTag = 2000;

/** Joins versions to the tag that a search starts from. */
const versionsByTag = `version_tags t INDEXED BY version_tags_by_key
  CROSS JOIN versions x ON x.model = t.model AND x.number = t.number CROSS JOIN models m ON m.id = x.model`;

/** Searches the versions of all models that are neither deleted nor moved. */
export function searchVersions(db: Database, prompts: boolean, asked: Asked): VersionRow[] {
  const owner = 'q.model = x.model AND q.number = x.number';
  const hidden = prompts ? '' : ` AND ${noPrompt('version_tags', owner)}`;
  const live = `x.state IN ('ready', 'damaged')${hidden}`;
  const tag = rarestTag(db, asked.conditions);
  const base = tag ? { sql: `t.key = ? AND t.value = ? AND ${live}`, values: tag } : { sql: live, values: [] };
  const what = { ...versions, from: tag ? versionsByTag : versionsBy(orderIndex(asked)) };
  const tie = `${asked.order.length > 0 ? '' : 'x.updated_at DESC, '}m.name, x.number DESC`;
  return search(db, what, { ...asked, base, tie }).map(versionFromRow);
}

/** Returns the index by which versions are read in the order of a search. */
function orderIndex({ conditions, order }: Asked): string {
  if (order.length > 0) return '';
  const ofOne = conditions.some(({ on, key, operator }) => on === 'attribute' && key === 'name' && operator === '=');
  return ofOne ? 'versions_by_model_update' : 'versions_by_update';
}

/** Returns key and value of the tag condition that the fewest versions meet; undefined if many meet it or there is no such condition. */
function rarestTag(db: Database, conditions: readonly Condition[]): [string, string] | undefined {
  const text = `SELECT count(*) AS n FROM (
    SELECT 1 FROM version_tags INDEXED BY version_tags_by_key WHERE key = ? AND value = ? LIMIT ?)`;
  let rarest: { tag: [string, string]; count: number } | undefined;
  for (const { on, key, operator, value } of conditions) {
    if (on !== 'tag' || operator !== '=' || typeof value !== 'string') continue;
    const count = Number(db.sql(text).get(key, value, maxByTag + 1)?.['n']);
    if (count <= (rarest?.count ?? maxByTag)) rarest = { tag: [key, value], count };
  }
  return rarest?.tag;
}

/** Parameters of a statement at most; longer lists are passed as one. */
const maxMarks = 100;

function few(ids: readonly number[]): string {
  return ids.length > maxMarks ? 'SELECT value FROM json_each(?)' : marks(ids);
}

function fewValues(ids: readonly number[]): readonly (number | string)[] {
  return ids.length > maxMarks ? [JSON.stringify(ids)] : ids;
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
