import type { Caller, Context } from '../../context.ts';
import { pointersOf, type ModelRow } from '../../db/models.ts';
import { versionOf, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { NewEvent, TransitionBody } from '../../protocol/events.ts';
import type { Receipt } from '../../protocol/routes/pointers.ts';
import { assertMayLeave } from '../../access/token-scope.ts';
import { clear } from './pointer.ts';
import { findModel, findVersion, labelOf, requireUsable } from '../versions/resolve.ts';
import { receiptOf, type MoveDecision } from './transition.ts';
import { pointerText } from '../../shared/event-text.ts';

/** Returns the pointers to a version. Such a version cannot be archived, deleted or swept. */
export function heldBy(ctx: Context, version: VersionRow): string[] {
  return pointersOf(ctx.db, version.model)
    .filter((pointer) => pointer.holder === version.number)
    .map(pointerText);
}

/** Throws `held`, with a remedy, if a pointer leads to the version. */
export function assertNotHeld(ctx: Context, version: VersionRow, act: string): void {
  const held = heldBy(ctx, version);
  if (held.length === 0) return;
  const label = labelOf(ctx, version);
  const text = `${label} is the current version of ${held.join(' and ')} and cannot be ${act}. Promote another version or roll back first.`;
  throw new RegistryError('held', text, { held });
}

/** Moves a version without pointers to `archived` or `development`, which many versions can have. */
export async function moveToOpenStage(
  ctx: Context,
  caller: Caller,
  model: ModelRow,
  version: VersionRow,
  stage: string,
  reason: string,
  decide?: () => MoveDecision,
): Promise<Receipt> {
  return ctx.commit(caller, () => {
    const now = requireUsable(ctx, versionOf(ctx.db, model.id, version.number) ?? version);
    assertNotHeld(ctx, now, stage === 'archived' ? 'archived' : `moved to ${stage}`);
    const decision = now.stage === stage ? undefined : decide?.();
    const kept = decision ? { gates: decision.gates, policy: decision.policy?.digest ?? null } : {};
    const body = { model: model.id, number: now.number, stage, before: now.stage, reason, ...kept, undoes: null };
    const events: NewEvent[] = now.stage === stage ? [] : [{ type: 'version.staged/1', body }];
    return {
      events,
      result: (committed) => ({
        changed: events.length > 0,
        seq: committed[0]?.seq ?? now.seq,
        hash: committed[0]?.hash ?? '',
        at: committed[0]?.at ?? now.createdAt,
        actor: caller.actor,
        model: model.name,
        kind: 'stage',
        name: stage,
        cause: 'promote',
        from: null,
        to: now.number,
        reason,
        gates: decision?.gates ?? [],
        policy: decision?.policy?.digest ?? null,
        ...(decision?.bypassed === true ? { bypassed: true as const } : {}),
      }),
    };
  });
}

/**
 * Moves a version out of its exclusive stage to one that many versions can have, leaving the former empty. A rollback can restore
 * it. Throws `held` if an alias points to the version, `conflict` if it has no exclusive stage.
 */
export async function vacate(
  ctx: Context,
  caller: Caller,
  modelName: string,
  version: string,
  to: { stage: string; reason: string },
): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  return ctx.commit(caller, () => {
    const row = requireUsable(ctx, findVersion(ctx, model, version));
    const pointers = pointersOf(ctx.db, model.id).filter(({ holder }) => holder === row.number);
    if (pointers.some(({ kind }) => kind === 'alias')) assertNotHeld(ctx, row, `moved to ${to.stage}`);
    const pointer = pointers.find(({ kind }) => kind === 'stage');
    assertMayLeave(ctx, caller, model, row.number, { kind: 'stage', name: to.stage });
    if (!pointer)
      throw new RegistryError(
        'conflict',
        `${labelOf(ctx, row)} is not the current version of a stage; it is in ${row.stage}.`,
      );
    const body: TransitionBody = {
      model: model.id,
      kind: 'stage',
      name: pointer.name,
      cause: 'vacate',
      reason: to.reason,
      before: { holder: pointer.holder, previous: pointer.previous, stages: [[row.number, row.stage]] },
      after: { ...clear(pointer), stages: [[row.number, to.stage]] },
      gates: [],
      evidence: [],
      policy: null,
      undoes: null,
    };
    return {
      events: [{ type: 'pointer.moved/1', body }],
      result: (committed) => receiptOf(model, committed[0]!),
    };
  });
}

/** Sets stages as if none were exclusive, for strict MLflow mode. */
export async function stageFreely(
  ctx: Context,
  caller: Caller,
  model: ModelRow,
  moves: readonly { number: number; stage: string }[],
): Promise<void> {
  await ctx.commit(caller, () => {
    const events = moves.flatMap(({ number, stage }): NewEvent[] => {
      const now = versionOf(ctx.db, model.id, number);
      if (!now) return [];
      const body = { model: model.id, number, stage, before: now.stage, reason: '', undoes: null };
      return [{ type: 'version.staged/1', body }];
    });
    return { events, result: () => null };
  });
}

/** Archives a version without pointers. */
export async function archive(
  ctx: Context,
  caller: Caller,
  modelName: string,
  version: string,
  reason: string,
): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  return moveToOpenStage(ctx, caller, model, requireUsable(ctx, findVersion(ctx, model, version)), 'archived', reason);
}

/** Returns an archived version to `development`. */
export async function restore(
  ctx: Context,
  caller: Caller,
  modelName: string,
  version: string,
  reason: string,
): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  const row = requireUsable(ctx, findVersion(ctx, model, version));
  if (row.stage !== 'archived')
    throw new RegistryError('conflict', `${labelOf(ctx, row)} is not archived; it is in ${row.stage}.`);
  return moveToOpenStage(ctx, caller, model, row, 'development', reason);
}
