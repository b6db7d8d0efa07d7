import { setImmediate } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { cardRow } from '../db/cards.ts';
import { lastReviewOf } from '../db/policy/approvals.ts';
import { modelView, modelsBefore, type ModelRow } from '../db/models.ts';
import type { ReviewedModel } from '../protocol/policy.ts';
import { missingIn } from './versions/card.ts';
import { conflictsOn } from '../policy/conflicts.ts';
import { policyOf, type Policy } from '../policy/policy.ts';
import { findModel } from './versions/resolve.ts';

const dayMs = 86_400_000;
/** Days without approval, rejection, comment or card change after which a model needs attention. */
const reviewDays = 90;

/** Returns the models without an owner, a card, an evaluation or a recent review, by name, each with its reasons; of all models, or of `only`. */
export async function modelsToReview(ctx: Context, only?: string): Promise<ReviewedModel[]> {
  const found: ReviewedModel[] = [];
  const models = only === undefined ? modelsBefore(ctx.db, Number.MAX_SAFE_INTEGER, 100_000) : [findModel(ctx, only)];
  for (const model of models) {
    await setImmediate();
    const { owner, reasons } = reviewed(ctx, model);
    if (reasons.length > 0) found.push({ model: model.name, owner, reasons });
  }
  return found.toSorted((a, b) => (a.model < b.model ? -1 : 1));
}

/** Returns the owner that the policy or the card names; null for none. */
export function ownerOf(ctx: Context, model: ModelRow): string | null {
  const row = cardRow(ctx.db, model.id);
  return ownerIn(policyOf(ctx, model), row && ctx.blobs.read(row.digest).toString('utf8'));
}

function ownerIn({ rule }: Policy, card: string | undefined): string | null {
  return rule?.owner ?? /^owner:[ \t]*(\S.*)$/m.exec(card ?? '')?.[1]?.trim() ?? null;
}

function reviewed(ctx: Context, model: ModelRow): { owner: string | null; reasons: string[] } {
  const policy = policyOf(ctx, model);
  const row = cardRow(ctx.db, model.id);
  const card = row && ctx.blobs.read(row.digest).toString('utf8');
  const owner = ownerIn(policy, card);
  const asked = policy.rule?.card ?? [];
  const missing = card === undefined ? [] : missingIn(card, asked.length > 0 ? asked : undefined);
  const { current } = modelView(ctx.db, model);
  const last = Math.max(row?.at ?? 0, lastReviewOf(ctx.db, model.id) ?? 0);
  const days = Math.floor((ctx.now() - Math.max(last, model.createdAt)) / dayMs);
  const reasons = [
    policy.problem === null ? [] : `The policy cannot be read: ${policy.problem}`,
    conflictsOn(ctx, model, policy),
    owner === null ? 'No owner. Set owner in plinth.yaml or in the model card.' : [],
    card === undefined ? 'No model card.' : [],
    missing.length === 0 ? [] : `Model card lacks: ${missing.join(', ')}.`,
    current && Object.keys(current.metrics).length === 0 ? `v${current.number} has no metrics.` : [],
    days > reviewDays ? `No review for ${days} days.` : [],
  ].flat();
  return { owner, reasons };
}
