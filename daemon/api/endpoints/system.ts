import * as z from 'zod';
import { RegistryError } from '../../errors.ts';
import { protocolVersion, type ProgramVersion } from '../../protocol/handshake.ts';
import { nonceForm } from '../../protocol/proof.ts';
import type { SystemRoutes } from '../../protocol/routes/system.ts';
import { auditPage, logPage } from '../../registry/history.ts';
import { verifyRegistry } from '../../registry/verify/verify.ts';
import { mlflowVersion } from '../mlflow/models/mlmodel.ts';
import { checkCursor } from '../page-cursor.ts';
import type { Exchange, RawRows, RouteRows } from '../route.ts';
import { nothing, page, text, time } from '../schema.ts';
import type { Service } from '../service.ts';

const logHead = z.strictObject({ seq: z.number().int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) });

export const system = {
  'GET /status': {
    role: 'viewer',
    schema: nothing,
    touches: 'nothing',
    handler: (service) => service.status(),
  },
  'GET /log': {
    role: 'viewer',
    schema: page,
    touches: 'nothing',
    handler: ({ ctx }, request) => logPage(ctx, request),
  },
  'GET /audit': {
    role: 'viewer',
    schema: page.extend({
      model: text.optional(),
      actor: text.optional(),
      action: text.optional(),
      from: time,
      to: time,
    }),
    touches: 'nothing',
    handler: ({ ctx }, { cursor, limit, ...filter }) => auditPage(ctx, filter, { cursor: checkCursor(cursor), limit }),
  },
  'POST /verify': {
    role: 'contributor',
    schema: z.strictObject({
      model: text.optional(),
      version: text.optional(),
      heads: z.array(logHead).max(1000).optional(),
    }),
    touches: ({ model }) => (model === undefined ? 'everything' : { models: [model] }),
    handler: ({ ctx }, { model, version, heads }, { gone }) =>
      verifyRegistry(ctx, model === undefined ? undefined : { model, version }, { heads, gone }),
  },
  'POST /backup': {
    role: 'admin',
    schema: nothing,
    touches: 'everything',
    handler: (service) => service.backup(),
  },
  'POST /stop': {
    role: 'admin',
    schema: z.strictObject({ unlessInUse: z.boolean().optional() }),
    touches: 'everything',
    handler: (service, { unlessInUse }) => {
      const stopping = unlessInUse !== true || service.clients() === 0;
      if (stopping) service.stop();
      return { stopping };
    },
  },
} satisfies RouteRows<SystemRoutes>;

export const self = {
  'GET /health': {
    role: 'open',
    touches: 'nothing',
    handler: (_service, { response }) => void response.type('text/plain').send('OK'),
  },
  /** Reveals nothing to a client without the key. */
  'GET /proof': { role: 'open', touches: 'nothing', handler: sendProof },
  'GET /version': { role: 'open', touches: 'nothing', handler: (_service, exchange) => sendVersion(exchange) },
  'GET /openapi.json': {
    role: 'viewer',
    touches: 'nothing',
    handler: (_service, { response, openapi }) => void response.json(openapi()),
  },
} satisfies RawRows;

function sendProof(service: Service, { request, response }: Exchange): void {
  const { nonce } = request.query;
  if (typeof nonce !== 'string' || !nonceForm.test(nonce))
    throw new RegistryError('invalid-request', 'A nonce has 22 to 64 letters, digits, - and _.');
  response.type('text/plain').send(service.prove(nonce, request.socket.localPort ?? 0));
}

/** Sends MLflow's version as text, for its clients; with `accept: application/json`, both versions. */
function sendVersion({ request, response, version }: Exchange): void {
  if (request.get('accept')?.includes('json') === true)
    response.json({ version, mlflow: mlflowVersion, protocol: protocolVersion } satisfies ProgramVersion);
  else response.type('text/plain').send(mlflowVersion);
}
