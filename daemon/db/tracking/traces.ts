import type { Database, Row } from '../database.ts';

/** A client's record of one request to a model or an agent. */
export interface TraceRow {
  id: number;
  traceId: string;
  experiment: number;
  clientRequestId: string | null;
  at: number;
  /** In milliseconds; null while it is running. */
  duration: number | null;
  state: string;
  requestPreview: string | null;
  responsePreview: string | null;
}

export const traceColumns =
  'id, trace_id, experiment, client_request_id, at, duration, state, request_preview, response_preview';

export function traceFromRow(row: Row): TraceRow {
  const text = (name: string): string | null => (row[name] === null ? null : String(row[name]));
  return {
    id: Number(row['id']),
    traceId: String(row['trace_id']),
    experiment: Number(row['experiment']),
    clientRequestId: text('client_request_id'),
    at: Number(row['at']),
    duration: row['duration'] === null ? null : Number(row['duration']),
    state: String(row['state']),
    requestPreview: text('request_preview'),
    responsePreview: text('response_preview'),
  };
}

export function traceById(db: Database, traceId: string): TraceRow | undefined {
  const row = db.sql(`SELECT ${traceColumns} FROM traces WHERE trace_id = ?`).get(traceId);
  return row && traceFromRow(row);
}

/** Inserts or updates a trace, and returns its row. */
export function putTrace(db: Database, trace: Omit<TraceRow, 'id'>): TraceRow {
  const { traceId, experiment, clientRequestId, at, duration, state, requestPreview, responsePreview } = trace;
  db.sql(
    `INSERT INTO traces (trace_id, experiment, client_request_id, at, duration, state, request_preview, response_preview)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (trace_id) DO UPDATE SET client_request_id = excluded.client_request_id, at = excluded.at,
       duration = excluded.duration, state = excluded.state, request_preview = excluded.request_preview,
       response_preview = excluded.response_preview`,
  ).run(traceId, experiment, clientRequestId, at, duration, state, requestPreview, responsePreview);
  return traceById(db, traceId)!;
}

export function linkTrace(db: Database, trace: number, run: string): void {
  db.sql('INSERT OR IGNORE INTO trace_runs (owner, run) VALUES (?, ?)').run(trace, run);
}

/** Returns the ids of an experiment's traces up to a time, oldest first, at most `limit`. */
export function tracesUntil(db: Database, experiment: number, at: number, limit: number): string[] {
  const text = 'SELECT trace_id FROM traces WHERE experiment = ? AND at <= ? ORDER BY at, trace_id LIMIT ?';
  return db
    .sql(text)
    .all(experiment, at, limit)
    .map((row) => String(row['trace_id']));
}

export function dropTrace(db: Database, { id }: TraceRow): void {
  for (const table of ['trace_tags', 'trace_metadata', 'trace_assessments', 'trace_runs'])
    db.sql(`DELETE FROM ${table} WHERE owner = ?`).run(id);
  db.sql('DELETE FROM traces WHERE id = ?').run(id);
}
