import type { Resumption, Run, RunExecution } from '../../protocol/model.ts';

/** Names the processes of a run for every list of runs. */

/** Returns the script's name, otherwise the program's: `train.py`. */
export function executionText({ script, command }: RunExecution): string {
  return (script ?? command[0] ?? '').replace(/^.*[\\/]/s, '');
}

/** Returns the processes of a run, the oldest first. */
export function executionsIn({ execution, resumptions }: Pick<Run, 'execution' | 'resumptions'>): RunExecution[] {
  return [...resumptions.map(({ from }) => from), execution].filter((one) => one !== null);
}

/** Returns the process of a resumption; null if it was not seen. */
export function resumedBy(run: Pick<Run, 'execution' | 'resumptions'>, at: Resumption): RunExecution | null {
  const next = run.resumptions[run.resumptions.indexOf(at) + 1];
  return next ? next.from : run.execution;
}
