import { basename, dirname, relative, sep } from 'node:path';
import { isMlflowRun, runMeta } from './mlflow-run.ts';

/**
 * Returns the name of a run log in evidence: its path relative to the artifact's or the run's folder, with `/`, or the id of
 * MLflow's run.
 */
export function sourceName(base: string, path: string): string {
  if (isMlflowRun(path)) return `mlflow run ${basename(basename(path) === runMeta ? dirname(path) : path)}`;
  return relative(base, path).split(sep).join('/');
}
