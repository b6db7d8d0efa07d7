import * as z from 'zod';
import { RegistryError } from '../../errors.ts';
import type { WebhookRoutes } from '../../protocol/routes/webhooks.ts';
import { noticeKinds, webhookTemplates } from '../../protocol/routes/webhooks.ts';
import type { RouteRows } from '../route.ts';
import { nothing, text } from '../schema.ts';

const ofWebhook = z.strictObject({ id: text });

export const webhooks = {
  'GET /webhooks': {
    role: 'admin',
    schema: nothing,
    touches: 'everything',
    handler: ({ webhooks: all }) => all.list(),
  },
  'POST /webhooks': {
    role: 'admin',
    schema: z.strictObject({
      url: z.string().max(2000),
      on: z.array(z.enum(noticeKinds)).max(20).optional(),
      template: z.enum(webhookTemplates).optional(),
      allowPrivate: z.boolean().optional(),
    }),
    touches: 'everything',
    handler: ({ webhooks: all }, wanted, { rights }) => {
      if (wanted.allowPrivate === true && rights?.token !== null)
        throw new RegistryError('forbidden', 'Only the local user can allow addresses in a private range.');
      return all.add(wanted);
    },
  },
  'POST /webhooks/remove': {
    role: 'admin',
    schema: ofWebhook,
    touches: 'everything',
    handler: ({ webhooks: all }, { id }) => all.remove(id),
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
