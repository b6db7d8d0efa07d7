import type { Database, Row } from './database.ts';
import { apply } from './apply/apply.ts';
import { eventsAfter, misfiledEvents, refileEvent, verifyLog, type LoggedEvent } from './log.ts';
import { derivedTables } from './schema/migrations.ts';
import { RegistryError, messageOf } from '../errors.ts';
import { createHash } from 'node:crypto';

export interface Rebuilt {
  events: number;
  /** Number of events whose `model` or `number` column was corrected. */
  refiled: number;
}

/**
 * Empties the derived tables and replays the log, in one transaction; corrects the `model` and `number` columns of events. Throws
 * `damaged` and changes nothing if the log itself is broken.
 */
export function rebuild(db: Database): Rebuilt {
  return db.raw.transaction(() => {
    const { broken } = verifyLog(db);
    if (broken) throw unfit(broken.reason);
    const misfiled = misfiledEvents(db);
    for (const event of misfiled) refileEvent(db, event);
    for (const table of derivedTables) db.raw.exec(`DELETE FROM ${table}`);
    return { events: replay(db, db), refiled: misfiled.length };
  })();
}

function unfit(why: string): RegistryError {
  const text = `The log is damaged (${why}), so nothing was rebuilt. Restore a backup with: plinth restore-backup`;
  return new RegistryError('damaged', text);
}

const batchSize = 1000;

/**
 * Applies every event of one database to the tables of another, or the same one, and returns the last event's number. Works in
 * batches, as better-sqlite3 allows no writes while a statement is iterated. Throws `damaged`, naming the event.
 */
export function replay(from: Database, into: Database): number {
  let last = 0;
  for (;;) {
    const batch = eventsAfter(from, last, batchSize);
    for (const event of batch) applyNamed(into, event);
    last = batch.at(-1)?.seq ?? last;
    if (batch.length < batchSize) return last;
  }
}

function applyNamed(db: Database, event: LoggedEvent): void {
  try {
    apply(db, event);
  } catch (error) {
    throw unfit(`event ${event.seq} cannot be applied: ${messageOf(error)}`);
  }
}

/** Returns the SHA-256 of the content of all derived tables in key order. Equal registries give equal digests. */
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
