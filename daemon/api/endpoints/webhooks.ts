import * as z from 'zod';
import type { WebhookRoutes } from '../../protocol/routes/webhooks.ts';
import { noticeKinds, webhookTemplates } from '../../protocol/routes/webhooks.ts';
import type { RouteRows } from '../route.ts';
import { nothing, text } from '../schema.ts';

const ofWebhook = z.strictObject({ id: text });
const address = z.string().max(2000);
const choices = {
  on: z.array(z.enum(noticeKinds)).max(20).optional(),
  models: z.array(z.string().min(1).max(200)).max(50).optional(),
  template: z.enum(webhookTemplates).optional(),
  body: z.string().max(20_000).optional(),
  ca: z.string().max(100_000).nullable().optional(),
};

export const webhooks = {
  'GET /webhooks': {
    role: 'admin',
    schema: nothing,
    touches: 'everything',
    handler: ({ webhooks: all }) => all.list(),
  },
  'POST /webhooks': {
    role: 'admin',
    schema: z.strictObject({ url: address, allowPrivate: z.boolean().optional(), ...choices }),
    touches: 'everything',
    handler: ({ webhooks: all }, wanted, caller) => all.add(caller, wanted),
  },
  'POST /webhooks/change': {
    role: 'admin',
    schema: z.strictObject({ id: text, url: address.optional(), ...choices }),
    touches: 'everything',
    handler: ({ webhooks: all }, wanted, caller) => all.change(caller, wanted),
  },
  'POST /webhooks/remove': {
    role: 'admin',
    schema: ofWebhook,
    touches: 'everything',
    handler: ({ webhooks: all }, { id }, caller) => all.remove(caller, id),
  },
  'POST /webhooks/test': {
    role: 'admin',
    schema: ofWebhook,
    touches: 'everything',
    handler: ({ webhooks: all }, { id }) => all.test(id),
  },
  'POST /webhooks/retry': {
    role: 'admin',
    schema: ofWebhook,
    touches: 'everything',
    handler: ({ webhooks: all }, { id }) => all.retry(id),
  },
} satisfies RouteRows<WebhookRoutes>;
