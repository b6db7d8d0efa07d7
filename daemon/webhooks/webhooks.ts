import { randomBytes, randomUUID } from 'node:crypto';
import type { Context } from '../context.ts';
import { eventsAfter, head, type LoggedEvent } from '../db/log.ts';
import { RegistryError, messageOf } from '../errors.ts';
import type { GateReport } from '../protocol/policy.ts';
import type { Delivery, Notice, NoticeKind, Webhook, WebhookTemplate } from '../protocol/routes/webhooks.ts';
import { checkWebhookUrl, shownAddress } from './address.ts';
import { deliver } from './deliver.ts';
import { noticeOf, refusalNotice } from './notices.ts';
import { readWebhooks, writeWebhooks, type StoredWebhooks } from './store.ts';
import { bodyOf } from './template.ts';
import { countOf } from '../shared/format.ts';

/** Addresses that are told what happens to the registry, each in its own time and never at the expense of a commit. */
export interface Webhooks {
  list(): { webhooks: Webhook[]; deliveries: Delivery[] };
  add(wanted: WantedWebhook): Webhook & { secret: string };
  remove(id: string): { removed: boolean };
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

interface WantedWebhook {
  url: string;
  on?: NoticeKind[] | undefined;
  template?: WebhookTemplate | undefined;
  allowPrivate?: boolean | undefined;
}

const minute = 60_000;
/** Waits after failed attempts, about a day together. After the last one everything that waits for the webhook is a dead letter. */
export const retryWaitsMs = [1 / 6, 1, 5, 30, 120, 240, 360, 660].map((minutes) => minutes * minute);
/** Longest time between two looks at the clock, which can be set, and stands still while the machine sleeps. */
const maxTimerMs = 1000;
/** The service stays for a notice that is due within this time. */
const awaitedMs = 5 * minute;
const maxWebhooks = 50;
/** Undelivered notices of one webhook; older ones are dropped, dead letters first, and counted. */
const maxDeliveries = 1000;
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
  state.seen = Math.min(state.seen ?? Infinity, head(ctx.db).seq);
  catchUp([]);
  const find = (id: string): StoredWebhooks['webhooks'][number] => {
    const found = state.webhooks.find((one) => one.id === id);
    if (found) return found;
    throw new RegistryError('not-found', 'There is no such webhook. List them with: plinth webhook list');
  };
  return {
    list: () => ({ webhooks: state.webhooks.map(withoutSecrets), deliveries: state.deliveries }),
    add: (wanted) => {
      if (state.webhooks.length >= maxWebhooks)
        throw new RegistryError('conflict', `There are ${maxWebhooks} webhooks already. Remove one first.`);
      const made = newWebhook(wanted, ctx.now());
      if (state.webhooks.length === 0) state.seen = head(ctx.db).seq;
      state.webhooks.push(made);
      save();
      return made;
    },
    remove: (id) => {
      find(id);
      state.webhooks = state.webhooks.filter((one) => one.id !== id);
      state.deliveries = state.deliveries.filter((one) => one.webhook !== id);
      save();
      return { removed: true };
    },
    test: async (id) => sendTest(find(id), ctx.now(), closing.signal),
    retry: (id) => queue.retry(find(id).id),
    heard: catchUp,
    refused: (report, actor) => queue.add([refusalNotice(report, actor, ctx.now())]),
    warnings: () => warningsOf(state),
    isRunning: queue.isRunning,
    close: async () => {
      closing.abort();
      await queue.close();
      if (state.webhooks.length > 0) save();
    },
  };
}

function newWebhook(
  { url, on = [], template = 'json', allowPrivate = false }: WantedWebhook,
  createdAt: number,
): StoredWebhooks['webhooks'][number] {
  const checked = checkWebhookUrl(url, allowPrivate);
  const id = randomBytes(4).toString('hex');
  const secret = randomBytes(24).toString('base64url');
  return { id, url: checked, on, template, allowPrivate, createdAt, secret };
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
  webhook: StoredWebhooks['webhooks'][number],
  now: number,
  closing: AbortSignal,
): Promise<{ problem: string | null }> {
  const body = bodyOf(testNotice(now), webhook.template);
  const refusal = await deliver(webhook, webhook.secret, body, { id: randomUUID(), now }, closing);
  return { problem: refusal?.problem ?? null };
}

function withoutSecrets({ secret: _secret, ...webhook }: StoredWebhooks['webhooks'][number]): Webhook {
  return { ...webhook, url: shownAddress(webhook.url) };
}

function testNotice(at: number): Notice {
  const none = { model: 'example', version: null, pointer: null, from: null, to: null, event: null };
  return { kind: 'promoted', text: 'This is a test of a webhook of Plinth.', ...none, actor: 'plinth', reason: '', at };
}

interface DeliveryQueue {
  add(notices: readonly Notice[]): void;
  retry(webhook: string): { deliveries: number };
  isRunning(): boolean;
  close(): Promise<void>;
}

/** Delivers one notice at a time for each webhook, in their order: while one has to wait, the later ones wait for it. */
function deliveryQueue(
  ctx: Context,
  state: StoredWebhooks,
  save: () => void,
  waitsMs: readonly number[],
  closing: AbortController,
): DeliveryQueue {
  const busy = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  const first = (webhook: string): Delivery | undefined =>
    state.deliveries.find((one) => one.webhook === webhook && one.nextAt !== null);
  const due = (webhook: string): Delivery | undefined => {
    const next = first(webhook);
    return (next?.nextAt ?? Infinity) <= ctx.now() ? next : undefined;
  };
  const work = async (webhook: string): Promise<void> => {
    for (let next = due(webhook); next && !closing.signal.aborted; next = due(webhook)) {
      await attempt(ctx, state, next, waitsMs, closing.signal);
      save();
    }
  };
  const look = (): void => {
    clearTimeout(timer);
    if (closing.signal.aborted) return;
    for (const { id } of state.webhooks) {
      if (busy.has(id) || !due(id)) continue;
      const failed = (error: unknown): void =>
        ctx.log.error('a webhook could not be told', { reason: messageOf(error) });
      const working = work(id)
        .catch(failed)
        .finally(() => {
          busy.delete(id);
          look();
        });
      busy.set(id, working);
    }
    const times = state.webhooks.flatMap(({ id }) => (busy.has(id) ? [] : (first(id)?.nextAt ?? [])));
    const pause = Math.min(maxTimerMs, Math.max(10, Math.min(...times) - ctx.now()));
    if (times.length > 0) timer = setTimeout(look, pause).unref();
  };
  setImmediate(look);
  return {
    add: (notices) => {
      const added = notices.flatMap((notice) => deliveriesOf(state, notice, ctx.now()));
      if (added.length === 0) return;
      state.deliveries = [...state.deliveries, ...added];
      dropOldest(state);
      save();
      look();
    },
    retry: (webhook) => {
      const dead = state.deliveries.filter((one) => one.webhook === webhook && one.nextAt === null);
      for (const one of dead) Object.assign(one, { nextAt: ctx.now(), attempts: 0 });
      save();
      look();
      return { deliveries: dead.length };
    },
    isRunning: () =>
      busy.size > 0 || state.webhooks.some(({ id }) => (first(id)?.nextAt ?? Infinity) - ctx.now() < awaitedMs),
    close: async () => {
      clearTimeout(timer);
      await Promise.all(busy.values());
    },
  };
}

function deliveriesOf({ webhooks }: StoredWebhooks, notice: Notice, now: number): Delivery[] {
  return webhooks
    .filter(({ on }) => on.length === 0 || on.includes(notice.kind))
    .map(({ id }) => ({ id: randomUUID(), webhook: id, notice, attempts: 0, nextAt: now, problem: null }));
}

/**
 * Makes one attempt, and removes the delivery or says when the next one is. One that the receiver does not want is given up at once; if
 * it has not answered for too long, so is everything that waits for it. An attempt that the end of the service stopped does not count.
 */
async function attempt(
  ctx: Context,
  state: StoredWebhooks,
  one: Delivery,
  waitsMs: readonly number[],
  closing: AbortSignal,
): Promise<void> {
  const webhook = state.webhooks.find(({ id }) => id === one.webhook);
  if (!webhook) return;
  const body = bodyOf(one.notice, webhook.template);
  const refusal = await deliver(webhook, webhook.secret, body, { id: one.id, now: ctx.now() }, closing);
  if (refusal === null) {
    state.deliveries = state.deliveries.filter(({ id }) => id !== one.id);
    return;
  }
  if (closing.aborted) return;
  const { problem, isFinal } = refusal;
  const wait = isFinal ? undefined : waitsMs[one.attempts];
  Object.assign(one, { attempts: one.attempts + 1, problem, nextAt: wait === undefined ? null : ctx.now() + wait });
  if (wait !== undefined) return;
  ctx.log.warn('a webhook was not told', { webhook: one.webhook, problem });
  if (isFinal) return;
  const waiting = state.deliveries.filter(({ webhook: id, nextAt }) => id === one.webhook && nextAt !== null);
  for (const other of waiting) Object.assign(other, { problem, nextAt: null });
}

/** Drops the oldest deliveries of a webhook that has too many, dead letters first, and counts them. */
function dropOldest(state: StoredWebhooks): void {
  for (const webhook of state.webhooks) {
    const all = state.deliveries.filter((one) => one.webhook === webhook.id);
    if (all.length <= maxDeliveries) continue;
    const deadFirst = all.toSorted((a, b) => Number(a.nextAt !== null) - Number(b.nextAt !== null));
    const dropped = new Set(deadFirst.slice(0, all.length - maxDeliveries));
    state.deliveries = state.deliveries.filter((one) => !dropped.has(one));
    webhook.dropped = (webhook.dropped ?? 0) + dropped.size;
  }
}
