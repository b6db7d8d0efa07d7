import type { Database } from './database.ts';

export interface CardRow {
  digest: string;
  at: number;
  actor: string;
}

/** Returns the newest card of a model (by id); undefined for none. */
export function cardRow(db: Database, model: string): CardRow | undefined {
  const row = db.sql('SELECT digest, at, actor FROM cards WHERE model = ?').get(model);
  return row && { digest: String(row['digest']), at: Number(row['at']), actor: String(row['actor']) };
}

export function cardDigests(db: Database): string[] {
  return db
    .sql('SELECT digest FROM cards')
    .all()
    .map((row) => String(row['digest']));
}
