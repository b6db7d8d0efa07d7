import type { Database } from '../connection.ts';

/** Returns when a backup was last restored, or a registry started on purpose, epoch ms; undefined for never. */
export function takenOverAt(db: Database): number | undefined {
  return metaTime(db, 'takenOverAt');
}

/** Records that the user chose this registry for the existing files. */
export function noteTakeover(db: Database, at: number): void {
  db.sql(`INSERT OR REPLACE INTO meta (key, value) VALUES ('takenOverAt', ?)`).run(String(at));
}

/** Returns since when this registry has written the blobs in its folder. Older ones may belong to another registry. */
export function ownsBlobsSince(db: Database): number {
  const first = db.sql('SELECT at FROM events ORDER BY seq LIMIT 1').get()?.['at'];
  const began = metaTime(db, 'createdAt') ?? (first === undefined ? Infinity : Number(first));
  return takenOverAt(db) ?? began;
}

function metaTime(db: Database, key: string): number | undefined {
  const value = db.sql('SELECT value FROM meta WHERE key = ?').get(key)?.['value'];
  return value === undefined ? undefined : Number(value);
}
