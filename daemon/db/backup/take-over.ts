import type { Database } from '../connection.ts';

/** When somebody last put a backup in place or started a registry on purpose (epoch ms); undefined where nobody did. */
export function takenOverAt(db: Database): number | undefined {
  return metaTime(db, 'takenOverAt');
}

/** Notes that a person chose this registry for the files that are there. */
export function noteTakeover(db: Database, at: number): void {
  db.sql(`INSERT OR REPLACE INTO meta (key, value) VALUES ('takenOverAt', ?)`).run(String(at));
}

/** Since when this registry has written the blobs of its folder: what is older may belong to another one. */
export function ownsBlobsSince(db: Database): number {
  const first = db.sql('SELECT at FROM events ORDER BY seq LIMIT 1').get()?.['at'];
  const began = metaTime(db, 'createdAt') ?? (first === undefined ? Infinity : Number(first));
  return takenOverAt(db) ?? began;
}

function metaTime(db: Database, key: string): number | undefined {
  const value = db.sql('SELECT value FROM meta WHERE key = ?').get(key)?.['value'];
  return value === undefined ? undefined : Number(value);
}
