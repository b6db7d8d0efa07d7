import type { Context } from '../context.ts';
import { dropPair, pairOf, putPair, type Pair } from '../db/tracking/pairs.ts';
import {
  insertLoggedModel,
  loggedModelById,
  updateLoggedModel,
  type LoggedModelRow,
} from '../db/tracking/logged-models.ts';
import { RegistryError } from '../errors.ts';
import { activeExperiment } from './experiments.ts';
import { belowLocation } from './location.ts';
import { checkLength, inventedName, invalid, kept, newId } from './names.ts';
import { write } from './write.ts';

const maxParams = 100;
const maxValueLength = 8000;

/** Returns a logged model by its id. Throws `not-found` for an unknown or deleted one. */
export function findLoggedModel(ctx: Context, modelId: string): LoggedModelRow {
  const found = loggedModelById(ctx.db, modelId);
  if (found?.stage === 'active') return found;
  throw new RegistryError('not-found', `Logged model with ID '${modelId}' not found.`);
}

/** Like `findLoggedModel`, deleted ones included. */
export function anyLoggedModel(ctx: Context, modelId: string): LoggedModelRow {
  return loggedModelById(ctx.db, modelId) ?? findLoggedModel(ctx, modelId);
}

export async function createLoggedModel(
  ctx: Context,
  asked: {
    experiment: string;
    name: string;
    type: string | null;
    sourceRun: string | null;
    params: readonly Pair[];
    tags: readonly Pair[];
  },
): Promise<LoggedModelRow> {
  const name = checkName(asked.name || inventedName());
  if (asked.params.length > maxParams) throw invalid(`A logged model takes at most ${maxParams} params at once`);
  const pairs = { params: asked.params.map(checkPair), tags: asked.tags.map(checkPair) };
  return write(ctx, () => {
    const experiment = activeExperiment(ctx, asked.experiment);
    const modelId = `m-${newId()}`;
    const now = ctx.now();
    const model = insertLoggedModel(ctx.db, {
      modelId,
      experiment: experiment.id,
      name,
      type: asked.type,
      sourceRun: asked.sourceRun,
      status: 'LOGGED_MODEL_PENDING',
      artifactUri: belowLocation(experiment.artifactLocation, `models/${modelId}/artifacts`),
      stage: 'active',
      createdAt: now,
      updatedAt: now,
    });
    for (const param of pairs.params) putPair(ctx.db, 'loggedModelParams', model.id, param);
    for (const tag of pairs.tags) putPair(ctx.db, 'loggedModelTags', model.id, tag);
    return model;
  });
}

function checkName(name: string): string {
  if (/[/:.%"']/.test(name))
    throw invalid(`Invalid model name ${JSON.stringify(name)}: it cannot hold any of / : . % " '`);
  return checkLength(name, 'name', 500);
}

function checkPair(pair: Pair): Pair {
  return kept(pair, maxValueLength);
}

export async function finishLoggedModel(ctx: Context, modelId: string, status: string): Promise<LoggedModelRow> {
  return write(ctx, () => {
    const next = { ...findLoggedModel(ctx, modelId), status, updatedAt: ctx.now() };
    updateLoggedModel(ctx.db, next, ctx.now());
    return next;
  });
}

/** Deletes a logged model; repeating that has no effect. */
export async function deleteLoggedModel(ctx: Context, modelId: string): Promise<void> {
  await write(ctx, () => {
    const known = loggedModelById(ctx.db, modelId);
    if (!known) throw new RegistryError('not-found', `Logged model with ID '${modelId}' not found.`);
    updateLoggedModel(ctx.db, { ...known, stage: 'deleted' }, ctx.now());
  });
}

export async function tagLoggedModel(ctx: Context, modelId: string, tags: readonly Pair[]): Promise<LoggedModelRow> {
  const checked = tags.map(checkPair);
  return write(ctx, () => {
    const model = findLoggedModel(ctx, modelId);
    for (const tag of checked) putPair(ctx.db, 'loggedModelTags', model.id, tag);
    return model;
  });
}

export async function untagLoggedModel(ctx: Context, modelId: string, key: string): Promise<void> {
  await write(ctx, () => {
    const model = findLoggedModel(ctx, modelId);
    if (!dropPair(ctx.db, 'loggedModelTags', model.id, key))
      throw new RegistryError('not-found', `No tag with key '${key}' found for model with ID '${modelId}'.`);
  });
}

export async function addLoggedModelParams(ctx: Context, modelId: string, params: readonly Pair[]): Promise<void> {
  const checked = params.map(checkPair);
  await write(ctx, () => {
    const model = findLoggedModel(ctx, modelId);
    for (const param of checked) putPair(ctx.db, 'loggedModelParams', model.id, param);
  });
}

/** Tag with the versions that were made of a logged model: a JSON list as text, as MLflow's server writes it. */
const versionsTag = 'mlflow.modelVersions';

/** Appends a version to that list, inside the caller's transaction. */
export function noteVersion(ctx: Context, model: LoggedModelRow, name: string, version: number): void {
  const known = pairOf(ctx.db, 'loggedModelTags', model.id, versionsTag);
  const entry = `{"name": ${JSON.stringify(name)}, "version": ${version}}`;
  const value = known?.startsWith('[{') === true ? `${known.slice(0, -1)}, ${entry}]` : `[${entry}]`;
  putPair(ctx.db, 'loggedModelTags', model.id, { key: versionsTag, value });
}
