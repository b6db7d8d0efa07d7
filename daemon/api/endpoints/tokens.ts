import { listTokens, makeToken, revokeToken } from '../../access/tokens.ts';
import * as schema from '../schema.ts';
import type { Endpoints } from '../service.ts';

export type TokenRoute = 'GET /tokens' | 'POST /tokens' | 'POST /tokens/revoke';

/** Tokens of further people and programs. */
export const tokenRoutes: Endpoints<TokenRoute> = {
  'GET /tokens': { schema: schema.none, run: ({ ctx }) => ({ tokens: listTokens(ctx) }) },
  'POST /tokens': {
    schema: schema.token,
    run: ({ ctx }, { models = [], pointers = [], ...asked }, caller) =>
      makeToken(ctx, caller, { ...asked, models, pointers }),
  },
  'POST /tokens/revoke': { schema: schema.id, run: ({ ctx }, { id }, caller) => revokeToken(ctx, caller, id) },
};
