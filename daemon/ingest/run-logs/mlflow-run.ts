import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { openSource } from '../artifact/file-source.ts';
import type { ArtifactFiles } from '../artifact/types.ts';

/** MLflow's tracking database, which its clients create beside `mlruns`. */
export const databaseName = 'mlflow.db';
/** File in the folder of a run of MLflow's file store. */
export const runMeta = 'meta.yaml';

const stores = new Set(['mlruns', 'mlartifacts']);
const headBytes = 64 * 1024;

/**
 * Returns where MLflow keeps the run that logged a model: `<store>/<experiment>/<run>/meta.yaml` of the file store, or
 * `mlflow.db/<run>`, which joins the database's path and the run's id. Undefined for other artifacts, and if neither exists.
 */
export function mlflowRunOf({ group, folder, root }: ArtifactFiles): string | undefined {
  const store = basename(group.primary) === 'MLmodel' ? storeAbove(folder, root) : undefined;
  const run = store && runIn(join(folder, group.primary), root);
  if (store === undefined || run === undefined) return undefined;
  const [experiment = ''] = relative(store, folder).split(sep);
  const kept = join(store, experiment, run, runMeta);
  if (existsSync(kept)) return kept;
  const database = join(dirname(store), databaseName);
  return existsSync(database) ? join(database, run) : undefined;
}

/** True for a path of the forms that `mlflowRunOf` returns. */
export function isMlflowRun(path: string): boolean {
  return basename(dirname(path)) === databaseName || basename(path) === runMeta;
}

function storeAbove(folder: string, root: string): string | undefined {
  for (let at = folder; at.startsWith(root) && at !== dirname(at); at = dirname(at))
    if (stores.has(basename(at))) return at;
  return undefined;
}

/** Returns the run's id in an MLmodel file; undefined without one. Source: mlflow/models/model.py */
function runIn(path: string, root: string): string | undefined {
  try {
    const source = openSource(path, root);
    const head = Buffer.from(source.read(0, headBytes)).toString('utf8');
    source.close();
    return /^run_id: '?([0-9a-f]{32})'?\s*$/m.exec(head)?.[1];
  } catch {
    return undefined;
  }
}
