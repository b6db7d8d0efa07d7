import type { Run } from '../protocol/model.ts';

/** MLflow's RunStatus by name; the number of each is its place, from 1. Source: mlflow/protos/service.proto */
export const mlflowRunStatuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;

export type MlflowRunStatus = (typeof mlflowRunStatuses)[number];

const meanings: Record<MlflowRunStatus, Run['status']> = {
  RUNNING: 'running',
  SCHEDULED: 'running',
  FINISHED: 'finished',
  FAILED: 'failed',
  KILLED: 'killed',
};

/** The status that MLflow's name or number stands for; undefined for anything else. */
export function mlflowRunStatus(given: unknown): MlflowRunStatus | undefined {
  const status = typeof given === 'string' && /^[1-5]$/.test(given) ? Number(given) : given;
  if (typeof status === 'number') return mlflowRunStatuses[status - 1];
  return mlflowRunStatuses.find((known) => known === given);
}

/** Translates MLflow's status of a run, wherever it was read: its server, its database, its folder or a client of ours. */
export function runStatusOf(given: unknown): Run['status'] | undefined {
  const status = mlflowRunStatus(given);
  return status && meanings[status];
}

/** MLflow's names of what a run is here: `running` has two. */
export function mlflowNamesOf(status: Run['status']): MlflowRunStatus[] {
  return mlflowRunStatuses.filter((name) => meanings[name] === status);
}
