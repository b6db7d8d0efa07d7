import { hash as digest } from 'node:crypto';
import type { Database, Row } from './connection.ts';
import type { EventType, NewEvent, RegistryEvent } from '../protocol/events.ts';

/** A row of the log, with its hash in the chain. */
export type LoggedEvent = RegistryEvent & { hash: string };

const genesis = Buffer.alloc(32);

/** Returns number and hash of the newest event; 0 and zeros for an empty log. */
export function head(db: Database): { seq: number; clock: number; hash: Buffer } {
  const row = db.sql('SELECT seq, clock, hash FROM events ORDER BY seq DESC LIMIT 1').get();
  if (!row) return { seq: 0, clock: 0, hash: genesis };
  return { seq: Number(row['seq']), clock: Number(row['clock']), hash: row['hash'] as Buffer };
}

/** Part of the newest event that the next one is chained to. */
export type ChainEnd = Pick<LoggedEvent, 'seq' | 'clock' | 'hash'>;

/** Reads the end of the chain. */
export function chainEnd(db: Database): ChainEnd {
  const { hash, ...last } = head(db);
  return { ...last, hash: hash.toString('hex') };
}

/**
 * Appends an event inside the caller's transaction, after `last`, which a caller that appends many has from the previous one.
 * `clock` never runs backwards, so `as of` queries survive a clock that is set back.
 */
export function append(db: Database, event: NewEvent, at: number, actor: string, last = chainEnd(db)): LoggedEvent {
  const seq = last.seq + 1;
  const clock = Math.max(last.clock, at);
  const text = JSON.stringify(event.body);
  const bodyHash = digest('sha256', text);
  const hash = chain(last.hash, { seq, at, clock, actor, type: event.type }, bodyHash);
  const { model, number } = subjectOf(event);
  db.sql(
    `INSERT INTO events (seq, at, clock, actor, type, body, body_hash, prev, hash, model, number)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(seq, at, clock, actor, event.type, text, bytesOf(bodyHash), bytesOf(last.hash), bytesOf(hash), model, number);
  return { ...event, seq, at, clock, actor, hash };
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

interface Header {
  seq: number;
  at: number;
  clock: number;
  actor: string;
  type: string;
}

/** Buffer reused for every link of the chain, as verification is performance-critical. */
const scratch = Buffer.alloc(16 * 1024);

/** Returns the hash: SHA-256(prev ‖ header ‖ SHA-256(body)), hex. The header is one JSON line: `[seq,at,clock,actor,type]`. */
function chain(prev: string, { seq, at, clock, actor, type }: Header, bodyHash: string): string {
  const line = `[${seq},${at},${clock},${JSON.stringify(actor)},${JSON.stringify(type)}]`;
  const start = scratch.write(prev, 0, 'hex');
  const end = start + scratch.write(line, start, 'utf8');
  return digest('sha256', scratch.subarray(0, end + scratch.write(bodyHash, end, 'hex')));
}

/** Returns the model and version number of an event for its columns, which are outside the chain and always derived from the body. */
function subjectOf(event: NewEvent): Filing {
  const body = event.body;
  const model = 'model' in body ? body.model : null;
  if ('number' in body) return { model, number: body.number };
  return { model, number: event.type === 'pointer.moved/1' ? event.body.after.holder : null };
}

interface Filing {
  model: string | null;
  number: number | null;
}

/** Returns events whose `model` or `number` column differs from the body, with the right values. The bodies must be intact. */
export function misfiledEvents(db: Database): (Filing & { seq: number })[] {
  const text = 'SELECT seq, type, body, model, number FROM events ORDER BY seq';
  const wrong: (Filing & { seq: number })[] = [];
  for (const row of db.raw.prepare<[], Row>(text).iterate()) {
    const stored = { type: String(row['type']), body: JSON.parse(String(row['body'])) as unknown };
    const { model, number } = subjectOf(upcast(stored) as NewEvent);
    if (row['model'] !== model || row['number'] !== number) wrong.push({ seq: Number(row['seq']), model, number });
  }
  return wrong;
}

/** Corrects the `model` and `number` columns of an event. */
export function refileEvent(db: Database, { seq, model, number }: Filing & { seq: number }): void {
  db.sql('UPDATE events SET model = ?, number = ? WHERE seq = ?').run(model, number, seq);
}

const columns = 'seq, at, clock, actor, type, body, hash';

/** Returns events after `seq`, oldest first, at most `limit`. */
export function eventsAfter(db: Database, seq: number, limit: number): LoggedEvent[] {
  return db.sql(`SELECT ${columns} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`).all(seq, limit).map(fromRow);
}

/** Returns events of one model (by id) before `before`, newest first. */
export function eventsOfModel(db: Database, model: string, before: number, limit: number): LoggedEvent[] {
  const text = `SELECT ${columns} FROM events WHERE model = ? AND seq < ? ORDER BY seq DESC LIMIT ?`;
  return db.sql(text).all(model, before, limit).map(fromRow);
}

/** Returns events before `before`, newest first. */
export function eventsBefore(db: Database, before: number, limit: number): LoggedEvent[] {
  return db
    .sql(`SELECT ${columns} FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?`)
    .all(before, limit)
    .map(fromRow);
}

/** Conditions for events; an absent one matches all. Times are of the log's clock, which never runs backwards. */
export interface EventFilter {
  /** Id of a model. */
  model?: string | undefined;
  /** `ana` for any client, or `ana/cli`. */
  actor?: string | undefined;
  /** Beginning of a type: `pointer`, `version.tagged`. */
  action?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** Returns events before `before` that match a filter, newest first. Their times are by `happenedAt` at `now`. */
export function eventsMatching(
  db: Database,
  filter: EventFilter,
  now: number,
  before: number,
  limit: number,
): LoggedEvent[] {
  const { model = null, actor = null, action = null, from = 0, to = Number.MAX_SAFE_INTEGER } = filter;
  const text = `SELECT ${columns} FROM events WHERE seq < ? AND CASE WHEN clock <= ? THEN clock ELSE min(at, ?) END BETWEEN ? AND ?
    AND (? IS NULL OR model = ?)
    AND (? IS NULL OR actor = ? OR substr(actor, 1, length(?) + 1) = ? || '/')
    AND (? IS NULL OR substr(type, 1, length(?)) = ?) ORDER BY seq DESC LIMIT ?`;
  return db
    .sql(text)
    .all(
      before,
      now + maxAheadMs,
      now,
      from,
      to,
      model,
      model,
      actor,
      actor,
      actor,
      actor,
      action,
      action,
      action,
      limit,
    )
    .map(fromRow);
}

/** Returns the event with a number; undefined for none. */
export function eventAt(db: Database, seq: number): LoggedEvent | undefined {
  const row = db.sql(`SELECT ${columns} FROM events WHERE seq = ?`).get(seq);
  return row && fromRow(row);
}

function fromRow(row: Row): LoggedEvent {
  const stored = { type: String(row['type']), body: JSON.parse(String(row['body'] ?? 'null')) as unknown };
  const { type, body } = upcast(stored);
  const event = {
    seq: Number(row['seq']),
    at: Number(row['at']),
    clock: Number(row['clock']),
    actor: String(row['actor']),
    type: type as EventType,
    body,
    hash: (row['hash'] as Buffer).toString('hex'),
  };
  return event as LoggedEvent;
}

/** Returns every digest of a blob in the texts of events. */
export function digestsInLog(db: Database): Set<string> {
  const found = new Set<string>();
  const bodies = db.raw.prepare<[], string>(`SELECT body FROM events WHERE body LIKE '%sha256:%'`).pluck();
  for (const body of bodies.iterate()) for (const [digest] of body.matchAll(/sha256:[0-9a-f]{64}/g)) found.add(digest);
  return found;
}

/** Returns the manifests and facts of versions before they were completed, which older backups name. */
export function digestsBeforeCompletion(db: Database): string[] {
  const text = `SELECT body ->> '$.digest' AS digest, body ->> '$.facts' AS facts FROM events
    WHERE type IN ('version.registered/1', 'version.completed/1') AND json_valid(body)
      AND (model, number) IN (SELECT model, number FROM events WHERE type = 'version.completed/1')`;
  const rows = db.raw.prepare<[], { digest: string | null; facts: string | null }>(text).all();
  return rows.flatMap(({ digest, facts }) => [digest, facts]).filter((one) => one !== null);
}

/** A log's clock that is further ahead of the system's was wrong once; less means that the system's clock was set back a little. */
const maxAheadMs = 24 * 3600 * 1000;

/**
 * Returns when an event happened, as far as known at `now`: by the log's clock, which never runs backwards, or by the event's own
 * time if that clock is far in the future because the system's clock was ahead once.
 */
export function happenedAt({ at, clock }: { at: number; clock: number }, now: number): number {
  return clock <= now + maxAheadMs ? clock : Math.min(at, now);
}

/** Returns true if an event after `seq` was written when the clock showed `time` or later. */
export function sawTime(db: Database, seq: number, time: number): boolean {
  if (head(db).clock < time) return false;
  return db.sql('SELECT 1 AS seen FROM events WHERE seq > ? AND at >= ? LIMIT 1').get(seq, time) !== undefined;
}

export interface LogReport {
  events: number;
  head: string;
  /** First event whose stored text, order or link is wrong, with the reason; null for none. */
  broken: { seq: number; reason: string } | null;
}

/** Columns of a stored event as `verifyLog` reads them. The three hashes are one text, which is the cheapest to fetch and compare. */
type Stored = [
  seq: number,
  at: number,
  clock: number,
  actor: string,
  type: string,
  body: string | null,
  hashes: string,
];

/** Recomputes the whole chain from the stored text. Finds any edited, erased, removed, inserted or reordered row. */
export function verifyLog(db: Database): LogReport {
  const text = `SELECT seq, at, clock, actor, type, body, lower(hex(body_hash) || ' ' || hex(prev) || ' ' || hex(hash)) FROM events
    ORDER BY seq`;
  const rows = db.raw.prepare<[], Stored>(text).raw();
  let prev = genesis.toString('hex');
  let events = 0;
  for (const row of rows.iterate()) {
    const reason = fault(row, events + 1, prev);
    if (reason) return { events, head: prev, broken: { seq: row[0], reason } };
    prev = row[6].slice(row[6].lastIndexOf(' ') + 1);
    events += 1;
  }
  return { events, head: prev, broken: null };
}

function fault(row: Stored, expected: number, prev: string): string | undefined {
  const [seq, at, clock, actor, type, body, hashes] = row;
  if (body === null || seq !== expected) return faultOf(row, expected, prev, '');
  const bodyHash = digest('sha256', body);
  const own = chain(prev, { seq, at, clock, actor, type }, bodyHash);
  return hashes === `${bodyHash} ${prev} ${own}` ? undefined : faultOf(row, expected, prev, bodyHash);
}

/** Names what is wrong with an event. `bodyHash`: the right hash of its text. */
function faultOf([seq, , , , , body, hashes]: Stored, expected: number, prev: string, bodyHash: string): string {
  if (seq !== expected) return `event ${expected} is missing`;
  if (hashes.split(' ')[1] !== prev) return `event ${seq} does not follow event ${seq - 1}`;
  if (body === null) return `the text of event ${seq} was erased`;
  if (hashes.split(' ')[0] !== bodyHash) return `the text of event ${seq} was changed`;
  return `event ${seq} was changed`;
}

/** An event in its stored form, perhaps an older one. */
interface StoredEvent {
  type: string;
  body: unknown;
}

/** Pure functions that convert an old form to the next, by the old form's type. Stored text is never rewritten. */
const upcasters: Readonly<Record<string, (body: unknown) => StoredEvent>> = {
  'model.metric/1': (body) => {
    const { model, metric, before } = body as { model: string; metric: string | null; before: string | null };
    const listOf = (one: string | null): string[] => (one === null ? [] : [one]);
    return { type: 'model.metrics/1', body: { model, metrics: listOf(metric), before: listOf(before) } };
  },
};

/** Converts a stored event to the present form. */
function upcast(stored: StoredEvent): StoredEvent {
  let event = stored;
  for (let step = upcasters[event.type]; step; step = upcasters[event.type]) event = step(event.body);
  return event;
}
