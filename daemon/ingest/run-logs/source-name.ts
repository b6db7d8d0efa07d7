import { basename, dirname, relative, sep } from 'node:path';
import { isMlflowRun, runMeta } from '../runs/mlflow-run.ts';

/** The name of a run log in evidence: relative to the artifact's folder or the run's, with `/`; a run of MLflow by its id. */
export function sourceName(base: string, path: string): string {
  if (isMlflowRun(path)) return `mlflow run ${basename(basename(path) === runMeta ? dirname(path) : path)}`;
  return relative(base, path).split(sep).join('/');
}
