/** Tables of deployments and people's names, derived from the log. */
export const deploymentsSchema = `
  CREATE TABLE deployments (
    moved INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    run TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    exit INTEGER,
    problem TEXT,
    said TEXT,
    output TEXT
  ) STRICT;
  CREATE INDEX deployments_by_version ON deployments (model, number, moved);

  CREATE TABLE people (
    seq INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL
  ) STRICT;
  CREATE INDEX people_by_person ON people (person, seq);
`;

/** Tables of policy bindings, approvals, tokens (their hashes) and trusted files, derived from the log. */
export const rulesSchema = `
  CREATE TABLE policies (
    model TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE approvals (
    seq INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    decision TEXT NOT NULL,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    until INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL
  ) STRICT;
  CREATE INDEX approvals_by_version ON approvals (model, number, seq);

  CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    role TEXT NOT NULL,
    models TEXT NOT NULL,
    pointers TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    until INTEGER,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE trusted_files (
    path TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
