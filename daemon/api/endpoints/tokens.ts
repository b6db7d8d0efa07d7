import * as z from 'zod';
import { listTokens, makeToken, revokeToken } from '../../access/tokens.ts';
import type { TokenRoutes } from '../../protocol/routes/tokens.ts';
import { roles } from '../../protocol/token.ts';
import type { RouteRows } from '../route.ts';
import { nothing, text } from '../schema.ts';

const globs = z.array(z.string().min(1).max(200)).max(50).optional();

/** Routes for tokens. They require an admin without scopes, who could otherwise create tokens with more rights than their own. */
export const tokens = {
  'GET /tokens': {
    role: 'admin',
    schema: nothing,
    touches: 'nothing',
    handler: ({ ctx }) => ({ tokens: listTokens(ctx) }),
  },
  'POST /tokens': {
    role: 'admin',
    schema: z.strictObject({
      owner: text,
      role: z.enum(roles),
      models: globs,
      pointers: globs,
      days: z.number().int().min(1).max(3650).optional(),
      again: z.boolean().optional(),
    }),
    touches: 'everything',
    handler: ({ ctx }, { models = [], pointers = [], ...asked }, caller) =>
      makeToken(ctx, caller, { ...asked, models, pointers }),
  },
  'POST /tokens/revoke': {
    role: 'admin',
    schema: z.strictObject({ id: text }),
    touches: 'everything',
    handler: ({ ctx }, { id }, caller) => revokeToken(ctx, caller, id),
  },
  /** The returned token has no scopes. */
  'GET /mlflow': {
    role: 'admin',
    schema: nothing,
    touches: 'everything',
    handler: ({ mlflow }) => ({ token: mlflow.token() }),
  },
  'POST /mlflow/renew': {
    role: 'admin',
    schema: nothing,
    touches: 'everything',
    handler: ({ mlflow }) => ({ token: mlflow.renew() }),
  },
} satisfies RouteRows<TokenRoutes>;
