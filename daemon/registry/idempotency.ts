import type { Caller, Context } from '../context.ts';
import { replyTo } from '../db/idempotency.ts';
import type { Database } from '../db/database.ts';
import { RegistryError } from '../errors.ts';

type Idempotency = NonNullable<Caller['idempotency']>;

/** Returns the reply that was given to an earlier request with this key; undefined for none. Throws `conflict` if that was another request. */
export function replyFor(db: Database, { key, request }: Idempotency): { reply: unknown } | undefined {
  const known = replyTo(db, key);
  if (!known) return undefined;
  if (known.request.equals(request)) return { reply: JSON.parse(known.reply) as unknown };
  const text = 'This Idempotency-Key was used for another request. Use a new key for each request.';
  throw new RegistryError('conflict', text);
}

/** Answers each request only once. `act` must not have committed anything before. */
export type AnswerOnce = <T>(caller: Caller, act: () => T | Promise<T>) => Promise<T>;

/**
 * Looks up a request's key before anything is decided, so that a repeated request gets the first reply in any case. Of two
 * simultaneous ones, the second waits for the first. Refusals are not stored, as nothing was done.
 */
export function answersOnce(ctx: Context): AnswerOnce {
  const running = new Map<string, Promise<unknown>>();
  return async <T>(caller: Caller, act: () => T | Promise<T>): Promise<T> => {
    const { idempotency } = caller;
    if (!idempotency) return act();
    for (let other = running.get(idempotency.key); other; other = running.get(idempotency.key))
      await other.catch(() => undefined);
    const known = replyFor(ctx.db, idempotency);
    if (known) return known.reply as T;
    const answer = Promise.resolve().then(act);
    running.set(idempotency.key, answer);
    try {
      return await answer;
    } finally {
      running.delete(idempotency.key);
    }
  };
}

/**
 * Stores the reply of a request that commits more than once, or whose reply is not what it commits, after all of it is done. If
 * the service ends before that, a repetition runs it again; so use it only for requests that may run twice.
 */
export async function keepAnswer<T>(ctx: Context, caller: Caller, act: (caller: Caller) => Promise<T>): Promise<T> {
  const { idempotency, ...inner } = caller;
  const answer = await act(inner);
  if (!idempotency) return answer;
  const { actor } = caller;
  return ctx.commit({ actor, idempotency }, () => ({ events: [], result: () => answer }));
}
