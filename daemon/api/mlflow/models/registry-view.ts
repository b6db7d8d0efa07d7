import type { Context } from '../../../context.ts';
import { modelById, pointersOf, tagsOfModel, type ModelRow } from '../../../db/models.ts';
import { aliasesOf, newestInStages, tagsOfVersion, type VersionRow } from '../../../db/versions.ts';
import type { Json } from '../../../protocol/json.ts';
import { invalid } from '../error-handler.ts';
import { filled } from '../runs/tracking-view.ts';

type View = Record<string, Json>;

/** MLflow's names of the stages. */
const stageNames: Record<string, string> = {
  development: 'None',
  staging: 'Staging',
  production: 'Production',
  archived: 'Archived',
};

/** What MLflow calls a stage of ours; one that a plinth.yaml made up keeps its name. */
export function mlflowStage(stage: string): string {
  return stageNames[stage] ?? stage;
}

/** Our name of MLflow's stage, in any case of letters. */
export function stageOf(stage: string): string {
  const found = Object.entries(stageNames).find(([, theirs]) => theirs.toLowerCase() === stage.toLowerCase());
  if (found) return found[0];
  const all = Object.values(stageNames).join(', ');
  throw invalid(`Invalid Model Version stage: ${stage}. Value must be one of ${all}.`);
}

export const everyStage = Object.keys(stageNames);

export function modelView(ctx: Context, row: ModelRow): View {
  const latest = row.lastNumber === 0 ? [] : newestInStages(ctx.db, row.id, everyStage);
  const aliases = pointersOf(ctx.db, row.id).flatMap(({ kind, name, holder }) =>
    kind === 'alias' && holder !== null ? [{ alias: name, version: String(holder) }] : [],
  );
  return filled({
    name: row.name,
    creation_timestamp: row.createdAt,
    last_updated_timestamp: row.changedAt,
    description: row.description || undefined,
    latest_versions: latest.map((version) => versionView(ctx, version, row.name)),
    tags: tagsView(tagsOfModel(ctx.db, row.id)),
    aliases,
  });
}

export function versionView(ctx: Context, row: VersionRow, name = modelById(ctx.db, row.model)?.name ?? ''): View {
  const { source } = row.body;
  const said = source.mlflow;
  return filled({
    name,
    version: String(row.number),
    creation_timestamp: row.createdAt,
    last_updated_timestamp: row.updatedAt,
    user_id: row.actor.split('/', 1)[0],
    current_stage: mlflowStage(row.stage),
    description: row.description,
    source: said?.source ?? source.path,
    run_id: said?.runId ?? '',
    run_link: said?.runLink ?? '',
    status: row.state === 'damaged' ? 'FAILED_REGISTRATION' : 'READY',
    status_message: row.state === 'damaged' ? 'its bytes are damaged; run: plinth verify' : undefined,
    tags: tagsView(tagsOfVersion(ctx.db, row.model, row.number)),
    aliases: aliasesOf(ctx.db, row.model, row.number),
    model_id: said?.modelId || undefined,
  });
}

function tagsView(tags: Record<string, string>): View[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
