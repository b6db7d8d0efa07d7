import Sqlite from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NamedBlob } from './named-blobs.ts';

/**
 * When each blob was re-hashed last, kept in a file of its own, so that an interrupted verification goes on where it was.
 * Nothing but that depends on the file: one that cannot be read or written is made anew, or does without.
 */
export interface VerifiedBlobs {
  /** Begins with every named blob not re-hashed in this pass yet, those re-hashed longest ago first. */
  plan(blobs: Iterable<NamedBlob>): BlobPlan;
  /** The next blob of the plan; undefined at its end. */
  next(): QueuedBlob | undefined;
  /** Notes that these were re-hashed and are as they should be, in one transaction. */
  note(digests: readonly string[]): void;
  /** Rows that name a blob. */
  ownersOf(digest: string): NamedBlob[];
  /** The pass is over: the next one begins from the start. */
  finish(): void;
  close(): void;
}

export interface BlobPlan {
  /** Distinct blobs, and how many of them were re-hashed earlier in this pass. */
  total: number;
  earlier: number;
  /** Epoch ms. */
  since: number;
  versions: number;
  /** Files of the versions and their bytes, shared ones as often as they are named. */
  files: number;
  bytes: number;
}

export interface QueuedBlob {
  id: number;
  digest: string;
  /** Bytes as an upload's row says; null where no row says. */
  size: number | null;
}

const fileName = 'verified.db';
/** A pass that was interrupted longer ago begins anew: what it found is too old to be called the present state. */
const maxPassMs = 24 * 3600 * 1000;

/** `whole` goes on with an interrupted pass over everything; otherwise all that is planned is re-hashed. */
export function openVerified(dataFolder: string, whole: boolean, now: number): VerifiedBlobs {
  const db = openFile(join(dataFolder, fileName));
  const since = whole ? beginPass(db, now) : now;
  let last = 0;
  return {
    plan: (blobs) => plan(db, blobs, { whole, since, now }),
    next: () => {
      const text = 'SELECT id, digest, size FROM queue WHERE id > ? ORDER BY id LIMIT 1';
      const queued = db.prepare<[number], QueuedBlob>(text).get(last);
      last = queued?.id ?? last;
      return queued;
    },
    note: (digests) => noteVerified(db, digests, now),
    ownersOf: (digest) => {
      const text = 'SELECT digest, kind, model, number, name, size FROM named WHERE digest = ?';
      return db.prepare<[string], NamedBlob>(text).all(digest);
    },
    finish: () => {
      if (!whole) return;
      db.exec('DELETE FROM verified; DELETE FROM pass');
    },
    close: () => db.close(),
  };
}

function openFile(file: string): Sqlite.Database {
  try {
    return prepared(new Sqlite(file));
  } catch {
    return openAnew(file);
  }
}

function openAnew(file: string): Sqlite.Database {
  try {
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    return prepared(new Sqlite(file));
  } catch {
    return prepared(new Sqlite(''));
  }
}

function prepared(db: Sqlite.Database): Sqlite.Database {
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('busy_timeout = 5000');
    db.exec(`
      CREATE TABLE IF NOT EXISTS verified (digest TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS pass (began INTEGER NOT NULL) STRICT;
      CREATE TEMP TABLE named (digest TEXT, kind TEXT, model TEXT, number INTEGER, name TEXT, size INTEGER);
      CREATE TEMP TABLE queue (id INTEGER PRIMARY KEY, digest TEXT, size INTEGER);
    `);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** When the pass began that is gone on with; a new one where there is none, or none that is young enough. */
function beginPass(db: Sqlite.Database, now: number): number {
  const row = db.prepare<[], { began: number }>('SELECT began FROM pass').get();
  if (row && row.began <= now && now - row.began < maxPassMs) return row.began;
  db.transaction(() => {
    db.exec('DELETE FROM pass');
    db.prepare('INSERT INTO pass VALUES (?)').run(now);
  })();
  return now;
}

interface Pass {
  whole: boolean;
  since: number;
  now: number;
}

/** A time in the future, of a clock that was ahead once, counts for nothing. */
function plan(db: Sqlite.Database, blobs: Iterable<NamedBlob>, { whole, since, now }: Pass): BlobPlan {
  const insert = db.prepare('INSERT INTO named VALUES (?, ?, ?, ?, ?, ?)');
  db.transaction(() => {
    for (const { digest, kind, model, number, name, size } of blobs)
      insert.run(digest, kind, model, number, name, size);
    db.exec('CREATE INDEX IF NOT EXISTS temp.named_by_digest ON named (digest)');
    db.prepare(
      `INSERT INTO queue (digest, size) SELECT n.digest, n.size FROM
         (SELECT digest, max(CASE WHEN kind = 'upload' THEN size END) AS size FROM named GROUP BY digest) n
         LEFT JOIN verified v ON v.digest = n.digest
       WHERE ? = 0 OR v.at IS NULL OR v.at < ? OR v.at > ? ORDER BY coalesce(v.at, -1), n.digest`,
    ).run(whole ? 1 : 0, since, now);
  })();
  const count = (text: string): number => Number(db.prepare(text).pluck().get());
  const total = count('SELECT count(DISTINCT digest) FROM named');
  return {
    total,
    earlier: total - count('SELECT count(*) FROM queue'),
    since,
    versions: count(`SELECT count(*) FROM named WHERE kind = 'manifest'`),
    files: count(`SELECT count(*) FROM named WHERE kind = 'file'`),
    bytes: count(`SELECT coalesce(sum(size), 0) FROM named WHERE kind = 'file'`),
  };
}

function noteVerified(db: Sqlite.Database, digests: readonly string[], now: number): void {
  const note = db.prepare('INSERT OR REPLACE INTO verified VALUES (?, ?)');
  db.transaction(() => {
    for (const digest of digests) note.run(digest, now);
  })();
}
