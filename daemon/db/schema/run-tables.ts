/** Table of finished saves of runs with their kept bytes. No event writes it, and `rebuild` leaves it unchanged. */
export const savesSchema = `
CREATE TABLE saves (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  path TEXT NOT NULL,
  root TEXT NOT NULL,
  stamp TEXT NOT NULL,
  size INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  model TEXT,
  metrics TEXT NOT NULL,
  best TEXT NOT NULL,
  kept TEXT,
  lost TEXT,
  decided_at INTEGER,
  version INTEGER,
  UNIQUE (run, path, stamp)
) STRICT;
CREATE INDEX saves_kept ON saves (decided_at) WHERE kept IS NOT NULL;
`;
