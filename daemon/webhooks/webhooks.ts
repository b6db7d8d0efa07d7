import { randomBytes, randomUUID } from 'node:crypto';
import type { Context } from '../context.ts';
import type { LoggedEvent } from '../db/log.ts';
import { RegistryError, messageOf } from '../errors.ts';
import type { GateReport } from '../protocol/policy.ts';
import type { Delivery, Notice, NoticeKind, Webhook, WebhookTemplate } from '../protocol/routes/webhooks.ts';
import { checkWebhookUrl } from './address.ts';
import { deliver } from './deliver.ts';
import { noticeOf, refusalNotice } from './notices.ts';
import { readWebhooks, writeWebhooks, type StoredWebhooks } from './store.ts';
import { bodyOf } from './template.ts';

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
  close(): Promise<void>;
}

interface WantedWebhook {
  url: string;
  on?: NoticeKind[] | undefined;
  template?: WebhookTemplate | undefined;
  allowPrivate?: boolean | undefined;
}

/** Waits after failed attempts; after the last one a delivery is a dead letter. */
export const retryWaitsMs = [10_000, 60_000, 300_000, 1_800_000, 7_200_000];
const maxWebhooks = 50;
/** Undelivered notices of one webhook; older ones are dropped, dead letters first. */
const maxDeliveries = 200;

/** Opens the webhooks of a data folder and goes on with what an earlier service left. `waitsMs`: for tests. */
export function openWebhooks(ctx: Context, dataFolder: string, waitsMs: readonly number[] = retryWaitsMs): Webhooks {
  const state = readWebhooks(dataFolder);
  const save = (): void => writeWebhooks(dataFolder, state);
  const queue = deliveryQueue(ctx, state, save, waitsMs);
  const find = (id: string): StoredWebhooks['webhooks'][number] => {
    const found = state.webhooks.find((one) => one.id === id);
    if (found) return found;
    throw new RegistryError('not-found', 'There is no such webhook. List them with: plinth webhook list');
  };
  return {
    list: () => ({ webhooks: state.webhooks.map(withoutSecret), deliveries: state.deliveries }),
    add: ({ url, on = [], template = 'json', allowPrivate = false }) => {
      if (state.webhooks.length >= maxWebhooks)
        throw new RegistryError('conflict', `There are ${maxWebhooks} webhooks already. Remove one first.`);
      const checked = checkWebhookUrl(url, allowPrivate);
      const id = randomBytes(4).toString('hex');
      const secret = randomBytes(24).toString('base64url');
      const made = { id, url: checked, on, template, allowPrivate, createdAt: ctx.now(), secret };
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
    test: async (id) => {
      const webhook = find(id);
      const body = bodyOf(testNotice(ctx.now()), webhook.template);
      return { problem: await deliver(webhook, webhook.secret, body, { id: randomUUID(), now: ctx.now() }) };
    },
    retry: (id) => queue.retry(find(id).id),
    heard: (events) => {
      if (state.webhooks.length === 0) return;
      queue.add(events.flatMap((event) => noticeOf(ctx.db, event) ?? []));
    },
    refused: (report, actor) => queue.add([refusalNotice(report, actor, ctx.now())]),
    close: () => queue.close(),
  };
}

function withoutSecret({ secret: _secret, ...webhook }: StoredWebhooks['webhooks'][number]): Webhook {
  return webhook;
}

function testNotice(at: number): Notice {
  const none = { model: 'example', version: null, pointer: null, from: null, to: null, event: null };
  return { kind: 'promoted', text: 'This is a test of a webhook of Plinth.', ...none, actor: 'plinth', reason: '', at };
}

interface DeliveryQueue {
  add(notices: readonly Notice[]): void;
  retry(webhook: string): { deliveries: number };
  close(): Promise<void>;
}

/** Delivers one notice at a time for each webhook, in order of their times. */
function deliveryQueue(
  ctx: Context,
  state: StoredWebhooks,
  save: () => void,
  waitsMs: readonly number[],
): DeliveryQueue {
  const busy = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const due = (webhook: string): Delivery | undefined =>
    state.deliveries.find((one) => one.webhook === webhook && one.nextAt !== null && one.nextAt <= ctx.now());
  const work = async (webhook: string): Promise<void> => {
    for (let next = due(webhook); next && !isClosed; next = due(webhook)) {
      await attempt(ctx, state, next, waitsMs);
      save();
    }
  };
  const look = (): void => {
    clearTimeout(timer);
    if (isClosed) return;
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
    const times = state.deliveries.flatMap(({ nextAt, webhook }) =>
      nextAt === null || busy.has(webhook) ? [] : nextAt,
    );
    if (times.length > 0) timer = setTimeout(look, Math.max(10, Math.min(...times) - ctx.now())).unref();
  };
  setImmediate(look);
  return {
    add: (notices) => {
      const added = notices.flatMap((notice) => deliveriesOf(state, notice, ctx.now()));
      if (added.length === 0) return;
      state.deliveries = bounded([...state.deliveries, ...added]);
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
    close: async () => {
      isClosed = true;
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

/** Makes one attempt, and removes the delivery or says when the next one is. */
async function attempt(ctx: Context, state: StoredWebhooks, one: Delivery, waitsMs: readonly number[]): Promise<void> {
  const webhook = state.webhooks.find(({ id }) => id === one.webhook);
  const body = webhook && bodyOf(one.notice, webhook.template);
  const problem = webhook && body !== undefined ? await deliver(webhook, webhook.secret, body, { id: one.id, now: ctx.now() }) : null; // prettier-ignore
  if (problem === null) {
    state.deliveries = state.deliveries.filter(({ id }) => id !== one.id);
    return;
  }
  const wait = waitsMs[one.attempts];
  Object.assign(one, { attempts: one.attempts + 1, problem, nextAt: wait === undefined ? null : ctx.now() + wait });
  if (wait === undefined) ctx.log.warn('a webhook was not told', { webhook: one.webhook, problem });
}

/** Drops the oldest deliveries of a webhook that has too many, dead letters first. */
function bounded(deliveries: readonly Delivery[]): Delivery[] {
  const kept = new Set(deliveries);
  for (const all of Map.groupBy(deliveries, ({ webhook }) => webhook).values()) {
    const deadFirst = all.toSorted((a, b) => Number(a.nextAt !== null) - Number(b.nextAt !== null));
    for (const one of deadFirst.slice(0, Math.max(0, all.length - maxDeliveries))) kept.delete(one);
  }
  return deliveries.filter((one) => kept.has(one));
}
