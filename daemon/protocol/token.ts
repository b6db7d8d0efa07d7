import type { Time } from './model.ts';

/** Roles. Each has the rights of those before it. */
export const roles = ['viewer', 'contributor', 'approver', 'admin'] as const;
export type Role = (typeof roles)[number];

/** A token in lists, without the secret itself. */
export interface TokenInfo {
  id: string;
  owner: string;
  role: Role;
  /** Globs of model names; empty for all. */
  models: string[];
  /** Globs of `production`, `@champion`; empty for all. */
  pointers: string[];
  createdAt: Time;
  /** Null if it does not expire. */
  until: Time | null;
  revokedAt: Time | null;
}

/** Owner and rights of a token. */
export interface Rights extends Pick<TokenInfo, 'owner' | 'role' | 'models' | 'pointers'> {
  /** Null for the local user, whom the operating system authenticates. */
  token: string | null;
}
