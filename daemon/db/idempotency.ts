import type { Database } from './database.ts';

/** The reply that was given to this key; undefined where the key is new. */
export function replyTo(db: Database, key: string): { request: Buffer; reply: string } | undefined {
  const row = db.sql('SELECT request, reply FROM idempotency WHERE key = ?').get(key);
  return row && { request: row['request'] as Buffer, reply: String(row['reply']) };
}

/** Remembers a reply, in the transaction that made it true. */
export function rememberReply(db: Database, key: string, request: Buffer, reply: string, at: number): void {
  db.sql('INSERT INTO idempotency (key, request, reply, at) VALUES (?, ?, ?, ?)').run(key, request, reply, at);
}

/** Forgets replies given before `before`. */
export function forgetReplies(db: Database, before: number): void {
  db.sql('DELETE FROM idempotency WHERE at < ?').run(before);
}
