import { evidenceSchema } from './evidence-tables.ts';
import { savesSchema } from './run-tables.ts';
import { tracesSchema } from './trace-tables.ts';
import { deploymentsSchema, rulesSchema } from './policy-tables.ts';
import { trackingSchema } from './tracking-tables.ts';

/**
 * Migrations, append-only: entry n brings a database from user_version n to n + 1.
 *
 * Three kinds of table: the log (`events`, never rewritten but for redacted bodies); what `apply` derives from it
 * (emptied and replayed by rebuild); and notes of work in progress, which no event writes and no rule depends on.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    clock INTEGER NOT NULL,
    actor TEXT NOT NULL,
    type TEXT NOT NULL,
    body TEXT,
    body_hash BLOB NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL,
    model TEXT,
    number INTEGER
  ) STRICT;
  CREATE INDEX events_by_model ON events (model, seq) WHERE model IS NOT NULL;

  CREATE TABLE models (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_seq INTEGER NOT NULL,
    last_number INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE former_names (
    name TEXT PRIMARY KEY,
    model TEXT NOT NULL REFERENCES models (id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE model_tags (
    model TEXT NOT NULL REFERENCES models (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE versions (
    model TEXT NOT NULL REFERENCES models (id),
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    stage TEXT NOT NULL,
    digest TEXT NOT NULL,
    body TEXT NOT NULL,
    metrics TEXT NOT NULL DEFAULT '{}',
    params TEXT NOT NULL DEFAULT '{}',
    description TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    seq INTEGER NOT NULL,
    moved_to_model TEXT,
    moved_to_number INTEGER,
    deleted_until INTEGER,
    PRIMARY KEY (model, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX versions_by_digest ON versions (digest);

  CREATE TABLE version_tags (
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, number, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE evidence (
    seq INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    metrics TEXT NOT NULL,
    params TEXT NOT NULL
  ) STRICT;
  CREATE INDEX evidence_by_version ON evidence (model, number, seq);

  CREATE TABLE comments (
    seq INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX comments_by_version ON comments (model, number, seq);

  CREATE TABLE pointers (
    model TEXT NOT NULL REFERENCES models (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    holder INTEGER,
    previous TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (model, kind, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE roots (path TEXT PRIMARY KEY, added_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE ignored_patterns (pattern TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    request BLOB NOT NULL,
    reply TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE artifacts (
    path TEXT PRIMARY KEY,
    root TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    recogniser TEXT,
    framework TEXT,
    format TEXT,
    size INTEGER NOT NULL,
    stamp TEXT NOT NULL,
    run TEXT,
    model TEXT,
    version INTEGER,
    metrics TEXT NOT NULL DEFAULT '{}',
    written_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX artifacts_by_state ON artifacts (state, path);
  CREATE INDEX artifacts_by_run ON artifacts (run, path) WHERE run IS NOT NULL;

  CREATE TABLE runs (
    folder TEXT PRIMARY KEY,
    root TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER,
    params TEXT NOT NULL,
    metrics TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX runs_by_status ON runs (status, updated_at);
  `,
  `
  ALTER TABLE roots ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX versions_by_state ON versions (model, state, number);

  CREATE TABLE lineage (
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    digest TEXT NOT NULL,
    blobs TEXT NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (model, number)
  ) STRICT, WITHOUT ROWID;
  `,
  `${trackingSchema}
  CREATE TABLE cards (
    model TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  rulesSchema,
  deploymentsSchema,
  tracesSchema,
  'ALTER TABLE models ADD COLUMN primary_metric TEXT;',
  `
  ALTER TABLE runs RENAME COLUMN folder TO id;
  ALTER TABLE runs ADD COLUMN folder TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN execution TEXT;
  UPDATE runs SET folder = id;
  CREATE INDEX runs_by_folder ON runs (folder, started_at);
  ALTER TABLE artifacts ADD COLUMN writer TEXT;
  ${savesSchema}
  INSERT INTO saves (run, path, root, stamp, size, written_at, model, metrics, best)
    SELECT run, path, root, stamp, size, written_at, model, metrics, '{"monitor":null,"path":null}' FROM artifacts
    WHERE state = 'candidate' AND run IN (SELECT id FROM runs WHERE status = 'running');
  `,
  evidenceSchema,
  `
  ALTER TABLE models ADD COLUMN named TEXT;
  UPDATE models SET named = '{"by":"user","from":""}' WHERE id IN (SELECT model FROM events WHERE type = 'model.renamed/1');
  ALTER TABLE models ADD COLUMN merged_into TEXT;
  `,
  `
  CREATE INDEX models_by_deleted_name ON models (deleted_name) WHERE deleted_name IS NOT NULL;
  CREATE INDEX models_by_target ON models (merged_into) WHERE merged_into IS NOT NULL;
  CREATE INDEX versions_damaged ON versions (model, number) WHERE state = 'damaged';
  `,
  `
  CREATE INDEX artifacts_by_model ON artifacts (model, path) WHERE version IS NOT NULL;
  CREATE INDEX runs_by_execution ON runs (execution ->> '$.id');
  `,
  `
  ALTER TABLE models ADD COLUMN pinned_metrics TEXT NOT NULL DEFAULT '[]';
  UPDATE models SET pinned_metrics = json_array(primary_metric) WHERE primary_metric IS NOT NULL;
  ALTER TABLE models DROP COLUMN primary_metric;
  `,
];

/** Tables that only `apply` writes, children before parents. A rebuild empties and refills exactly these. */
export const derivedTables = [
  'version_tags',
  'model_tags',
  'former_names',
  'evidence',
  'lineage',
  'cards',
  'comments',
  'pointers',
  'versions',
  'models',
  'roots',
  'ignored_patterns',
  'policies',
  'approvals',
  'tokens',
  'trusted_files',
  'deployments',
  'people',
] as const;
