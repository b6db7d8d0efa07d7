import Sqlite from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NamedBlob } from './named-blobs.ts';

/**
 * Times at which blobs were last re-hashed, in a file of their own, so that an interrupted verification can continue. Nothing
 * else depends on the file; an unusable one is replaced or ignored.
 */
export interface VerifiedBlobs {
  /** Starts with every named blob not re-hashed in this pass yet, the longest unverified first. */
  plan(blobs: Iterable<NamedBlob>): BlobPlan;
  /** Returns the next blob; undefined at the end. */
  next(): QueuedBlob | undefined;
  /** Records in one transaction that these blobs were re-hashed and are intact. */
  note(digests: readonly string[]): void;
  /** Returns the rows that name a blob. */
  ownersOf(digest: string): NamedBlob[];
  /** Ends the pass, so that the next one starts from the beginning. */
  finish(): void;
  close(): void;
}

export interface BlobPlan {
  /** Number of distinct blobs, and of those re-hashed earlier in this pass. */
  total: number;
  earlier: number;
  /** Start of the pass, epoch ms. */
  since: number;
  versions: number;
  /** Number of the versions' files and their bytes; shared ones count each time. */
  files: number;
  bytes: number;
}

export interface QueuedBlob {
  id: number;
  digest: string;
  /** Size in bytes by an upload's row; null if no row records it. */
  size: number | null;
}

const fileName = 'verified.db';
/** An older interrupted pass is not continued, as its results no longer describe the present. */
const maxPassMs = 24 * 3600 * 1000;

/** Opens the file. `whole` continues an interrupted pass over everything; otherwise all planned blobs are re-hashed. */
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

/** Returns the start of the pass to continue, or starts a new one if there is none that is recent enough. */
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

/** Plans a pass. A recorded time in the future, by a clock that was ahead once, is ignored. */
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
