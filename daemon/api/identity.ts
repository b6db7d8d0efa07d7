import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Context } from '../context.ts';
import { RegistryError } from '../errors.ts';
import type { Rights } from '../protocol/rules.ts';
import { localRights, rightsOf, rightsOfId } from '../registry/tokens.ts';

/** What a presented token gives; undefined where it is of no use. */
export type Identify = (token: string) => Rights | undefined;

/**
 * `own` is the token of the user that the daemon runs for: it gives every right. A page has the rights of whoever opened it,
 * for as long as they have them.
 */
export function identities(ctx: Context, own: string, whosePage: (token: string) => Rights | undefined): Identify {
  return (given) => {
    if (equal(given, own)) return localRights;
    const opener = whosePage(given);
    if (!opener) return rightsOf(ctx, given);
    return opener.token === null ? opener : rightsOfId(ctx, opener.token);
  };
}

/** What MLflow's clients may do with the token that is made for them. */
export const mlflowRights: Rights = { ...localRights, role: 'contributor' };

export function equal(given: string, token: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Rights by request, from the guard to the routes. */
export interface RequestRights {
  set(request: IncomingMessage, rights: Rights | null): void;
  /** Throws `unauthorized` for a request that came in without a token. */
  of(request: IncomingMessage): Rights;
}

export function requestRights(): RequestRights {
  const known = new WeakMap<IncomingMessage, Rights>();
  return {
    set: (request, rights) => void (rights && known.set(request, rights)),
    of: (request) => {
      const rights = known.get(request);
      if (rights) return rights;
      throw new RegistryError('unauthorized', 'a token is needed');
    },
  };
}
