import { createHash } from 'node:crypto';
import type { Database, Row } from './database.ts';
import type { EventType, NewEvent, RegistryEvent } from '../protocol/events.ts';
import { upcast } from './upcast.ts';

/** A row of the log as stored, with its place in the chain. */
export type LoggedEvent = RegistryEvent & { hash: string };

const genesis = Buffer.alloc(32);

/** Number and hash of the newest event; seq 0 and zeros for an empty log. */
export function head(db: Database): { seq: number; clock: number; hash: Buffer } {
  const row = db.sql('SELECT seq, clock, hash FROM events ORDER BY seq DESC LIMIT 1').get();
  if (!row) return { seq: 0, clock: 0, hash: genesis };
  return { seq: Number(row['seq']), clock: Number(row['clock']), hash: row['hash'] as Buffer };
}

/** Appends one event inside the caller's transaction. `clock` never runs backwards, so `as of` survives a clock set back. */
export function append(db: Database, event: NewEvent, at: number, actor: string): LoggedEvent {
  const last = head(db);
  const seq = last.seq + 1;
  const clock = Math.max(last.clock, at);
  const text = JSON.stringify(event.body);
  const bodyHash = sha256(text);
  const hash = chain(last.hash, { seq, at, clock, actor, type: event.type }, bodyHash);
  const { model, number } = subject(event);
  db.sql(
    `INSERT INTO events (seq, at, clock, actor, type, body, body_hash, prev, hash, model, number)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(seq, at, clock, actor, event.type, text, bodyHash, last.hash, hash, model, number);
  return { ...event, seq, at, clock, actor, hash: hash.toString('hex') };
}

interface Header {
  seq: number;
  at: number;
  clock: number;
  actor: string;
  type: string;
}

/** hash = SHA-256(prev ‖ header ‖ SHA-256(body)), the header as one line of JSON. */
function chain(prev: Buffer, header: Header, bodyHash: Buffer): Buffer {
  const line = JSON.stringify([header.seq, header.at, header.clock, header.actor, header.type]);
  return createHash('sha256').update(prev).update(line).update(bodyHash).digest();
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function subject(event: NewEvent): { model: string | null; number: number | null } {
  const body = event.body;
  const model = 'model' in body ? body.model : null;
  if ('number' in body) return { model, number: body.number };
  return { model, number: event.type === 'pointer.moved/1' ? event.body.after.holder : null };
}

const columns = 'seq, at, clock, actor, type, body, hash';

/** Events after `seq`, oldest first, at most `limit`. */
export function eventsAfter(db: Database, seq: number, limit: number): LoggedEvent[] {
  return db.sql(`SELECT ${columns} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`).all(seq, limit).map(fromRow);
}

/** Events of one model (by id) before `before`, newest first. */
export function eventsOfModel(db: Database, model: string, before: number, limit: number): LoggedEvent[] {
  const text = `SELECT ${columns} FROM events WHERE model = ? AND seq < ? ORDER BY seq DESC LIMIT ?`;
  return db.sql(text).all(model, before, limit).map(fromRow);
}

/** Events before `before`, newest first. */
export function eventsBefore(db: Database, before: number, limit: number): LoggedEvent[] {
  return db
    .sql(`SELECT ${columns} FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?`)
    .all(before, limit)
    .map(fromRow);
}

/** The event with this number; undefined where there is none. */
export function eventAt(db: Database, seq: number): LoggedEvent | undefined {
  const row = db.sql(`SELECT ${columns} FROM events WHERE seq = ?`).get(seq);
  return row && fromRow(row);
}

function fromRow(row: Row): LoggedEvent {
  const stored = { type: String(row['type']), body: JSON.parse(String(row['body'] ?? 'null')) as unknown };
  const { type, body } = upcast(stored);
  return {
    seq: Number(row['seq']),
    at: Number(row['at']),
    clock: Number(row['clock']),
    actor: String(row['actor']),
    type: type as EventType,
    body: body as never,
    hash: (row['hash'] as Buffer).toString('hex'),
  };
}

/** What `verifyLog` found: the first break, or none. */
export interface LogReport {
  events: number;
  head: string;
  /** First event whose stored text, order or link does not fit, and how. */
  broken: { seq: number; reason: string } | null;
}

/** Recomputes the whole chain from the stored text. Finds any edited, removed, inserted or reordered row. */
export function verifyLog(db: Database): LogReport {
  const text = 'SELECT seq, at, clock, actor, type, body, body_hash, prev, hash FROM events ORDER BY seq';
  let prev: Buffer = genesis;
  let events = 0;
  for (const row of db.raw.prepare<[], Row>(text).iterate()) {
    const reason = fault(row, events + 1, prev);
    if (reason) return { events, head: prev.toString('hex'), broken: { seq: Number(row['seq']), reason } };
    prev = row['hash'] as Buffer;
    events += 1;
  }
  return { events, head: prev.toString('hex'), broken: null };
}

function fault(row: Row, expected: number, prev: Buffer): string | undefined {
  const seq = Number(row['seq']);
  if (seq !== expected) return `event ${expected} is missing`;
  if (!prev.equals(row['prev'] as Buffer)) return `event ${seq} does not follow event ${seq - 1}`;
  const bodyHash = row['body_hash'] as Buffer;
  const body = row['body'];
  if (typeof body === 'string' && !sha256(body).equals(bodyHash)) return `the text of event ${seq} was changed`;
  const header = {
    seq,
    at: Number(row['at']),
    clock: Number(row['clock']),
    actor: String(row['actor']),
    type: String(row['type']),
  };
  if (!chain(prev, header, bodyHash).equals(row['hash'] as Buffer)) return `event ${seq} was changed`;
  return undefined;
}
