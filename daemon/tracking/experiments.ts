import type { Context } from '../context.ts';
import {
  experimentById,
  experimentByName,
  insertExperiment,
  setRunStages,
  updateExperiment,
  type ExperimentRow,
} from '../db/tracking/runs.ts';
import { dropPair, putPair, type Pair } from '../db/tracking/pairs.ts';
import { RegistryError } from '../errors.ts';
import { checkLocation } from './location.ts';
import { checkLength, invalid, kept } from './names.ts';
import { write } from './write.ts';

const maxNameLength = 500;
const maxTagLength = 20_000;

/** Returns an experiment by its id, deleted or not. Throws `invalid-request` for an invalid id, or `not-found`. */
export function findExperiment(ctx: Context, id: string): ExperimentRow {
  if (!/^[+-]?\d{1,15}$/.test(id))
    throw invalid(`Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`);
  const found = experimentById(ctx.db, Number(id));
  if (!found) throw new RegistryError('not-found', `No Experiment with id=${id} exists`);
  return found;
}

/** Like `findExperiment`, but throws for a deleted one. */
export function activeExperiment(ctx: Context, id: string): ExperimentRow {
  const found = findExperiment(ctx, id);
  if (found.stage === 'active') return found;
  throw invalid(`The experiment ${id} must be in the 'active' state. Current state is deleted.`);
}

/** Creates an experiment and returns its id. Names are unique, deleted ones included: throws `already-registered`. */
export async function createExperiment(
  ctx: Context,
  asked: { name: string; location: string; tags: readonly Pair[] },
): Promise<number> {
  const name = checkLength(asked.name, 'name', maxNameLength);
  const location = checkLocation(asked.location);
  const tags = asked.tags.map(checkTag);
  return write(ctx, () => {
    assertFree(ctx, name);
    const id = insertExperiment(ctx.db, name, location, ctx.now());
    for (const tag of tags) putPair(ctx.db, 'experimentTags', id, tag);
    return id;
  });
}

function assertFree(ctx: Context, name: string): void {
  const known = experimentByName(ctx.db, name);
  if (!known) return;
  const deleted = known.stage === 'deleted' ? ' It is deleted: restore it, or choose another name.' : '';
  throw new RegistryError('already-registered', `Experiment(name=${name}) already exists.${deleted}`);
}

function checkTag({ key, value }: Pair): Pair {
  return kept({ key, value: checkLength(value, 'value', maxTagLength) }, maxTagLength);
}

export async function renameExperiment(ctx: Context, id: string, to: string): Promise<void> {
  const name = checkLength(to, 'new_name', maxNameLength);
  await write(ctx, () => {
    const known = findExperiment(ctx, id);
    if (known.stage !== 'active') throw invalid('Cannot rename a deleted experiment; restore it first');
    if (known.name === name) return;
    assertFree(ctx, name);
    updateExperiment(ctx.db, { ...known, name }, ctx.now());
  });
}

/** Deletes an experiment and marks its runs as deleted; their files stay. Throws `not-found` for a deleted one. */
export async function deleteExperiment(ctx: Context, id: string): Promise<void> {
  await moveExperiment(ctx, id, 'active', 'deleted');
}

export async function restoreExperiment(ctx: Context, id: string): Promise<void> {
  await moveExperiment(ctx, id, 'deleted', 'active');
}

async function moveExperiment(
  ctx: Context,
  id: string,
  from: ExperimentRow['stage'],
  to: ExperimentRow['stage'],
): Promise<void> {
  await write(ctx, () => {
    const known = findExperiment(ctx, id);
    if (known.stage !== from) throw new RegistryError('not-found', `No ${from} experiment with id=${id} exists`);
    updateExperiment(ctx.db, { ...known, stage: to }, ctx.now());
    setRunStages(ctx.db, known.id, to, ctx.now());
  });
}

export async function tagExperiment(ctx: Context, id: string, tag: Pair): Promise<void> {
  const checked = checkTag(tag);
  await write(ctx, () => {
    const known = activeExperiment(ctx, id);
    putPair(ctx.db, 'experimentTags', known.id, checked);
    updateExperiment(ctx.db, known, ctx.now());
  });
}

export async function untagExperiment(ctx: Context, id: string, key: string): Promise<void> {
  await write(ctx, () => {
    const known = activeExperiment(ctx, id);
    if (!dropPair(ctx.db, 'experimentTags', known.id, key))
      throw new RegistryError('not-found', `No tag with name: ${key} in experiment with id ${id}`);
    updateExperiment(ctx.db, known, ctx.now());
  });
}
