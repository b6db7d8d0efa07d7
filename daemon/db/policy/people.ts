import type { Database } from '../database.ts';

/** Reads a person's name as it was asserted at event `seq`. */
export function assertedBy(db: Database, person: string, seq: number): { name: string; email: string } | undefined {
  const text = 'SELECT name, email FROM people WHERE person = ? AND seq <= ? ORDER BY seq DESC LIMIT 1';
  const row = db.sql(text).get(person, seq);
  return row && { name: String(row['name']), email: String(row['email']) };
}

/** The same as people write it, to be spread into what names the person; empty where nothing is known. */
export function assertedAs(db: Database, person: string, seq: number): { asserted?: string } {
  const found = assertedBy(db, person, seq);
  if (!found) return {};
  const parts = [found.name, found.email === '' ? '' : `<${found.email}>`];
  return { asserted: parts.filter((part) => part !== '').join(' ') };
}
