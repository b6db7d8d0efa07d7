import { randomUUID } from 'node:crypto';
import type { Caller, Context } from '../context.ts';
import { eventsAfter, head, type LoggedEvent } from '../db/log.ts';
import { RegistryError } from '../errors.ts';
import type { NewEvent } from '../protocol/events.ts';
import type { GateReport } from '../protocol/policy.ts';
import type { Delivery, Notice, Webhook, WebhookChange, WebhookRequest } from '../protocol/routes/webhooks.ts';
import { countOf } from '../shared/format.ts';
import { shownAddress } from './address.ts';
import { deliver } from './deliver.ts';
import { deliveryQueue } from './delivery-queue.ts';
import { noticeOf, refusalNotice } from './notices.ts';
import { changedWebhook, newWebhook } from './settings.ts';
import { readWebhooks, writeWebhooks, type StoredWebhook, type StoredWebhooks } from './store.ts';
import { bodyOf } from './template.ts';

/** Addresses that are told what happens to the registry, as the clients of the stream are, each in its own time and never at the expense of a commit. */
export interface Webhooks {
  list(): { webhooks: Webhook[]; deliveries: Delivery[] };
  /** Adds a webhook, and records who did. Throws `invalid-request`, `conflict` for too many, and `forbidden`. */
  add(caller: Caller, wanted: WebhookRequest): Promise<Webhook & { secret: string }>;
  /** Changes what is given, and records who did. Throws as `add`, and `not-found`. */
  change(caller: Caller, wanted: WebhookChange): Promise<Webhook>;
  remove(caller: Caller, id: string): Promise<{ removed: boolean }>;
  /** Sends a notice now. Throws `not-found`. */
  test(id: string): Promise<{ problem: string | null }>;
  /** Sends dead letters again. Throws `not-found`. */
  retry(id: string): { deliveries: number };
  heard(events: readonly LoggedEvent[]): void;
  /** Tells that gates refused a promotion, which is no event. */
  refused(report: GateReport, actor: string): void;
  /** One sentence if notices were given up. */
  warnings(): string[];
  /** True while a notice is being sent or soon will be. */
  isRunning(): boolean;
  close(): Promise<void>;
}

const minute = 60_000;
/** Waits after failed attempts, about a day together. After the last one everything that waits for the webhook is a dead letter. */
export const retryWaitsMs = [1 / 6, 1, 5, 30, 120, 240, 360, 660].map((minutes) => minutes * minute);
const maxWebhooks = 50;
const batchSize = 1000;

/** Opens the webhooks of a data folder and goes on with what an earlier service left. `waitsMs`: for tests. */
export function openWebhooks(ctx: Context, dataFolder: string, waitsMs: readonly number[] = retryWaitsMs): Webhooks {
  const state = readWebhooks(dataFolder);
  const save = (): void => writeWebhooks(dataFolder, state);
  const closing = new AbortController();
  const queue = deliveryQueue(ctx, state, save, waitsMs, closing);
  const catchUp = (events: readonly LoggedEvent[]): void => {
    if (state.webhooks.length > 0) queue.add(newNotices(ctx, state, events));
  };
  const publish = (notice: Notice | undefined): void => {
    if (notice) ctx.publish({ kind: 'notice', notice });
  };
  state.seen = Math.min(state.seen ?? Infinity, head(ctx.db).seq);
  catchUp([]);
  const find = finder(state);
  return {
    ...settings(ctx, state, find, save),
    list: () => ({ webhooks: state.webhooks.map(listed), deliveries: state.deliveries }),
    test: async (id) => sendTest(find(id), ctx.now(), closing.signal),
    retry: (id) => queue.retry(find(id).id),
    heard: (events) => {
      for (const event of events) publish(noticeOf(ctx.db, event));
      catchUp(events);
    },
    refused: (report, actor) => {
      const notice = refusalNotice(report, actor, ctx.now());
      publish(notice);
      queue.add([notice]);
    },
    warnings: () => warningsOf(state),
    isRunning: queue.isRunning,
    close: async () => {
      closing.abort();
      await queue.close();
      if (state.webhooks.length > 0) save();
    },
  };
}

/** Returns a function that finds a webhook. Throws `not-found`. */
function finder(state: StoredWebhooks): (id: string) => StoredWebhook {
  return (id) => {
    const found = state.webhooks.find((one) => one.id === id);
    if (found) return found;
    throw new RegistryError('not-found', 'There is no such webhook. List them with: plinth webhook list');
  };
}

/**
 * The operations that change webhooks. The log records each before it is stored, so that no webhook is without a record of who
 * added it.
 */
function settings(
  ctx: Context,
  state: StoredWebhooks,
  find: (id: string) => StoredWebhook,
  save: () => void,
): Pick<Webhooks, 'add' | 'change' | 'remove'> {
  // Without its idempotency key, as the reply to `add` has a secret that is stored nowhere else.
  const record = ({ actor }: Caller, event: NewEvent): Promise<null> =>
    ctx.commit({ actor }, () => ({ events: [event], result: () => null }));
  return {
    add: async (caller, wanted) => {
      if (state.webhooks.length >= maxWebhooks)
        throw new RegistryError('conflict', `There are ${maxWebhooks} webhooks already. Remove one first.`);
      const made = newWebhook(caller, wanted, ctx.now());
      await record(caller, { type: 'webhook.added/1', body: recorded(made) });
      if (state.webhooks.length === 0) state.seen = head(ctx.db).seq;
      state.webhooks.push(made);
      save();
      return { ...listed(made), url: made.url, secret: made.secret };
    },
    change: async (caller, wanted) => {
      const changed = changedWebhook(caller, find(wanted.id), wanted, ctx.now());
      await record(caller, { type: 'webhook.changed/1', body: recorded(changed) });
      // Another change may have been stored meanwhile, and stays.
      const stored = changedWebhook(caller, find(wanted.id), wanted, ctx.now());
      state.webhooks = state.webhooks.map((one) => (one.id === wanted.id ? stored : one));
      save();
      return listed(stored);
    },
    remove: async (caller, id) => {
      const { url } = find(id);
      await record(caller, { type: 'webhook.removed/1', body: { id, origin: new URL(url).origin } });
      state.webhooks = state.webhooks.filter((one) => one.id !== id);
      state.deliveries = state.deliveries.filter((one) => one.webhook !== id);
      save();
      return { removed: true };
    },
  };
}

/** Returns what the log records of a webhook: nothing in which a secret could be, as the log is never rewritten. */
function recorded({ id, url, on, models, template, allowPrivate, hasAuthority }: StoredWebhook) {
  return { id, origin: new URL(url).origin, on, models, template, allowPrivate, hasAuthority };
}

/**
 * Returns the notices about the events since the last call, and remembers them as seen. Events that were committed before a crash,
 * or while nobody listened, are read from the log. The next `save` stores both in one write.
 */
function newNotices(ctx: Context, state: StoredWebhooks, events: readonly LoggedEvent[]): Notice[] {
  const found: Notice[] = [];
  const newest = head(ctx.db).seq;
  let seen = state.seen ?? newest;
  while (seen < newest) {
    const batch = events[0]?.seq === seen + 1 ? events : eventsAfter(ctx.db, seen, batchSize);
    found.push(...batch.flatMap((event) => noticeOf(ctx.db, event) ?? []));
    seen = batch.at(-1)?.seq ?? newest;
  }
  state.seen = seen;
  return found;
}

function warningsOf({ webhooks, deliveries }: StoredWebhooks): string[] {
  const dropped = webhooks.reduce((sum, one) => sum + (one.dropped ?? 0), 0);
  const lost = deliveries.filter(({ nextAt }) => nextAt === null).length + dropped;
  if (lost === 0) return [];
  return [`${countOf(lost, 'notice')} of webhooks could not be delivered. See: plinth webhook list`];
}

async function sendTest(
  webhook: StoredWebhook,
  now: number,
  closing: AbortSignal,
): Promise<{ problem: string | null }> {
  const refusal = await deliver(webhook, bodyOf(testNotice(now), webhook), { id: randomUUID(), now }, closing);
  return { problem: refusal?.problem ?? null };
}

/** Returns a webhook as lists show it: without its secret, and without a template and a path in which there may be another one. */
function listed({ secret: _secret, body: _body, ca: _ca, ...webhook }: StoredWebhook): Webhook {
  return { ...webhook, url: shownAddress(webhook.url) };
}

function testNotice(at: number): Notice {
  const none = { model: 'example', version: null, pointer: null, from: null, to: null, event: null };
  return { kind: 'promoted', text: 'This is a test of a webhook of Plinth.', ...none, actor: 'plinth', reason: '', at };
}
