import type { Role, TokenInfo } from '../token.ts';
import type { Changed } from '../shapes.ts';

interface TokenRequest {
  owner: string;
  role: Role;
  /** Globs; absent for all. */
  models?: string[] | undefined;
  pointers?: string[] | undefined;
  days?: number | undefined;
  /** True if the owner has a token already and is the same person. */
  again?: boolean | undefined;
}

/** Routes about tokens, as in `Routes`. */
export interface TokenRoutes {
  'GET /tokens': [Record<never, never>, { tokens: TokenInfo[] }];
  /** Creates a token. Its secret is returned here and nowhere else. */
  'POST /tokens': [TokenRequest, Changed & { id: string; token: string }];
  'POST /tokens/revoke': [{ id: string }, Changed];
  /** The token for MLflow's clients, valid only for MLflow's routes. */
  'GET /mlflow': [Record<never, never>, { token: string }];
  /** Replaces that token; the old one becomes invalid. */
  'POST /mlflow/renew': [Record<never, never>, { token: string }];
}
