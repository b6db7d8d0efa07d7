import { isObject } from '../../../protocol/json.ts';
import { parseJson } from '../../../formats/text/json.ts';
import type { LoggedValues, RunLogReader } from '../types.ts';
import { addProblem, type Collector } from './collector.ts';
import { collectMetrics } from './flatten.ts';
import { readWhole } from './document.ts';

const maxBytes = 4 * 1024 * 1024;

/**
 * Sacred's `run.json`: the run's status, and what its main function returned as the metric `result`. Params and series are in
 * `config.json` and `metrics.json`. Source: sacred/observers/file_storage.py.
 */
export const sacred: RunLogReader = {
  name: 'sacred',
  canRead: (fileName) => fileName === 'run.json',
  marksRun: true,
  read: (_fileName, source, resume) =>
    readWhole(source, maxBytes, resume, (text, into) => collect(into, parseJson(text))),
};

/** Adds status and result. Skips another program's run.json: Sacred's has an experiment and a status. */
function collect(into: Collector, run: unknown): void {
  if (!isObject(run)) return addProblem(into.values, 'it holds no run');
  if (typeof run['status'] !== 'string' || !isObject(run['experiment'])) return;
  into.values.status = statusOf(run['status']);
  const { result } = run;
  if (result !== undefined && result !== null) collectMetrics(into, { result });
}

/** Converts Sacred's status; null for one that an observer or a script invented. */
function statusOf(status: string): LoggedValues['status'] {
  if (status === 'COMPLETED') return 'finished';
  if (status === 'RUNNING' || status === 'QUEUED') return 'running';
  return /^(FAILED|INTERRUPTED|TIMEOUT|DIED)$/.test(status) ? 'failed' : null;
}
