import type { Context } from '../../context.ts';
import { mergedModel, modelByName, modelById, modelNow, pointerOf, type ModelRow } from '../../db/models.ts';
import { versionOf, versionsBefore, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import { referenceTo } from '../../shared/references.ts';
import { defaultPolicy, stageNames } from '../../policy/policy.ts';

/** Returns the model of a name. Throws `not-found`. */
export function findModel(ctx: Context, name: string): ModelRow {
  const model = modelByName(ctx.db, name.normalize('NFC'));
  if (model) return model;
  const now = mergedName(ctx, name);
  if (now !== undefined)
    throw new RegistryError(
      'not-found',
      `${name} was merged into ${now}. Use ${now}; ${referenceTo(name, 'N')} still names a version.`,
      { model: name },
    );
  throw new RegistryError('not-found', `There is no model ${name}. List the models with: plinth ls`, { model: name });
}

/** Returns the present name of the model that one of this name was merged into; undefined if there is none, or the name is another model's now. */
export function mergedName(ctx: Context, name: string): string | undefined {
  if (modelByName(ctx.db, name.normalize('NFC'))) return undefined;
  const merged = mergedModel(ctx.db, name.normalize('NFC'));
  return merged && modelNow(ctx.db, merged)?.name;
}

/** Throws `conflict` for a name whose numbers resolve to another model. */
export function assertNameFree(ctx: Context, name: string): void {
  const now = modelByName(ctx.db, name) ? undefined : mergedName(ctx, name);
  if (now === undefined) return;
  throw new RegistryError(
    'conflict',
    `${name} was merged into ${now}, and its numbers lead there. Use ${now} or another name.`,
  );
}

/** Returns the version of a reference, for reading. A number of a merged model resolves to the present version. Throws `not-found`. */
export function findReference(ctx: Context, name: string, version: string): VersionRow {
  const merged = modelByName(ctx.db, name.normalize('NFC')) ? undefined : mergedModel(ctx.db, name.normalize('NFC'));
  if (!merged || !/^v?\d{1,15}$/i.test(version)) return findVersion(ctx, findModel(ctx, name), version);
  let row = findVersion(ctx, merged, version);
  while (row.state === 'moved' && row.movedToModel !== null && row.movedToNumber !== null) {
    const next = versionOf(ctx.db, row.movedToModel, row.movedToNumber);
    if (!next) break;
    row = next;
  }
  return row;
}

/** Returns the version that a text selects in a model: a number, `v7`, a stage, an alias (with or without `@`) or `latest`. Throws `not-found`. */
export function findVersion(ctx: Context, model: ModelRow, text: string): VersionRow {
  const number = numberOf(ctx, model, text);
  const version = number === undefined ? undefined : versionOf(ctx.db, model.id, number);
  if (version) return version;
  throw new RegistryError('not-found', missingText(model, text), { model: model.name, version: text });
}

function numberOf(ctx: Context, model: ModelRow, text: string): number | undefined {
  const digits = /^v?(\d{1,15})$/i.exec(text);
  if (digits) return Number(digits[1]);
  if (text === 'latest' || text === '') return versionsBefore(ctx.db, model.id, Number.MAX_SAFE_INTEGER, 1)[0]?.number;
  const alias = text.startsWith('@') ? pointerOf(ctx.db, model.id, 'alias', text.slice(1))?.holder : undefined;
  if (alias !== undefined && alias !== null) return alias;
  const stage = pointerOf(ctx.db, model.id, 'stage', text.toLowerCase());
  if (stage || stageNames(defaultPolicy).includes(text.toLowerCase())) return stage?.holder ?? undefined;
  return pointerOf(ctx.db, model.id, 'alias', text.replace(/^@/, ''))?.holder ?? undefined;
}

function missingText(model: ModelRow, text: string): string {
  if (/^v?\d+$/i.test(text)) return `${model.name} has no version ${text}; its newest version is ${model.lastNumber}.`;
  if (text === 'latest' || text === '') return `${model.name} has no versions.`;
  if (stageNames(defaultPolicy).includes(text.toLowerCase()))
    return `No version of ${model.name} is in ${text.toLowerCase()}.`;
  return `${model.name} has no stage or alias ${text}.`;
}

/** Returns a version that is not deleted, moved or damaged. Throws `gone` or `damaged`. */
export function requireUsable(ctx: Context, version: VersionRow): VersionRow {
  const label = labelOf(ctx, version);
  if (version.state === 'deleted')
    throw new RegistryError('gone', `${label} was deleted. Restore it with: plinth undo`);
  if (version.state === 'damaged')
    throw new RegistryError('damaged', `${label} is damaged. For details run: plinth verify ${label}`);
  if (version.state !== 'moved' || version.movedToModel === null) return version;
  const target = modelById(ctx.db, version.movedToModel)?.name ?? '?';
  throw new RegistryError('gone', `${label} was moved to ${referenceTo(target, version.movedToNumber ?? '?')}.`);
}

/** Returns a version's reference: `churn@7`. */
export function labelOf(ctx: Context, version: Pick<VersionRow, 'model' | 'number'>): string {
  return referenceTo(modelById(ctx.db, version.model)?.name ?? '?', version.number);
}
