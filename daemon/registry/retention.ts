import type { Caller, Context } from '../context.ts';
import { modelsBefore, pointersOf, type ModelRow } from '../db/models.ts';
import { openRequests } from '../db/policy/approvals.ts';
import { versionsBefore, type VersionRow } from '../db/versions.ts';
import { RegistryError } from '../errors.ts';
import type { Retention } from '../policy/model-schema.ts';
import type { NewEvent } from '../protocol/events.ts';
import type { LetGo } from '../protocol/policy.ts';
import type { Changed } from '../protocol/shapes.ts';
import { undoWindowMs } from './versions/edit.ts';
import { policyOf } from '../policy/policy.ts';
import { findModel } from './versions/resolve.ts';

const dayMs = 86_400_000;

interface Candidate extends LetGo {
  row: VersionRow;
}

/** Returns the versions that the retention rules of all models, or of `only`, propose to archive or delete. Changes nothing. */
export function versionsToRemove(ctx: Context, only?: string): LetGo[] {
  return candidates(ctx, only).map(({ row: _row, ...candidate }) => candidate);
}

/**
 * Archives or deletes versions (`model@number`) as their rules propose, by ordinary events that can be undone. Throws `conflict`
 * and changes nothing if a rule does not propose one of them (any more).
 */
export async function removeVersions(
  ctx: Context,
  caller: Caller,
  versions: readonly string[],
  reason: string,
): Promise<Changed & { done: LetGo[] }> {
  const until = ctx.now() + undoWindowMs;
  return ctx.commit(caller, () => {
    const proposed = new Map(candidates(ctx).map((one) => [`${one.model}@${one.number}`, one]));
    const chosen = [...new Set(versions)].map((version) => {
      const found = proposed.get(version);
      if (found) return found;
      throw new RegistryError(
        'conflict',
        `The retention rules do not propose ${version} any more. Check again with: plinth clean-up`,
      );
    });
    return {
      events: chosen.map((one) => eventOf(one, reason === '' ? `retention: ${one.reason}` : reason, until)),
      result: (made) => ({
        done: chosen.map(({ row: _row, ...candidate }) => candidate),
        seq: made.at(-1)?.seq ?? 0,
        hash: made.at(-1)?.hash ?? '',
      }),
    };
  });
}

function eventOf({ act, row }: Candidate, reason: string, until: number): NewEvent {
  const { model, number, stage } = row;
  if (act === 'delete') return { type: 'version.deleted/1', body: { model, number, until, reason } };
  return {
    type: 'version.staged/1',
    body: { model, number, stage: 'archived', before: stage, reason, undoes: null },
  };
}

function candidates(ctx: Context, only?: string): Candidate[] {
  const models = only === undefined ? modelsBefore(ctx.db, Number.MAX_SAFE_INTEGER, 100_000) : [findModel(ctx, only)];
  const asked = openRequests(ctx.db, ctx.now());
  return models.flatMap((model) => {
    const retention = policyOf(ctx, model).rule?.retention;
    if (!retention) return [];
    const open = asked.filter((one) => one.model === model.id).map(({ number }) => number);
    return ofModel(ctx, model, retention, new Set([...open, ...versionsToKeep(ctx, model)]));
  });
}

/** Returns the versions on a pointer, and those that a rollback would restore. */
function versionsToKeep(ctx: Context, model: ModelRow): number[] {
  return pointersOf(ctx.db, model.id).flatMap(({ holder, previous }) =>
    [holder, previous.at(-1)].filter((number) => typeof number === 'number'),
  );
}

function ofModel(
  ctx: Context,
  model: ModelRow,
  { keep, days, act }: Retention,
  kept: ReadonlySet<number>,
): Candidate[] {
  const rows = versionsBefore(ctx.db, model.id, Number.MAX_SAFE_INTEGER, 100_000);
  return rows.flatMap((row, index): Candidate[] => {
    const age = Math.floor((ctx.now() - row.createdAt) / dayMs);
    if ((keep !== undefined && index < keep) || (days !== undefined && age <= days)) return [];
    if (kept.has(row.number) || row.state !== 'ready' || !['development', 'archived'].includes(row.stage)) return [];
    if (ctx.now() - row.updatedAt < undoWindowMs || (act === 'archive' && row.stage === 'archived')) return [];
    const reasons = [
      keep === undefined ? [] : `not among the newest ${keep}`,
      days === undefined ? [] : `${age} days old, kept for ${days}`,
    ].flat();
    return [{ model: model.name, number: row.number, act, reason: reasons.join(', '), size: row.body.size, row }];
  });
}
