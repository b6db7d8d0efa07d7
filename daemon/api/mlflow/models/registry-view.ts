import type { Context } from '../../../context.ts';
import type { Database } from '../../../db/database.ts';
import { heldAliases, modelNames, tagsOfModels, type ModelRow } from '../../../db/models.ts';
import { aliasesOfEach, newestInStages, tagsOfEach, type VersionRow } from '../../../db/versions.ts';
import type { Json } from '../../../protocol/json.ts';
import { invalid } from '../error-handler.ts';
import { fillFields } from '../runs/tracking-view.ts';

type View = Record<string, Json>;

/** MLflow's names of our stages. */
const stageNames: Record<string, string> = {
  development: 'None',
  staging: 'Staging',
  production: 'Production',
  archived: 'Archived',
};

/** Returns MLflow's name of a stage; one that a plinth.yaml defines keeps its name. */
export function mlflowStage(stage: string): string {
  return stageNames[stage] ?? stage;
}

/** Returns our name of MLflow's stage, compared without case. Throws for an unknown one. */
export function stageOf(stage: string): string {
  const found = Object.entries(stageNames).find(([, theirs]) => theirs.toLowerCase() === stage.toLowerCase());
  if (found) return found[0];
  const all = Object.values(stageNames).join(', ');
  throw invalid(`Invalid Model Version stage: ${stage}. Value must be one of ${all}.`);
}

export const everyStage = Object.keys(stageNames);

/** Returns models in MLflow's form. Each kind of related rows is read once for all. */
export function modelViews({ db }: Context, rows: readonly ModelRow[]): View[] {
  const ids = rows.map(({ id }) => id);
  const newest = newestInStages(db, ids, everyStage);
  const tags = tagsOfModels(db, ids);
  const aliases = heldAliases(db, ids);
  const latest = rows.map((_, index) => newest.get(index) ?? []);
  const nameById = new Map(rows.map(({ id, name }) => [id, name]));
  const views = viewsOf(db, latest.flat(), ({ model }) => nameById.get(model) ?? '');
  let seen = 0;
  return rows.map((row, index) =>
    fillFields({
      name: row.name,
      creation_timestamp: row.createdAt,
      last_updated_timestamp: row.changedAt,
      description: row.description || undefined,
      latest_versions: views.slice(seen, (seen += latest[index]?.length ?? 0)),
      tags: tagsView(tags.get(index)),
      aliases: aliases.get(index)?.map(({ name, holder }) => ({ alias: name, version: String(holder) })),
    }),
  );
}

/** Returns versions in MLflow's form, read like `modelViews`. */
export function versionViews({ db }: Context, rows: readonly VersionRow[]): View[] {
  const names = modelNames(db, [...new Set(rows.map(({ model }) => model))]);
  return viewsOf(db, rows, ({ model }) => names.get(model) ?? '');
}

/** Returns one version in MLflow's form, with its model's name. */
export function versionView({ db }: Context, row: VersionRow, name: string): View {
  return viewsOf(db, [row], () => name)[0] ?? {};
}

function viewsOf(db: Database, rows: readonly VersionRow[], nameOf: (row: VersionRow) => string): View[] {
  if (rows.length === 0) return [];
  const tags = tagsOfEach(db, rows);
  const aliases = aliasesOfEach(db, rows);
  return rows.map((row, index) => viewOf(row, nameOf(row), tags.get(index), aliases.get(index)));
}

function viewOf(row: VersionRow, name: string, tags: readonly [string, string][] = [], aliases: string[] = []): View {
  const { source } = row.body;
  const said = source.mlflow;
  return fillFields({
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
    tags: tagsView(tags),
    aliases,
    model_id: said?.modelId || undefined,
  });
}

function tagsView(tags: readonly [string, string][] = []): View[] {
  return tags.map(([key, value]) => ({ key, value }));
}
