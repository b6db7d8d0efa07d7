import type { Run } from '../../protocol/model.ts';

/** MLflow's RunStatus by name; each one's number is its position, from 1. Source: mlflow/protos/service.proto */
export const mlflowRunStatuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;

export type MlflowRunStatus = (typeof mlflowRunStatuses)[number];

const meanings: Record<MlflowRunStatus, Run['status']> = {
  RUNNING: 'running',
  SCHEDULED: 'running',
  FINISHED: 'finished',
  FAILED: 'failed',
  KILLED: 'killed',
};

/** Returns MLflow's status by its name or number; undefined for anything else. */
export function mlflowRunStatus(given: unknown): MlflowRunStatus | undefined {
  const status = typeof given === 'string' && /^[1-5]$/.test(given) ? Number(given) : given;
  if (typeof status === 'number') return mlflowRunStatuses[status - 1];
  return mlflowRunStatuses.find((known) => known === given);
}

/** Converts MLflow's status of a run, whether from its server, database, folder or a client; undefined for an unknown one. */
export function runStatusOf(given: unknown): Run['status'] | undefined {
  const status = mlflowRunStatus(given);
  return status && meanings[status];
}

/**
 * Returns how long a run took, or has taken so far; null if that is not known, as of one whose only trace are files that were
 * there before anybody looked, and of one that is over without a known end.
 */
export function durationOf(
  { status, startedAt, endedAt }: Pick<Run, 'status' | 'startedAt' | 'endedAt'>,
  now: number,
): number | null {
  if (status !== 'running' && endedAt === null) return null;
  const ms = (endedAt ?? now) - startedAt;
  return endedAt !== null && ms <= 0 ? null : Math.max(0, ms);
}

/** Returns MLflow's names of a status; `running` has two. */
export function mlflowNamesOf(status: Run['status']): MlflowRunStatus[] {
  return mlflowRunStatuses.filter((name) => meanings[name] === status);
}
