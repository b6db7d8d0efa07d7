import type { Database } from '../database.ts';
import { artifactStates } from '../../protocol/model.ts';
import type { VerifyFault } from '../../protocol/verify.ts';

/** A condition that no row of a table may meet. */
interface Rule {
  table: string;
  /** SQL expression that identifies the row. */
  key: string;
  bad: string;
  detail: string;
}

const maxNamed = 20;
const states = artifactStates.map((state) => `'${state}'`).join(', ');
const stages = `('active', 'deleted')`;
const runStates = `('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED')`;
const hex64 = `'sha256:${'[0-9a-f]'.repeat(64)}'`;

/** SQL: a stored reply that is a receipt, but whose event and hash are not in the log. */
const falseReceipt = `json_valid(reply) AND json_type(reply, '$.hash') = 'text' AND json_type(reply, '$.seq') = 'integer'
  AND NOT EXISTS (SELECT 1 FROM events WHERE seq = reply ->> '$.seq' AND lower(hex(hash)) = reply ->> '$.hash')`;

/**
 * Rules for tables that no event writes, so that their earlier content is unknown: JSON texts parse, enumerated words are known,
 * counts and times are possible, and repeated values agree with other tables.
 */
const rules: readonly Rule[] = [
  {
    table: 'idempotency',
    key: 'key',
    bad: 'NOT json_valid(reply) OR length(request) <> 32 OR at < 0',
    detail: 'the stored answer for a repeated request cannot be read',
  },
  {
    table: 'idempotency',
    key: 'key',
    bad: falseReceipt,
    detail: 'the stored answer for a repeated request names an event that is not in the log',
  },
  {
    table: 'artifacts',
    key: 'path',
    bad: `state NOT IN (${states}) OR size < 0 OR NOT json_valid(metrics) OR version < 1 OR written_at < 0 OR seen_at < 0`,
    detail: 'the record of a file on disk cannot be read',
  },
  {
    table: 'runs',
    key: 'folder',
    bad: `status NOT IN ('running', 'finished', 'failed', 'killed') OR NOT json_valid(params) OR NOT json_valid(metrics)
      OR NOT json_valid(coalesce(execution, '{}')) OR started_at < 0 OR updated_at < 0`,
    detail: 'the record of a run cannot be read',
  },
  {
    table: 'log_writes',
    key: 'path',
    bad: 'written_at < 0 OR size < 0 OR NOT json_valid(writer)',
    detail: 'who wrote a run log cannot be read',
  },
  {
    table: 'evidence_uses',
    key: 'path',
    bad: `written_at < 0 OR size < 0 OR number < 1 OR digest NOT GLOB ${hex64}`,
    detail: 'the version that it is evidence for cannot be read',
  },
  {
    table: 'model_saves',
    key: 'path',
    bad: 'written_at < 0 OR number < 1 OR NOT json_valid(writer)',
    detail: 'the record of a save cannot be read',
  },
  { table: 'experiments', key: 'id', bad: `stage NOT IN ${stages}`, detail: 'its stage is none' },
  {
    table: 'tracked_runs',
    key: 'run_id',
    bad: `stage NOT IN ${stages} OR status NOT IN ${runStates} OR run_id = ''`,
    detail: 'its stage or status is none',
  },
  { table: 'logged_models', key: 'model_id', bad: `stage NOT IN ${stages}`, detail: 'its stage is none' },
  { table: 'run_datasets', key: 'run', bad: 'NOT json_valid(tags)', detail: 'its tags cannot be read' },
  { table: 'metric_points', key: 'run', bad: 'nan NOT IN (0, 1)', detail: 'a point is neither a number nor none' },
  {
    table: 'latest_metrics',
    key: 'owner',
    bad: `NOT EXISTS (SELECT 1 FROM metric_points p WHERE p.run = owner AND p.key = latest_metrics.key AND p.at = latest_metrics.at
      AND p.step = latest_metrics.step AND p.value = latest_metrics.value AND p.nan = latest_metrics.nan)`,
    detail: 'the latest value of a metric is none of its points',
  },
  {
    table: 'uploads',
    key: 'path',
    bad: `digest NOT GLOB ${hex64} OR size < 0 OR at < 0 OR path = ''`,
    detail: 'it names no bytes',
  },
];

const forgetFix = 'Put back a backup with: plinth restore-backup; no model, version or pointer depends on it';

export function noteFaults(db: Database): VerifyFault[] {
  return [...logIdFaults(db), ...rules.flatMap((rule) => faultsOf(db, rule))];
}

function faultsOf(db: Database, { table, key, bad, detail }: Rule): VerifyFault[] {
  const rows = db.sql(`SELECT ${key} AS name FROM ${table} NOT INDEXED WHERE ${bad} LIMIT ${maxNamed}`).all();
  return rows.map(({ name }) => ({ subject: `table ${table}, row ${String(name)}`, detail, fix: forgetFix }));
}

function logIdFaults({ logId }: Database): VerifyFault[] {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(logId)) return [];
  return [{ subject: 'table meta, row logId', detail: `${logId} is not the id of a log`, fix: forgetFix }];
}
