import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Caller, Context } from '../context.ts';
import { currentUser } from '../runtime/current-user.ts';
import { tokenByHash, tokensOf } from '../db/policy/tokens.ts';
import { RegistryError } from '../errors.ts';
import type { Rights, Role, TokenInfo } from '../protocol/token.ts';
import type { Changed } from '../protocol/shapes.ts';

const dayMs = 86_400_000;
/** Prefix of tokens, by which secret scanners recognise them. */
const prefix = 'plinth_';

export interface NewToken {
  owner: string;
  role: Role;
  models: string[];
  pointers: string[];
  days?: number | undefined;
  /** True if the owner has a token already and is the same person. */
  again?: boolean | undefined;
}

/**
 * Creates a token. Its secret is returned once; only its SHA-256 is stored. Throws `conflict` for a known owner unless `again`,
 * as two people of one name would count as one.
 */
export async function makeToken(
  ctx: Context,
  caller: Caller,
  asked: NewToken,
): Promise<Changed & { id: string; token: string }> {
  const owner = asked.owner.normalize('NFC').trim();
  if (!/^[^\p{Cc}/]{1,100}$/u.test(owner))
    throw new RegistryError(
      'invalid-request',
      `${JSON.stringify(owner)} is not a valid owner. A name has 1 to 100 characters and no slash.`,
    );
  const token = prefix + randomBytes(32).toString('base64url');
  const id = randomUUID().slice(0, 8);
  const until = asked.days === undefined ? null : ctx.now() + asked.days * dayMs;
  const { role, models, pointers } = asked;
  const { actor } = caller;
  return ctx.commit({ actor }, () => {
    const known = spellingOf(ctx, owner);
    if (asked.again !== true && known !== undefined) {
      const text = `${owner} already has a token. For another token of the same person, add --again; else choose another name.`;
      throw new RegistryError('conflict', text);
    }
    const body = { id, owner: known ?? owner, role, models, pointers, hash: hashOf(token), until };
    return {
      events: [{ type: 'token.made/1', body }],
      result: ([made]) => ({ id, token, seq: made!.seq, hash: made!.hash }),
    };
  });
}

/** Returns the existing spelling of an owner's name, compared without case; undefined for a new one. */
function spellingOf(ctx: Context, owner: string): string | undefined {
  const names = [currentUser(), ...tokensOf(ctx.db).flatMap((one) => (one.revokedAt === null ? one.owner : []))];
  return names.find((name) => name.toLowerCase() === owner.toLowerCase());
}

/** Revokes a token. Throws `not-found`. */
export async function revokeToken(ctx: Context, caller: Caller, id: string): Promise<Changed> {
  return ctx.commit(caller, () => {
    const token = tokensOf(ctx.db).find((one) => one.id === id);
    if (!token)
      throw new RegistryError('not-found', `There is no token ${id}. List the tokens with: plinth token list`);
    if (token.revokedAt !== null) throw new RegistryError('conflict', `Token ${id} is already revoked.`);
    return {
      events: [{ type: 'token.revoked/1', body: { id } }],
      result: ([made]) => ({ seq: made!.seq, hash: made!.hash }),
    };
  });
}

export function listTokens(ctx: Context): TokenInfo[] {
  return tokensOf(ctx.db);
}

/** Returns the rights of a token; undefined for an unknown, revoked or expired one. */
export function rightsOf(ctx: Context, token: string): Rights | undefined {
  if (!token.startsWith(prefix)) return undefined;
  return live(ctx, tokenByHash(ctx.db, hashOf(token)));
}

/** Returns the rights of a token by its id; undefined for a revoked or expired one. */
export function rightsOfId(ctx: Context, id: string): Rights | undefined {
  return live(
    ctx,
    tokensOf(ctx.db).find((one) => one.id === id),
  );
}

function live(ctx: Context, found: TokenInfo | undefined): Rights | undefined {
  if (!found || found.revokedAt !== null) return undefined;
  if (isPast(ctx, found)) return undefined;
  const { id, owner, role, models, pointers } = found;
  return { token: id, owner, role, models, pointers };
}

/** True for an expired token, by the system's clock: the log's clock may have been ahead once, and would end valid tokens. */
function isPast(ctx: Context, { until }: TokenInfo): boolean {
  return until !== null && until <= ctx.now();
}

/**
 * Revokes tokens that were expired at the last check (`before`) and still are, so that a clock set back does not revive them.
 * Returns the tokens that are newly expired. A clock that is ahead only between two checks ends no token.
 */
export async function revokeExpired(ctx: Context, before: ReadonlySet<string>): Promise<Set<string>> {
  const isExpired = (one: TokenInfo): boolean => one.revokedAt === null && isPast(ctx, one);
  const expired = tokensOf(ctx.db).filter(isExpired);
  if (expired.some(({ id }) => before.has(id))) {
    await ctx.commit({ actor: 'expiry' }, () => {
      const over = tokensOf(ctx.db).filter((one) => isExpired(one) && before.has(one.id));
      return {
        events: over.map(({ id }) => ({ type: 'token.revoked/1' as const, body: { id } })),
        result: () => null,
      };
    });
  }
  return new Set(expired.flatMap(({ id }) => (before.has(id) ? [] : [id])));
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Rights of the user that the service runs for. The operating system authenticates whoever can read the token's file. */
export const localRights: Rights = { token: null, owner: currentUser(), role: 'admin', models: [], pointers: [] };
