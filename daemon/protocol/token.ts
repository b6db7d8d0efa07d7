import type { Time } from './model.ts';

/** What somebody may do, each role all that the ones before it may. */
export const roles = ['viewer', 'contributor', 'approver', 'admin'] as const;
export type Role = (typeof roles)[number];

/** A token as it is listed: never the token itself. */
export interface TokenInfo {
  id: string;
  owner: string;
  role: Role;
  /** Globs of model names; empty for all. */
  models: string[];
  /** Globs of `production`, `@champion`; empty for all. */
  pointers: string[];
  createdAt: Time;
  /** Null where it does not expire. */
  until: Time | null;
  revokedAt: Time | null;
}

/** Who a token speaks for and what it may do. */
export interface Rights extends Pick<TokenInfo, 'owner' | 'role' | 'models' | 'pointers'> {
  /** Null of the local user, whom the operating system vouches for. */
  token: string | null;
}
