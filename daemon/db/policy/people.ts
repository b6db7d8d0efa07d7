import type { Database } from '../database.ts';

/** Returns a person's name as asserted at event `seq`; undefined for none. */
export function assertedBy(db: Database, person: string, seq: number): { name: string; email: string } | undefined {
  const text = 'SELECT name, email FROM people WHERE person = ? AND seq <= ? ORDER BY seq DESC LIMIT 1';
  const row = db.sql(text).get(person, seq);
  return row && { name: String(row['name']), email: String(row['email']) };
}

/** Returns the asserted name as `Ana <ana@example.org>`, in an object to spread; empty for none. */
export function assertedAs(db: Database, person: string, seq: number): { asserted?: string } {
  const found = assertedBy(db, person, seq);
  if (!found) return {};
  const parts = [found.name, found.email === '' ? '' : `<${found.email}>`];
  return { asserted: parts.filter((part) => part !== '').join(' ') };
}
