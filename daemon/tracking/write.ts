import type { Context } from '../context.ts';

/**
 * Runs `act` in the next transaction of the registry's writer and resolves after COMMIT. Tracking rows share its durability and
 * its fsync, but are in no event. An error of `act` rolls back only its own rows.
 */
export function write<T>(ctx: Context, act: () => T): Promise<T> {
  return ctx.commit({ actor: 'tracking' }, () => {
    const value = act();
    return { events: [], result: () => value };
  });
}
