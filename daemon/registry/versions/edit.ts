import { randomUUID } from 'node:crypto';
import type { Caller, Context } from '../../context.ts';
import { modelByName, pointersOf, tagsOfModel, type ModelRow } from '../../db/models.ts';
import { tagsOfVersion, versionOf, versionView, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { NewEvent } from '../../protocol/events.ts';
import type { NameOrigin } from '../../protocol/model.ts';
import type { Registered } from '../../protocol/routes/versions.ts';
import type { Changed } from '../../protocol/shapes.ts';
import { assertMayDelete, assertMayRename } from '../../access/token-scope.ts';
import { checkForeignModelName, checkModelName, checkTagKey } from './names.ts';
import { movedEvents } from './register.ts';
import { assertNameFree, findModel, findVersion, labelOf, requireUsable } from './resolve.ts';
import { assertNotHeld } from '../pointers/version-stage.ts';
import { pointerText } from '../../shared/event-text.ts';

/** Changes descriptions, tags, names and models of versions. Nothing here moves a pointer or touches bytes. */

export async function change(ctx: Context, caller: Caller, event: () => NewEvent): Promise<Changed> {
  return ctx.commit(caller, () => ({
    events: [event()],
    result: ([committed]) => ({ seq: committed!.seq, hash: committed!.hash }),
  }));
}

/** Longest tag value, as long as MLflow's: the text of a prompt is one. */
const maxText = 100_000;

export function checkText(text: string, what: string): string {
  if (text.length <= maxText) return text;
  throw new RegistryError('too-large', `${what} has at most ${maxText} characters; this one has ${text.length}.`);
}

const byUser: NameOrigin = { by: 'user', from: '' };

/** Creates an empty model for an MLflow client. Throws `already-registered` if the name exists. */
export async function createModel(
  ctx: Context,
  caller: Caller,
  asked: { name: string; description: string; tags: Record<string, string> },
): Promise<string> {
  const name = checkForeignModelName(asked.name);
  const description = checkText(asked.description, 'A description');
  const tags = Object.entries(asked.tags).map(([key, value]) => [checkTagKey(key), checkText(value, 'A tag')] as const);
  return ctx.commit(caller, () => {
    if (modelByName(ctx.db, name))
      throw new RegistryError('already-registered', `Registered Model (name=${name}) already exists.`);
    assertNameFree(ctx, name);
    const model = randomUUID();
    const described: NewEvent[] =
      description === '' ? [] : [{ type: 'model.described/1', body: { model, description, before: '' } }];
    const tagged = tags.map(([key, value]): NewEvent => ({ type: 'model.tagged/1', body: { model, key, value } }));
    return {
      events: [{ type: 'model.created/1', body: { model, name, named: byUser } }, ...described, ...tagged],
      result: () => name,
    };
  });
}

/** Deletes a model and its versions and frees its name; the bytes stay for a while. Throws `held` while a pointer leads to one of them. */
export async function deleteModel(ctx: Context, caller: Caller, modelName: string, reason: string): Promise<Changed> {
  const until = ctx.now() + undoWindowMs;
  return change(ctx, caller, () => {
    const model = findModel(ctx, modelName);
    assertMayDelete(ctx, caller, model);
    const held = pointersOf(ctx.db, model.id).filter(({ holder }) => holder !== null);
    if (held.length === 0)
      return { type: 'model.deleted/1', body: { model: model.id, name: model.name, until, reason } };
    const names = held.map((pointer) => `${pointerText(pointer)} (v${pointer.holder})`).join(', ');
    throw new RegistryError(
      'held',
      `${model.name} cannot be deleted while ${names} has a current version. Clear it first.`,
    );
  });
}

/** Renames a model; its history and references by id stay. Throws `conflict` if the name exists. */
export async function renameModel(
  ctx: Context,
  caller: Caller,
  modelName: string,
  to: string,
  checkName = checkModelName,
): Promise<Changed> {
  const name = checkName(to);
  return change(ctx, caller, () => {
    const model = findModel(ctx, modelName);
    if (modelByName(ctx.db, name)) throw new RegistryError('conflict', `There is already a model named ${name}.`);
    assertNameFree(ctx, name);
    assertMayRename(ctx, caller, model, name);
    return { type: 'model.renamed/1', body: { model: model.id, name, before: model.name } };
  });
}

export async function describeModel(
  ctx: Context,
  caller: Caller,
  modelName: string,
  description: string,
): Promise<Changed> {
  const text = checkText(description, 'A description');
  return change(ctx, caller, () => {
    const model = findModel(ctx, modelName);
    return { type: 'model.described/1', body: { model: model.id, description: text, before: model.description } };
  });
}

/** Sets a tag of a model; null removes it. Throws `not-found` if there is none to remove. */
export async function tagModel(
  ctx: Context,
  caller: Caller,
  name: string,
  key: string,
  value: string | null,
): Promise<Changed> {
  const checked = { key: checkTagKey(key), value: value === null ? null : checkText(value, 'A tag') };
  return change(ctx, caller, () => {
    const model = findModel(ctx, name);
    assertRemovable(tagsOfModel(ctx.db, model.id), checked, model.name);
    return { type: 'model.tagged/1', body: { model: model.id, ...checked } };
  });
}

/** Throws `not-found` for removing a tag that does not exist, so that no event without effect gets into the history. */
function assertRemovable(tags: Record<string, string>, tag: { key: string; value: string | null }, of: string): void {
  if (tag.value !== null || Object.hasOwn(tags, tag.key)) return;
  throw new RegistryError('not-found', `${of} has no tag ${tag.key}.`);
}

async function changeVersion(
  ctx: Context,
  caller: Caller,
  modelName: string,
  version: string,
  event: (row: VersionRow) => NewEvent,
): Promise<Changed> {
  return change(ctx, caller, () => event(requireUsable(ctx, findVersion(ctx, findModel(ctx, modelName), version))));
}

export async function describeVersion(
  ctx: Context,
  caller: Caller,
  model: string,
  version: string,
  text: string,
): Promise<Changed> {
  const description = checkText(text, 'A description');
  return changeVersion(ctx, caller, model, version, (row) => ({
    type: 'version.described/1',
    body: { model: row.model, number: row.number, description },
  }));
}

/** Sets a tag of a version; null removes it. Throws `not-found` if there is none to remove. */
export async function tagVersion(
  ctx: Context,
  caller: Caller,
  model: string,
  version: string,
  tag: { key: string; value: string | null },
): Promise<Changed> {
  const checked = { key: checkTagKey(tag.key), value: tag.value === null ? null : checkText(tag.value, 'A tag') };
  return changeVersion(ctx, caller, model, version, (row) => {
    assertRemovable(tagsOfVersion(ctx.db, row.model, row.number), checked, labelOf(ctx, row));
    return { type: 'version.tagged/1', body: { model: row.model, number: row.number, ...checked } };
  });
}

export async function commentVersion(
  ctx: Context,
  caller: Caller,
  model: string,
  version: string,
  text: string,
): Promise<Changed> {
  const checked = checkText(text.trim(), 'A comment');
  if (checked === '') throw new RegistryError('invalid-request', 'A comment cannot be empty.');
  return changeVersion(ctx, caller, model, version, (row) => ({
    type: 'version.commented/1',
    body: { model: row.model, number: row.number, text: checked },
  }));
}

/** Time for which a deletion can be undone, ms. */
export const undoWindowMs = 7 * 24 * 3600 * 1000;

/** Marks a version as deleted. Its bytes stay while that can be undone. */
export async function deleteVersion(
  ctx: Context,
  caller: Caller,
  modelName: string,
  version: string,
  reason: string,
): Promise<Changed & { until: number }> {
  const until = ctx.now() + undoWindowMs;
  return ctx.commit(caller, () => {
    const row = requireUsable(ctx, findVersion(ctx, findModel(ctx, modelName), version));
    assertNotHeld(ctx, row, 'deleted');
    return {
      events: [{ type: 'version.deleted/1', body: { model: row.model, number: row.number, until, reason } }],
      result: ([committed]) => ({ seq: committed!.seq, hash: committed!.hash, until }),
    };
  });
}

/** Moves a version to another model (created if new), as that model's next number with the same blobs. */
export async function moveVersion(
  ctx: Context,
  caller: Caller,
  modelName: string,
  version: string,
  to: string,
): Promise<Registered> {
  const name = modelByName(ctx.db, to.normalize('NFC'))?.name ?? checkModelName(to);
  return ctx.commit(caller, () => {
    const row = requireUsable(ctx, findVersion(ctx, findModel(ctx, modelName), version));
    assertNotHeld(ctx, row, 'moved');
    const known = modelByName(ctx.db, name);
    if (known?.id === row.model) throw new RegistryError('conflict', `${labelOf(ctx, row)} is already in ${name}.`);
    if (!known) assertNameFree(ctx, name);
    const target = known ?? newModel(name);
    const number = target.lastNumber + 1;
    const made: NewEvent[] = known
      ? []
      : [{ type: 'model.created/1', body: { model: target.id, name, named: byUser } }];
    return {
      events: [...made, ...movedEvents(ctx, { ...row.body, stageNow: row.stage }, target.id, number)],
      result: () => ({ version: versionView(ctx.db, versionOf(ctx.db, target.id, number)!), created: true }),
    };
  });
}

function newModel(name: string): Pick<ModelRow, 'id' | 'name' | 'lastNumber'> {
  return { id: randomUUID(), name, lastNumber: 0 };
}
