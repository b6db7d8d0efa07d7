import type { Caller, Context } from '../context.ts';
import { pointersOf, type ModelRow } from '../db/models.ts';
import { versionOf, type VersionRow } from '../db/versions.ts';
import { RegistryError } from '../errors.ts';
import type { NewEvent } from '../protocol/events.ts';
import type { Receipt } from '../protocol/routes.ts';
import { findModel, findVersion, labelOf, usable } from './resolve.ts';

/** Pointers that a version is under; a held version cannot be archived, deleted or swept. */
export function heldBy(ctx: Context, version: VersionRow): string[] {
  return pointersOf(ctx.db, version.model)
    .filter((pointer) => pointer.holder === version.number)
    .map((pointer) => (pointer.kind === 'alias' ? `@${pointer.name}` : pointer.name));
}

/** Throws `held` with what to do. */
export function assertNotHeld(ctx: Context, version: VersionRow, act: string): void {
  const held = heldBy(ctx, version);
  if (held.length === 0) return;
  const label = labelOf(ctx, version);
  const text = `${label} is held by ${held.join(' and ')} and cannot be ${act}; promote another version or roll back first`;
  throw new RegistryError('held', text, { held });
}

/** Moves a version that nothing holds to `archived` or `development`, stages that hold many. */
export async function moveToOpenStage(
  ctx: Context,
  caller: Caller,
  model: ModelRow,
  version: VersionRow,
  stage: string,
  reason: string,
): Promise<Receipt> {
  return ctx.commit(caller, () => {
    const now = usable(ctx, versionOf(ctx.db, model.id, version.number) ?? version);
    assertNotHeld(ctx, now, stage === 'archived' ? 'archived' : `moved to ${stage}`);
    const body = { model: model.id, number: now.number, stage, before: now.stage, reason, undoes: null };
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
        gates: [],
      }),
    };
  });
}

/** Archives a version that nothing holds. */
export async function archive(
  ctx: Context,
  caller: Caller,
  modelName: string,
  version: string,
  reason: string,
): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  return moveToOpenStage(ctx, caller, model, usable(ctx, findVersion(ctx, model, version)), 'archived', reason);
}

/** Brings an archived version back to `development`. */
export async function restore(
  ctx: Context,
  caller: Caller,
  modelName: string,
  version: string,
  reason: string,
): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  const row = usable(ctx, findVersion(ctx, model, version));
  if (row.stage !== 'archived')
    throw new RegistryError('conflict', `${labelOf(ctx, row)} is not archived; it is in ${row.stage}`);
  return moveToOpenStage(ctx, caller, model, row, 'development', reason);
}
