import type { Database } from './database.ts';

export function watchedRoots(db: Database): { path: string; addedAt: number }[] {
  const rows = db.sql('SELECT path, added_at FROM roots ORDER BY path').all();
  return rows.map((row) => ({ path: String(row['path']), addedAt: Number(row['added_at']) }));
}

export function ignoredPatterns(db: Database): string[] {
  return db
    .sql('SELECT pattern FROM ignored_patterns ORDER BY pattern')
    .all()
    .map((row) => String(row['pattern']));
}
