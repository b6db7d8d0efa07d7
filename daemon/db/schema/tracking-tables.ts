/**
 * Tables for MLflow's clients: times of the last changes of models and versions, derived from events; and experiments, runs,
 * metrics, logged models and uploads, which no event writes. `owner`: the row that a tag or param belongs to.
 */
export const trackingSchema = `
ALTER TABLE models ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE models ADD COLUMN deleted_name TEXT;
ALTER TABLE versions ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE versions SET updated_at = told.at FROM (
  SELECT model, number, at, max(seq) FROM (
    SELECT model, number, at, seq FROM events
      WHERE type IN ('version.registered/1', 'version.described/1', 'version.staged/1')
    UNION ALL SELECT e.model, s.value ->> 0, e.at, e.seq FROM events e, json_each(e.body, '$.after.stages') s
      WHERE e.type = 'pointer.moved/1'
  ) GROUP BY model, number
) AS told WHERE told.model = versions.model AND told.number = versions.number;
UPDATE models SET changed_at = told.at FROM (
  SELECT model, at, max(seq) FROM events
    WHERE type IN ('model.created/1', 'model.renamed/1', 'model.described/1', 'version.registered/1',
      'version.staged/1', 'version.moved/1', 'version.deleted/1')
      OR (type = 'pointer.moved/1' AND body ->> '$.kind' = 'stage')
    GROUP BY model
) AS told WHERE told.model = models.id;
CREATE INDEX versions_by_update ON versions (updated_at DESC, model, number);
CREATE INDEX versions_by_model_update ON versions (model, updated_at DESC, number);
CREATE INDEX versions_by_stage ON versions (model, stage, number);
CREATE INDEX models_by_change ON models (changed_at, name);
CREATE INDEX version_tags_by_key ON version_tags (key, value);

CREATE TABLE experiments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  artifact_location TEXT NOT NULL,
  stage TEXT NOT NULL DEFAULT 'active',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO experiments (id, name, artifact_location, created_at, updated_at)
  VALUES (0, 'Default', 'mlflow-artifacts:/0', unixepoch() * 1000, unixepoch() * 1000);

CREATE TABLE experiment_tags (
  owner INTEGER NOT NULL REFERENCES experiments (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE tracked_runs (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  experiment INTEGER NOT NULL REFERENCES experiments (id),
  name TEXT NOT NULL,
  user TEXT NOT NULL,
  status TEXT NOT NULL,
  artifact_uri TEXT NOT NULL,
  start_at INTEGER NOT NULL,
  end_at INTEGER,
  stage TEXT NOT NULL DEFAULT 'active',
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tracked_runs_by_start ON tracked_runs (experiment, start_at DESC, run_id);
CREATE INDEX tracked_runs_by_status ON tracked_runs (status, updated_at);

CREATE TABLE run_params (
  owner INTEGER NOT NULL REFERENCES tracked_runs (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_tags (
  owner INTEGER NOT NULL REFERENCES tracked_runs (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric_keys (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE metric_points (
  run INTEGER NOT NULL REFERENCES tracked_runs (id),
  key INTEGER NOT NULL REFERENCES metric_keys (id),
  at INTEGER NOT NULL,
  step INTEGER NOT NULL,
  value REAL NOT NULL,
  nan INTEGER NOT NULL,
  PRIMARY KEY (run, key, at, step, value, nan)
) STRICT, WITHOUT ROWID;

CREATE TABLE latest_metrics (
  owner INTEGER NOT NULL REFERENCES tracked_runs (id),
  key INTEGER NOT NULL REFERENCES metric_keys (id),
  step INTEGER NOT NULL,
  at INTEGER NOT NULL,
  value REAL NOT NULL,
  nan INTEGER NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE datasets (
  id INTEGER PRIMARY KEY,
  experiment INTEGER NOT NULL REFERENCES experiments (id),
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source TEXT NOT NULL,
  schema TEXT,
  profile TEXT,
  UNIQUE (experiment, name, digest)
) STRICT;

CREATE TABLE run_datasets (
  run INTEGER NOT NULL REFERENCES tracked_runs (id),
  dataset INTEGER NOT NULL REFERENCES datasets (id),
  context TEXT,
  tags TEXT NOT NULL,
  PRIMARY KEY (run, dataset)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_models (
  run INTEGER NOT NULL REFERENCES tracked_runs (id),
  direction TEXT NOT NULL,
  model TEXT NOT NULL,
  step INTEGER NOT NULL,
  PRIMARY KEY (run, direction, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE logged_models (
  id INTEGER PRIMARY KEY,
  model_id TEXT NOT NULL UNIQUE,
  experiment INTEGER NOT NULL REFERENCES experiments (id),
  name TEXT NOT NULL,
  type TEXT,
  source_run TEXT,
  status TEXT NOT NULL,
  artifact_uri TEXT NOT NULL,
  stage TEXT NOT NULL DEFAULT 'active',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX logged_models_by_time ON logged_models (experiment, created_at DESC, model_id);

CREATE TABLE logged_model_params (
  owner INTEGER NOT NULL REFERENCES logged_models (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE logged_model_tags (
  owner INTEGER NOT NULL REFERENCES logged_models (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE logged_model_metrics (
  owner INTEGER NOT NULL REFERENCES logged_models (id),
  key TEXT NOT NULL,
  run TEXT NOT NULL,
  dataset_name TEXT NOT NULL,
  dataset_digest TEXT NOT NULL,
  step INTEGER NOT NULL,
  at INTEGER NOT NULL,
  value REAL NOT NULL,
  nan INTEGER NOT NULL,
  PRIMARY KEY (owner, key, run, dataset_name, dataset_digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
  path TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  size INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
