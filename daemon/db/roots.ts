import type { Database } from './database.ts';

export interface RootRow {
  path: string;
  addedAt: number;
  paused: boolean;
}

export function watchedRoots(db: Database): RootRow[] {
  const rows = db.sql('SELECT path, added_at, paused FROM roots ORDER BY path').all();
  return rows.map((row) => ({
    path: String(row['path']),
    addedAt: Number(row['added_at']),
    paused: row['paused'] === 1,
  }));
}

export function ignoredPatterns(db: Database): string[] {
  return db
    .sql('SELECT pattern FROM ignored_patterns ORDER BY pattern')
    .all()
    .map((row) => String(row['pattern']));
}
