import type { Database, Row } from './database.ts';
import { apply } from './apply.ts';
import { eventsAfter } from './log.ts';
import { derivedTables } from './schema.ts';
import { createHash } from 'node:crypto';

/** Empties the tables that `apply` owns and replays the log, in one transaction. Returns how many events were replayed. */
export function rebuild(db: Database): number {
  return db.raw.transaction(() => {
    for (const table of derivedTables) db.raw.exec(`DELETE FROM ${table}`);
    return replay(db);
  })();
}

const batchSize = 1000;

/** In batches: better-sqlite3 allows no writes while a statement is being iterated. */
function replay(db: Database): number {
  let last = 0;
  for (;;) {
    const batch = eventsAfter(db, last, batchSize);
    for (const event of batch) apply(db, event);
    last = batch.at(-1)?.seq ?? last;
    if (batch.length < batchSize) return last;
  }
}

/** SHA-256 over the content of all derived tables in key order: equal for equal registries. */
export function derivedDigest(db: Database): string {
  const hash = createHash('sha256');
  for (const table of derivedTables) {
    hash.update(table);
    const rows = db.raw.prepare<[], Row>(`SELECT * FROM ${table}`).all();
    const lines = rows.map((row) => JSON.stringify(row));
    for (const line of lines.sort()) hash.update(line);
  }
  return hash.digest('hex');
}
