import type { Caller, Context } from '../context.ts';
import type { ForeignModel, ForeignVersion } from '../db/mlflow-store.ts';
import { modelByName, pointerOf } from '../db/models.ts';
import { RegistryError } from '../errors.ts';
import type { Imported } from '../protocol/routes/watch.ts';
import { archive } from './pointers/version-stage.ts';
import { promote } from './pointers/promote.ts';
import type { Move } from './pointers/transition.ts';
import * as edit from './versions/edit.ts';

const reason = 'imported from MLflow';

interface ReadModel {
  model: ForeignModel;
  /** Versions with their number in this registry. */
  versions: { version: ForeignVersion; number: number; created: boolean }[];
}

interface ReadStore {
  models: ReadModel[];
  runs: number;
  left: string[];
}

/** Adds descriptions, tags, stages and aliases to imported versions. */
export async function adoptImport(ctx: Context, caller: Caller, { models, runs, left }: ReadStore): Promise<Imported> {
  for (const model of models) if (model.versions.length > 0) await adopt(ctx, caller, model, left);
  const versions = models.flatMap((model) => model.versions);
  const created = versions.filter((version) => version.created).length;
  return { models: models.length, versions: created, known: versions.length - created, runs, left };
}

/** Adds only what is new here, so that changes since the last import are kept. */
async function adopt(ctx: Context, caller: Caller, { model, versions }: ReadModel, left: string[]): Promise<void> {
  const { name, description, tags, aliases } = model;
  const known = modelByName(ctx.db, name);
  if (known?.description === '' && description !== '') await edit.describeModel(ctx, caller, name, description);
  const created = versions.filter((version) => version.created);
  if (created.length === versions.length)
    for (const [key, value] of Object.entries(tags)) await edit.tagModel(ctx, caller, name, key, value);
  for (const { version, number } of created) {
    const at = String(number);
    if (version.description !== '') await edit.describeVersion(ctx, caller, name, at, version.description);
    for (const [key, value] of Object.entries(version.tags))
      await edit.tagVersion(ctx, caller, name, at, { key, value });
    const stage = version.stage.toLowerCase();
    if (stage === 'archived') await archive(ctx, caller, name, at, reason);
    if (stage === 'staging' || stage === 'production')
      await point(ctx, caller, name, at, { kind: 'stage', name: stage, reason }).catch(
        asLeft(left, `${name} ${stage}`),
      );
  }
  for (const { alias, version } of aliases) {
    const number = versions.find((one) => one.version.number === version)?.number;
    if (number === undefined) left.push(`${name} @${alias}: version ${version} did not come.`);
    else
      await point(ctx, caller, name, String(number), { kind: 'alias', name: alias, reason }).catch(
        asLeft(left, `${name} @${alias}`),
      );
  }
}

/** Sets a pointer, unless it was ever set here. */
async function point(ctx: Context, caller: Caller, name: string, version: string, move: Move): Promise<void> {
  const model = modelByName(ctx.db, name);
  if (model && pointerOf(ctx.db, model.id, move.kind, move.name)) return;
  await promote(ctx, caller, name, version, move);
}

function asLeft(left: string[], what: string): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof RegistryError)) throw error;
    left.push(`${what}: ${error.message}`);
  };
}
