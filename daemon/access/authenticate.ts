import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Context } from '../context.ts';
import { RegistryError } from '../errors.ts';
import type { Rights } from '../protocol/token.ts';
import { localRights, rightsOf, rightsOfId } from './tokens.ts';

/** Returns the rights of a token; undefined for an invalid one. */
export type Identify = (token: string) => Rights | undefined;

/**
 * Creates the authentication. `own`: token of the service's user, with all rights. A page has the rights of the user who opened
 * it, for as long as that user has them.
 */
export function identities(ctx: Context, own: string, whosePage: (token: string) => Rights | undefined): Identify {
  return (given) => {
    if (equal(given, own)) return localRights;
    const opener = whosePage(given);
    if (!opener) return rightsOf(ctx, given);
    return opener.token === null ? opener : rightsOfId(ctx, opener.token);
  };
}

/** Rights of the token for MLflow's clients. */
export const mlflowRights: Rights = { ...localRights, role: 'contributor' };

export function equal(given: string, token: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Rights by request, from the guard to the routes. */
export interface RequestRights {
  set(request: IncomingMessage, rights: Rights | null): void;
  /** Returns the rights. Throws `unauthorized` for a request without a token. */
  of(request: IncomingMessage): Rights;
}

export function requestRights(): RequestRights {
  const known = new WeakMap<IncomingMessage, Rights>();
  return {
    set: (request, rights) => void (rights && known.set(request, rights)),
    of: (request) => {
      const rights = known.get(request);
      if (rights) return rights;
      throw new RegistryError('unauthorized', 'Authentication required.');
    },
  };
}

/** Returns the token of a request. Throws `unauthorized` without one. */
export function presentedToken(request: IncomingMessage): string {
  const given = presented(request.headers.authorization);
  if (given !== undefined) return given;
  throw tokenNeeded();
}

export function tokenNeeded(): RegistryError {
  const text = 'Authentication required. Clients on this machine read the token from daemon.json in the data folder.';
  return new RegistryError('unauthorized', text);
}

/** Returns the token in a Bearer header, or a Basic one with any user; undefined for none. */
function presented(header: string | undefined): string | undefined {
  const bearer = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(header ?? '');
  if (bearer) return bearer[1];
  const basic = /^Basic ([A-Za-z0-9+/=]{1,400})$/i.exec(header ?? '');
  if (!basic?.[1]) return undefined;
  const pair = Buffer.from(basic[1], 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}
