/**
 * Tables of the origin of evidence. `log_writes`, `evidence_uses` and `model_saves` record observations on disk, which no event
 * writes: the writers of run logs, the versions that have a log's state as evidence, and the times of saves.
 */
export const evidenceSchema = `
  ALTER TABLE evidence ADD COLUMN origin TEXT;
  ALTER TABLE evidence ADD COLUMN detached INTEGER;

  CREATE TABLE log_writes (
    path TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    writer TEXT NOT NULL,
    PRIMARY KEY (path, written_at)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE evidence_uses (
    path TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (path, written_at, size, model, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE model_saves (
    path TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    root TEXT NOT NULL,
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    run TEXT,
    writer TEXT NOT NULL,
    PRIMARY KEY (path, written_at)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX model_saves_by_root ON model_saves (root, written_at);
`;
