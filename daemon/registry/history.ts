import type { Context } from '../context.ts';
import {
  eventsBefore,
  eventsMatching,
  eventsOfModel,
  happenedAt,
  head,
  type EventFilter,
  type LoggedEvent,
} from '../db/log.ts';
import { assertedAs } from '../db/policy/people.ts';
import { modelById } from '../db/models.ts';
import type { ThinEvent } from '../protocol/events.ts';
import type { Json } from '../protocol/json.ts';
import type { HeldThen } from '../protocol/routes/pointers.ts';
import type { Page } from '../protocol/shapes.ts';
import { findModel } from './versions/resolve.ts';

/** Largest body of a thin event in bytes. Larger fields are left out. */
const thinBytes = 4 * 1024 - 512;

/** Returns an event in the form for clients: ids, names and a summary. */
export function thinEvent(ctx: Context, event: LoggedEvent): ThinEvent {
  const { seq, at, actor, type, hash } = event;
  const model = 'model' in event.body ? (modelById(ctx.db, event.body.model)?.name ?? null) : null;
  const body = summary(event.body as unknown as Record<string, Json>);
  return { seq, at, actor, ...assertedIn(ctx, actor, seq), type, model, number: numberOf(event), body, hash };
}

/** Returns the name that an actor had asserted at an event; empty for the service itself. */
export function assertedIn(ctx: Context, actor: string, seq: number): { asserted?: string } {
  const at = actor.indexOf('/');
  return at < 0 ? {} : assertedAs(ctx.db, actor.slice(0, at), seq);
}

function numberOf(event: LoggedEvent): number | null {
  if ('number' in event.body) return event.body.number;
  return event.type === 'pointer.moved/1' ? event.body.after.holder : null;
}

/** Returns as many fields as fit, small ones first. */
function summary(body: Record<string, Json>): Record<string, Json> {
  const fields = Object.entries(body).map(([key, value]) => ({
    key,
    value,
    size: JSON.stringify(value).length + key.length,
  }));
  const kept: Record<string, Json> = {};
  let room = thinBytes;
  for (const { key, value, size } of fields.toSorted((a, b) => a.size - b.size)) {
    room -= size;
    if (room > 0) kept[key] = value;
  }
  return kept;
}

interface PageRequest {
  cursor?: string | undefined;
  limit?: number | undefined;
}

/** Returns a page of one model's events, newest first. */
export function historyOf(ctx: Context, modelName: string, request: PageRequest): Page<ThinEvent> {
  const model = findModel(ctx, modelName);
  return page(ctx, request, (before, limit) => eventsOfModel(ctx.db, model.id, before, limit));
}

/** Returns a page of all events, newest first. */
export function logPage(ctx: Context, request: PageRequest): Page<ThinEvent> {
  return page(ctx, request, (before, limit) => eventsBefore(ctx.db, before, limit));
}

/** Returns a page of the events that match a filter, newest first, with the chain's head, which proves an export. */
export function auditPage(ctx: Context, filter: EventFilter, request: PageRequest): Page<ThinEvent> & { head: string } {
  const model = filter.model === undefined ? undefined : findModel(ctx, filter.model).id;
  const found = page(ctx, request, (before, limit) =>
    eventsMatching(ctx.db, { ...filter, model }, ctx.now(), before, limit),
  );
  return { ...found, head: head(ctx.db).hash.toString('hex') };
}

function page(
  ctx: Context,
  request: PageRequest,
  read: (before: number, limit: number) => LoggedEvent[],
): Page<ThinEvent> {
  const limit = request.limit ?? 50;
  const before = request.cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(request.cursor);
  const events = read(before, limit);
  const next = events.length === limit ? String(events.at(-1)?.seq) : null;
  return { items: events.map((event) => thinEvent(ctx, event)), next, seq: head(ctx.db).seq };
}

/**
 * Returns the version that each pointer of a model had at `at` (epoch ms; default now), with who set it, why, and by which event.
 * Everything in the log has happened by now: an event of a clock that was ahead counts as no later than the next event.
 */
export function currentVersionsAt(ctx: Context, modelName: string, at: number | undefined): HeldThen[] {
  const model = findModel(ctx, modelName);
  const found = new Map<string, HeldThen>();
  let before = Number.MAX_SAFE_INTEGER;
  let bound = ctx.now();
  for (;;) {
    const events = eventsOfModel(ctx.db, model.id, before, 500);
    for (const event of events) {
      bound = Math.min(bound, happenedAt(event, bound));
      keepNewest(found, event, bound, at ?? Infinity);
    }
    const last = events.at(-1);
    if (!last || events.length < 500) return [...found.values()];
    before = last.seq;
  }
}

function keepNewest(found: Map<string, HeldThen>, event: LoggedEvent, since: number, at: number): void {
  if (event.type !== 'pointer.moved/1' || since > at) return;
  const { kind, name, after, reason } = event.body;
  const key = `${kind} ${name}`;
  if (found.has(key)) return;
  found.set(key, { kind, name, holder: after.holder, since, actor: event.actor, reason, seq: event.seq });
}
