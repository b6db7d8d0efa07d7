import { randomBytes } from 'node:crypto';
import type { Caller } from '../context.ts';
import { RegistryError } from '../errors.ts';
import type { WebhookChange, WebhookChoices, WebhookRequest } from '../protocol/routes/webhooks.ts';
import { checkWebhookUrl } from './address.ts';
import { certificatesIn } from './authority.ts';
import { checkTemplate } from './own-template.ts';
import type { StoredWebhook } from './store.ts';

/** Makes a webhook of what a person asks for. Throws `invalid-request`, and `forbidden` for what only the local user may allow. */
export function newWebhook(caller: Caller, wanted: WebhookRequest, now: number): StoredWebhook {
  const { url, allowPrivate = false } = wanted;
  if (allowPrivate) assertLocal(caller, 'Only the local user can allow addresses in a private range.');
  const made = {
    id: randomBytes(4).toString('hex'),
    url: checkWebhookUrl(url, allowPrivate),
    on: [],
    models: [],
    template: 'json' as const,
    allowPrivate,
    hasAuthority: false,
    createdAt: now,
    secret: randomBytes(24).toString('base64url'),
  };
  return withChoices(made, wanted, now);
}

/** Returns a webhook with the changes that a person asks for. Throws as `newWebhook`. */
export function changedWebhook(
  caller: Caller,
  before: StoredWebhook,
  { url, ...choices }: WebhookChange,
  now: number,
): StoredWebhook {
  // Its address, and what is sent there, are what a person on another machine must not choose.
  if (before.allowPrivate)
    assertLocal(caller, 'Only the local user can change a webhook whose address may be in a private range.');
  const address = url === undefined ? before.url : checkWebhookUrl(url, before.allowPrivate);
  return withChoices({ ...before, url: address }, choices, now);
}

function withChoices(
  before: StoredWebhook,
  { on, models, template, body, ca }: WebhookChoices,
  now: number,
): StoredWebhook {
  if (template !== undefined && body !== undefined)
    throw new RegistryError('invalid-request', 'A webhook has either a built-in template or one of your own.');
  if (body !== undefined) checkTemplate(body);
  const changed = { ...before, ...(on && { on }), ...(models && { models }) };
  return withAuthority(withTemplate(changed, template ?? (body === undefined ? undefined : 'own'), body), ca, now);
}

function withTemplate(
  webhook: StoredWebhook,
  template: StoredWebhook['template'] | undefined,
  body: string | undefined,
): StoredWebhook {
  if (template === undefined) return webhook;
  const { body: _former, ...others } = webhook;
  return { ...others, template, ...(body !== undefined && { body }) };
}

function withAuthority(webhook: StoredWebhook, ca: string | null | undefined, now: number): StoredWebhook {
  const { ca: former, ...others } = webhook;
  const pem = ca === undefined ? former : ca === null ? undefined : certificatesIn(ca, now);
  if (pem === undefined) return { ...others, hasAuthority: false };
  if (webhook.url.startsWith('http:'))
    throw new RegistryError('invalid-request', 'An authority is of use only for an address that begins with https://.');
  return { ...others, hasAuthority: true, ca: pem };
}

function assertLocal({ rights }: Caller, refusal: string): void {
  if (rights && rights.token !== null) throw new RegistryError('forbidden', refusal);
}
