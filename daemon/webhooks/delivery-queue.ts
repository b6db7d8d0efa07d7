import { randomUUID } from 'node:crypto';
import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import type { Delivery, Notice } from '../protocol/routes/webhooks.ts';
import { matches } from '../shared/glob.ts';
import { deliver } from './deliver.ts';
import type { StoredWebhooks } from './store.ts';
import { bodyOf } from './template.ts';

const minute = 60_000;
/** Longest time between two looks at the clock, which can be set, and stands still while the machine sleeps. */
const maxTimerMs = 1000;
/** The service stays for a notice that is due within this time. */
const awaitedMs = 5 * minute;
/** Undelivered notices of one webhook; older ones are dropped, dead letters first, and counted. */
const maxDeliveries = 1000;

export interface DeliveryQueue {
  add(notices: readonly Notice[]): void;
  retry(webhook: string): { deliveries: number };
  isRunning(): boolean;
  close(): Promise<void>;
}

/** Delivers one notice at a time for each webhook, in their order: while one has to wait, the later ones wait for it. */
export function deliveryQueue(
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
    .filter(({ models }) => models.length === 0 || models.some((glob) => matches(notice.model, glob)))
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
  const refusal = await deliver(webhook, bodyOf(one.notice, webhook), { id: one.id, now: ctx.now() }, closing);
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
