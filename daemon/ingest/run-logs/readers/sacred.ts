import { parseJson } from '../../../formats/text/json.ts';
import type { LoggedValues, RunLogReader } from '../types.ts';
import { addProblem, isObject, type Collector } from './collector.ts';
import { collectMetrics } from './flatten.ts';
import { readWhole } from './document.ts';

const maxBytes = 4 * 1024 * 1024;

/**
 * `run.json` of Sacred's file store: how the run stands, and what its main function returned as the metric `result`. Its
 * params and series are in `config.json` and `metrics.json`. Source: sacred/observers/file_storage.py.
 */
export const sacred: RunLogReader = {
  name: 'sacred',
  canRead: (fileName) => fileName === 'run.json',
  marksRun: true,
  read: (_fileName, source, resume) =>
    readWhole(source, maxBytes, resume, (text, into) => collect(into, parseJson(text))),
};

/** Other programs have a run.json, too: Sacred's names its experiment and a status. */
function collect(into: Collector, run: unknown): void {
  if (!isObject(run)) return addProblem(into.values, 'it holds no run');
  if (typeof run['status'] !== 'string' || !isObject(run['experiment'])) return;
  into.values.status = statusOf(run['status']);
  const { result } = run;
  if (result !== undefined && result !== null) collectMetrics(into, { result });
}

/** Sacred's own words; a status that an observer or a script has made up says nothing. */
function statusOf(status: string): LoggedValues['status'] {
  if (status === 'COMPLETED') return 'finished';
  if (status === 'RUNNING' || status === 'QUEUED') return 'running';
  return /^(FAILED|INTERRUPTED|TIMEOUT|DIED)$/.test(status) ? 'failed' : null;
}
