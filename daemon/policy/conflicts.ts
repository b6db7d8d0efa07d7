import type { Context } from '../context.ts';
import { modelsBefore, type ModelRow } from '../db/models.ts';
import { policyRow } from '../db/policy/policies.ts';
import { versionsBefore } from '../db/versions.ts';
import { isNamed, policyIn, type Policy } from './policy.ts';
import { nearestFile, readText, rootFiles, type PolicyText } from './find.ts';

/** Returns one sentence for each further plinth.yaml that names a model. The first one still applies. */
export function conflictsOn(ctx: Context, model: ModelRow, { source }: Policy): string[] {
  if (!source) return [];
  const around = fileAroundNewest(ctx, model);
  const others = [
    ...(around && policyIn(around, model.name).rule ? [around] : []),
    ...rootFiles(ctx).filter((file) => isNamed(file, model.name)),
  ];
  const paths = [...new Set(others.map(({ path }) => path))].filter((path) => path !== source.path);
  return paths.map((path) => sentence(path, model.name, source.path));
}

/** Returns them for one file: models that it names and another file applies to. */
export function conflictsIn(ctx: Context, path: string): string[] {
  const file = readText(path);
  if (!file) return [];
  return modelsBefore(ctx.db, Number.MAX_SAFE_INTEGER, 100_000).flatMap((model) => {
    const bound = policyRow(ctx.db, model.id)?.path;
    if (bound === undefined || bound === path || !policyIn(file, model.name).rule) return [];
    const speaks = isNamed(file, model.name) || fileAroundNewest(ctx, model)?.path === path;
    return speaks ? [sentence(path, model.name, bound)] : [];
  });
}

function fileAroundNewest(ctx: Context, model: ModelRow): PolicyText | undefined {
  const [newest] = versionsBefore(ctx.db, model.id, Number.MAX_SAFE_INTEGER, 1);
  return newest && nearestFile(ctx, newest.body.source.path);
}

function sentence(other: string, model: string, deciding: string): string {
  return `${other} also has rules for ${model}, but ${deciding} was first and applies. Choose another with: plinth policy ${model} PATH`;
}
