import type { Role, TokenInfo } from '../token.ts';
import type { Changed } from '../shapes.ts';

interface TokenRequest {
  owner: string;
  role: Role;
  /** Globs; none for all. */
  models?: string[] | undefined;
  pointers?: string[] | undefined;
  days?: number | undefined;
  /** The owner has a token already, and this is the same person. */
  again?: boolean | undefined;
}

/** Routes about tokens, as in `Routes`. */
export interface TokenRoutes {
  'GET /tokens': [Record<never, never>, { tokens: TokenInfo[] }];
  /** The token is told here and nowhere else. */
  'POST /tokens': [TokenRequest, Changed & { id: string; token: string }];
  'POST /tokens/revoke': [{ id: string }, Changed];
  /** The token that MLflow's clients use; it opens nothing but MLflow's routes. */
  'GET /mlflow': [Record<never, never>, { token: string }];
  /** Makes another one; the old token is of no use from then on. */
  'POST /mlflow/renew': [Record<never, never>, { token: string }];
}
