/** Tables of MLflow clients' traces. No event writes them, and `rebuild` leaves them unchanged. A trace's spans are a file among its artifacts. */
export const tracesSchema = `
CREATE TABLE traces (
  id INTEGER PRIMARY KEY,
  trace_id TEXT NOT NULL UNIQUE,
  experiment INTEGER NOT NULL REFERENCES experiments (id),
  client_request_id TEXT,
  at INTEGER NOT NULL,
  duration INTEGER,
  state TEXT NOT NULL,
  request_preview TEXT,
  response_preview TEXT
) STRICT;
CREATE INDEX traces_by_time ON traces (experiment, at DESC, trace_id);

CREATE TABLE trace_tags (
  owner INTEGER NOT NULL REFERENCES traces (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE trace_metadata (
  owner INTEGER NOT NULL REFERENCES traces (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE trace_assessments (
  owner INTEGER NOT NULL REFERENCES traces (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE trace_runs (
  owner INTEGER NOT NULL REFERENCES traces (id),
  run TEXT NOT NULL,
  PRIMARY KEY (owner, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX trace_runs_by_run ON trace_runs (run, owner);
`;
