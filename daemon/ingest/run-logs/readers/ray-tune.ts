import { parseJson } from '../../../formats/text/json.ts';
import { FormatError, type Source } from '../../../formats/source.ts';
import { isObject, type Json } from '../../../protocol/json.ts';
import type { RunLogReader } from '../types.ts';
import {
  addRecordParams,
  addProblem,
  addSaved,
  asNumber,
  blank,
  collector,
  enoughPoints,
  type Collector,
} from './collector.ts';
import { collectMetrics, collectRecord } from './flatten.ts';
import { completeLines, goesOn } from './line-reader.ts';
import { readWhole } from './document.ts';

const maxDocument = 4 * 1024 * 1024;

/** Keys that Ray adds to every result. They are no metrics. Source: ray/air/constants.py, ray/tune/result.py. */
const ownKeys = new Set([
  'config',
  'pid',
  'date',
  'hostname',
  'node_ip',
  'trial_id',
  'experiment_id',
  'experiment_tag',
  'done',
  'time_this_iter_s',
  'time_total_s',
  'time_since_restore',
  'timesteps_since_restore',
  'iterations_since_restore',
  'should_checkpoint',
  'checkpoint_dir_name',
  'warmup_time',
]);

/** True for a column of Ray's `progress.csv` or a key of its results that describes the trial, not its model. */
export function isRaysOwn(name: string): boolean {
  return ownKeys.has(name) || name.startsWith('config/');
}

/**
 * Ray Tune's `result.json` of a trial: one result a line, with `training_iteration` as its step, the trial's `config`, and `done:
 * true` on the last. A single JSON document of that name, as scripts write it, is read as metrics.
 */
export const rayTune: RunLogReader = {
  name: 'ray-tune',
  canRead: (fileName) => fileName === 'result.json',
  marksRun: false,
  read(_fileName, source, resume) {
    if (!isLines(source)) return readWhole(source, maxDocument, resume, collectDocument);
    const into = collector();
    const from = goesOn(source, resume) ? resume : { offset: 0, state: null };
    let { offset } = from;
    let line = isObject(from.state) ? (asNumber(from.state['line']) ?? 0) : 0;
    for (const { text, end } of completeLines(source, offset)) {
      if (text === '') addProblem(into.values, `line ${++line} is too long; skipped`);
      for (const raw of text === '' ? [] : text.slice(0, -1).split('\n')) collectLine(into, raw, ++line);
      offset = end;
      if (into.points >= enoughPoints) break;
    }
    return { values: into.values, resume: { offset, state: { line } } };
  },
};

const maxFirstLine = 1024 * 1024;

/** True if the first line is an object and ends with a newline. */
function isLines(source: Source): boolean {
  const head = Buffer.from(source.read(0, maxFirstLine));
  const end = head.indexOf('\n');
  if (end < 0) return head.length === maxFirstLine;
  try {
    return isObject(parseJson(head.toString('utf8', 0, end)));
  } catch {
    return false;
  }
}

/** Adds a document's metrics. A result of Ray is left out: its line is still being written. */
function collectDocument(text: string, into: Collector): void {
  const document = whole(text);
  if (isObject(document) && Object.hasOwn(document, 'training_iteration')) return;
  collectMetrics(into, document);
}

function whole(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof FormatError && error.kind === 'truncated') return null;
    throw error;
  }
}

function collectLine(into: Collector, raw: string, line: number): void {
  if (raw.trim() === '') return;
  const result = objectIn(raw);
  if (!result) return addProblem(into.values, `line ${line} is not a result; skipped`);
  if (isObject(result['config'])) addRecordParams(into, result['config']);
  if (result['done'] === true) into.values.status = 'finished';
  const { checkpoint_dir_name: saved, training_iteration: iteration } = result;
  if (typeof saved === 'string' && typeof iteration === 'number') addSaved(into, saved, iteration);
  const measured = blank<unknown>();
  for (const [name, value] of Object.entries(result)) if (!isRaysOwn(name)) measured[name] = value;
  collectRecord(into, '', stepped(measured), null);
}

/** Returns a result with Ray's own count as its step. */
function stepped({ training_iteration: iteration, ...rest }: Record<string, unknown>): Record<string, unknown> {
  if (iteration === undefined) return rest;
  return { ...rest, step: iteration };
}

function objectIn(raw: string): Record<string, Json> | undefined {
  try {
    const value = parseJson(raw);
    return isObject(value) ? (value as Record<string, Json>) : undefined;
  } catch {
    return undefined;
  }
}
