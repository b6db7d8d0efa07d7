import type { Time } from '../model.ts';

/** What a webhook can be told about. */
export const noticeKinds = ['promoted', 'rolled-back', 'gate-failed', 'approval-requested', 'version-damaged'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const webhookTemplates = ['json', 'slack', 'teams'] as const;
export type BuiltInTemplate = (typeof webhookTemplates)[number];
/** `own`: a template that somebody wrote, which lists do not show, as it may hold a secret. */
export type WebhookTemplate = BuiltInTemplate | 'own';

/** One thing that happened, as it is sent with the template `json`. */
export interface Notice {
  kind: NoticeKind;
  /** One sentence. */
  text: string;
  model: string;
  version: number | null;
  /** `production`, `@champion`; null if it is about no stage or alias. */
  pointer: string | null;
  /** Version before and after; null for none. */
  from: number | null;
  to: number | null;
  actor: string;
  reason: string;
  at: Time;
  /** Number of the event; null for what is no event, as a refused promotion. */
  event: number | null;
}

/** An address that is told, without its secret. */
export interface Webhook {
  id: string;
  /** In lists without the parts in which chat services keep their secret. */
  url: string;
  /** Kinds of notices; empty for all. */
  on: NoticeKind[];
  /** Globs of the models that it is told about; empty for all. */
  models: string[];
  template: WebhookTemplate;
  /** True if only certificates of a given authority are accepted, instead of those that Node.js knows. */
  hasAuthority: boolean;
  /** True if the address may be in a private range, on this machine, and without encryption there. */
  allowPrivate: boolean;
  createdAt: Time;
  /** Number of undelivered notices that were dropped, because there were too many; absent for none. */
  dropped?: number;
}

/** A notice that has not been delivered. */
export interface Delivery {
  id: string;
  webhook: string;
  notice: Notice;
  attempts: number;
  /** Time of the next attempt; null for a dead letter, which is tried again only on request. */
  nextAt: Time | null;
  /** Why the last attempt failed; null before the first. */
  problem: string | null;
}

/** What a webhook is told, and in which form. */
export interface WebhookChoices {
  on?: NoticeKind[] | undefined;
  models?: string[] | undefined;
  template?: BuiltInTemplate | undefined;
  /** A template of one's own, instead of `template`: a JSON object in whose texts `{model}` and the like stand for fields of the notice. */
  body?: string | undefined;
  /** Certificates of the authority that the receiver's one comes from, as PEM; null for those that Node.js knows. */
  ca?: string | null | undefined;
}

export interface WebhookRequest extends WebhookChoices {
  url: string;
  allowPrivate?: boolean | undefined;
}

/** What is absent stays as it is. */
export interface WebhookChange extends WebhookChoices {
  id: string;
  url?: string | undefined;
}

/** Routes about webhooks, as in `Routes`. */
export interface WebhookRoutes {
  /** `deliveries`: what is not delivered yet, dead letters included. */
  'GET /webhooks': [Record<never, never>, { webhooks: Webhook[]; deliveries: Delivery[] }];
  /** Creates a webhook. Its secret is returned here and nowhere else. */
  'POST /webhooks': [WebhookRequest, Webhook & { secret: string }];
  /** Changes a webhook. Its secret stays. */
  'POST /webhooks/change': [WebhookChange, Webhook];
  'POST /webhooks/remove': [{ id: string }, { removed: boolean }];
  /** Sends a notice now and reports how it went; `problem` is null if it was taken. */
  'POST /webhooks/test': [{ id: string }, { problem: string | null }];
  /** Sends all dead letters of a webhook again. */
  'POST /webhooks/retry': [{ id: string }, { deliveries: number }];
}
