import type { Database } from './database.ts';

/** Returns the reply stored for a key; undefined for a new key. */
export function replyTo(db: Database, key: string): { request: Buffer; reply: string } | undefined {
  const row = db.sql('SELECT request, reply FROM idempotency WHERE key = ?').get(key);
  return row && { request: row['request'] as Buffer, reply: String(row['reply']) };
}

/** Stores a reply, in the transaction that it reports. */
export function rememberReply(db: Database, key: string, request: Buffer, reply: string, at: number): void {
  db.sql('INSERT INTO idempotency (key, request, reply, at) VALUES (?, ?, ?, ?)').run(key, request, reply, at);
}

/** Deletes replies that were given before a time. */
export function forgetReplies(db: Database, before: number): void {
  db.sql('DELETE FROM idempotency WHERE at < ?').run(before);
}
