import { isObject } from '../../../protocol/json.ts';
import { parseJson } from '../../../formats/text/json.ts';
import type { RunLogReader } from '../types.ts';
import { addMetric, addParams, addProblem, asNumber, type Collector } from './collector.ts';
import { collectRecord } from './flatten.ts';
import { asStep, isPosition } from './position.ts';
import { readWhole } from './document.ts';
import { directionOf } from '../../../shared/metrics.ts';

const maxBytes = 32 * 1024 * 1024;

type Fields = Record<string, unknown>;

/** `trainer_state.json` of the Hugging Face Trainer: its log as series, its best metric, and its end. */
export const trainerState: RunLogReader = {
  name: 'trainer-state',
  canRead: (fileName) => fileName === 'trainer_state.json',
  marksRun: true,
  read: (_fileName, source, resume) =>
    readWhole(source, maxBytes, resume, (text, into) => collect(into, parseJson(text))),
};

function collect(into: Collector, state: unknown): void {
  if (!isObject(state)) return addProblem(into.values, 'it contains no trainer state');
  const log = Array.isArray(state['log_history']) ? state['log_history'].filter(isObject) : [];
  const [summary] = log.filter(isSummary);
  for (const record of log) if (!isSummary(record)) collectRecord(into, '', record, null);
  if (summary) collectSummary(into, summary);
  const epoch = asNumber(state['epoch']);
  if (epoch !== undefined) addMetric(into, 'epoch', epoch);
  collectParams(into, state);
  collectBest(into, state, log);
  if (summary || hasReachedItsEnd(state)) into.values.status = 'finished';
}

/** True for the record that `Trainer.train` adds when it returns. */
function isSummary(record: Fields): boolean {
  return Object.hasOwn(record, 'train_runtime');
}

function collectSummary(into: Collector, summary: Fields): void {
  for (const [key, value] of Object.entries(summary)) {
    const number = asNumber(value);
    if (number !== undefined && !isPosition(key)) addMetric(into, key, number);
  }
}

function hasReachedItsEnd(state: Fields): boolean {
  const step = asNumber(state['global_step']);
  const last = asNumber(state['max_steps']);
  return step !== undefined && last !== undefined && last > 0 && step >= last;
}

function collectParams(into: Collector, state: Fields): void {
  const names = ['num_train_epochs', 'train_batch_size', 'max_steps', 'trial_params'];
  const given = names.filter((name) => state[name] !== undefined && state[name] !== null);
  addParams(into.values, Object.fromEntries(given.map((name) => [name, state[name]])));
}

/** Adds the best value. The state does not record its metric, which is the evaluated one with this value at the best step. */
function collectBest(into: Collector, state: Fields, log: Fields[]): void {
  const best = asNumber(state['best_metric']);
  if (best === undefined) return;
  const step = asStep(state['best_global_step']) ?? stepOfCheckpoint(state['best_model_checkpoint']);
  const at = log.filter((record) => step === null || record['step'] === step);
  const names = at.flatMap((record) => Object.keys(record).filter((key) => record[key] === best && !isPosition(key)));
  const name = names.find((key) => key.startsWith('eval_')) ?? names[0];
  if (name === undefined) return;
  into.values.best[name] = { value: best, step, mode: modeOf(name, best, log) };
}

/** Returns the step in a checkpoint's path: 8 for `out/checkpoint-8`; null for none. */
function stepOfCheckpoint(path: unknown): number | null {
  const match = typeof path === 'string' ? /checkpoint-(\d+)[\\/]*$/.exec(path) : null;
  return match ? Number(match[1]) : null;
}

function modeOf(name: string, best: number, log: Fields[]): 'min' | 'max' {
  const values = log.map((record) => asNumber(record[name])).filter((value) => value !== undefined);
  if (values.some((value) => value > best)) return 'min';
  if (values.some((value) => value < best)) return 'max';
  return directionOf(name) === 'lower' ? 'min' : 'max';
}
