import type { Caller, Context } from '../../context.ts';
import { formerNames, modelById, modelByName, pointersOf, tagsOfModel, type ModelRow } from '../../db/models.ts';
import { versionOf, versionsBefore, type VersionRow } from '../../db/versions.ts';
import { assertMayClear, assertMayDelete } from '../../access/token-scope.ts';
import { RegistryError } from '../../errors.ts';
import type { EventBodies, MergeBody, NewEvent } from '../../protocol/events.ts';
import { isPrompt } from '../../protocol/prompt.ts';
import type { Merged } from '../../protocol/routes/models.ts';
import { referenceTo } from '../../shared/references.ts';
import { movedEvents } from './register.ts';
import { findModel } from './resolve.ts';

/**
 * Merges two models: the versions of `from` get the next numbers of `into`, in order of time. The stages and aliases of `from`
 * are cleared; its numbers resolve to the new ones, and its name to the other model.
 */
export async function mergeModels(
  ctx: Context,
  caller: Caller,
  { into: intoName, from: fromName, reason }: { into: string; from: string; reason: string },
): Promise<Merged> {
  return ctx.commit<Merged>(caller, () => {
    const into = findModel(ctx, intoName);
    const from = findModel(ctx, fromName);
    assertMergeable(ctx, into, from);
    assertMayDelete(ctx, caller, from);
    const pointers = pointersOf(ctx.db, from.id).filter(({ holder }) => holder !== null);
    assertMayClear(caller, pointers);
    const rows = versionsBefore(ctx.db, from.id, Number.MAX_SAFE_INTEGER, -1).toSorted(byTime);
    const versions = rows.map(({ number }, at): [number, number] => [number, into.lastNumber + 1 + at]);
    const merged: MergeBody = {
      model: from.id,
      name: from.name,
      into: into.id,
      intoName: into.name,
      versions,
      pointers: pointers.map(({ kind, name, holder }) => ({ kind, name, holder })),
      formerNames: formerNames(ctx.db, from.id),
    };
    return {
      events: [
        ...rows.flatMap((row, at) => versionEvents(ctx, row, into.id, versions[at]![1])),
        { type: 'model.merged/1', body: { ...merged, reason } },
      ],
      result: (committed) => {
        const { seq, hash } = committed.at(-1)!;
        return { seq, hash, versions: versions.map(([number, to]) => ({ from: number, to })) };
      },
    };
  });
}

function assertMergeable(ctx: Context, into: ModelRow, from: ModelRow): void {
  if (into.id === from.id) throw new RegistryError('conflict', `${into.name} cannot be merged into itself.`);
  const [one, other] = [into, from].map(({ id }) => isPrompt({ tags: tagsOfModel(ctx.db, id) }));
  if (one === other) return;
  throw new RegistryError('conflict', `One of ${into.name} and ${from.name} is a prompt, and the other is a model.`);
}

function byTime(a: VersionRow, b: VersionRow): number {
  return a.createdAt - b.createdAt || a.number - b.number;
}

function versionEvents(ctx: Context, row: VersionRow, model: string, number: number): NewEvent[] {
  const moved = movedEvents(ctx, { ...row.body, stageNow: row.stage }, model, number);
  if (row.state !== 'damaged') return moved;
  const detail = 'it was damaged before its model was merged';
  return [...moved, { type: 'version.damaged/1', body: { model, number, detail } }];
}

/** Returns the event that undoes a merge. Throws `conflict` if something else was done since. */
export function unmerged(
  ctx: Context,
  seq: number,
  { reason: _reason, ...body }: EventBodies['model.merged/1'],
): NewEvent {
  const into = modelById(ctx.db, body.into);
  const isMerged = modelById(ctx.db, body.model)?.mergedInto === body.into;
  if (!into || !isMerged || modelByName(ctx.db, body.name))
    throw new RegistryError('conflict', `Event ${seq} was superseded by a later change and can no longer be undone.`);
  const held = new Set(pointersOf(ctx.db, body.into).map(({ holder }) => holder));
  for (const [, number] of body.versions) {
    const label = referenceTo(into.name, number);
    const state = versionOf(ctx.db, body.into, number)?.state;
    if (state !== 'ready' && state !== 'damaged')
      throw new RegistryError(
        'conflict',
        `${label} was deleted or moved since, so event ${seq} can no longer be undone.`,
      );
    if (held.has(number))
      throw new RegistryError(
        'held',
        `A stage or an alias points to ${label}. Clear it first, then undo event ${seq}.`,
      );
  }
  return { type: 'model.unmerged/1', body: { ...body, intoName: into.name, undoes: seq } };
}
