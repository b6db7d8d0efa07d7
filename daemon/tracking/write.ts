import type { Context } from '../context.ts';

/**
 * Runs `act` in the next transaction of the registry's one writer and resolves after COMMIT: tracking's rows share its
 * durability, and its fsync, but are in no event. What `act` throws takes back only its own rows.
 */
export function write<T>(ctx: Context, act: () => T): Promise<T> {
  return ctx.commit({ actor: 'tracking' }, () => {
    const value = act();
    return { events: [], result: () => value };
  });
}
