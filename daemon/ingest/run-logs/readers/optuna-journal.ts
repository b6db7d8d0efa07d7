import { parseJson } from '../../../formats/text/json.ts';
import { isObject, type Json } from '../../../protocol/json.ts';
import { addMetric, addParams, addPoint, addProblem, asNumber, type Collector } from './collector.ts';
import { asTime } from './position.ts';

const maxStudies = 100;
const maxOpen = 10_000;
const maxParams = 500;
const maxValues = 20;
const maxText = 250;

/** Names of Optuna's TrialState, by number. */
const states = ['running', 'complete', 'pruned', 'fail', 'waiting'];
const complete = 1;
const maximize = 2;

/** Pairs instead of an object, as the names come from a file. */
type Params = [name: string, value: Json][];

interface Trial {
  study: number;
  number: number;
  state: number;
  params: Params;
}

interface Study {
  name: string;
  /** For each objective: 1 to minimize, 2 to maximize. */
  directions: number[];
  /** Number of trials by state. */
  counts: number[];
  trials: number;
  best: { trial: number; value: number; params: Params } | null;
  /** True if it has changed since the last call. */
  changed: boolean;
  deleted: boolean;
}

/** State of the studies after the lines read so far. */
export interface Journal {
  line: number;
  /** True for another program's log. */
  foreign: boolean;
  studies: Study[];
  /** Next trial's id: ids count the trials' lines from 0. */
  nextTrial: number;
  /** Trials that have not ended, by id. */
  open: Map<number, Trial>;
}

/** Restores a journal from the result of `storedJournal`; null starts a new one. */
export function journalFrom(stored: Json): Journal {
  if (!isObject(stored)) return { line: 0, foreign: false, studies: [], nextTrial: 0, open: new Map() };
  const journal = structuredClone(stored) as unknown as Omit<Journal, 'open'> & { open: [number, Trial][] };
  return { ...journal, open: new Map(journal.open) };
}

export function storedJournal(journal: Journal): Json {
  return structuredClone({ ...journal, open: [...journal.open] }) as unknown as Json;
}

type Fields = Record<string, unknown>;

/**
 * Applies one operation: 0 create study, 1 delete study, 4 create trial, 5 set a param, 6 set state and values. Others set
 * attributes and intermediate values and are skipped. Source: optuna/storages/journal/_storage.py
 */
export function applyLine(into: Collector, journal: Journal, operation: Fields): void {
  const code = operation['op_code'];
  if (code === 0) createStudy(into, journal, operation);
  else if (code === 1) deleteStudy(journal, operation);
  else if (code === 4) createTrial(into, journal, operation);
  else if (code === 5) setParam(journal, operation);
  else if (code === 6) setState(into, journal, operation);
}

function createStudy(into: Collector, journal: Journal, operation: Fields): void {
  const name = String(operation['study_name']).slice(0, maxText);
  if (journal.studies.some((study) => study.name === name && !study.deleted)) return;
  if (journal.studies.length >= maxStudies)
    return addProblem(into.values, `it contains more than ${maxStudies} studies; the rest is left out`);
  const directions = numbersIn(operation['directions']);
  const counts = states.map(() => 0);
  journal.studies.push({ name, directions, counts, trials: 0, best: null, changed: true, deleted: false });
}

function deleteStudy(journal: Journal, operation: Fields): void {
  const study = studyAt(journal, operation['study_id']);
  if (study) study.deleted = true;
}

function studyAt(journal: Journal, id: unknown): Study | undefined {
  const study = typeof id === 'number' ? journal.studies[id] : undefined;
  return study?.deleted === false ? study : undefined;
}

/** Creates a trial, which may already have params, state and values: one that was queued, or that ended elsewhere. */
function createTrial(into: Collector, journal: Journal, operation: Fields): void {
  const study = studyAt(journal, operation['study_id']);
  if (!study) return;
  const id = journal.nextTrial++;
  const given = isObject(operation['params']) ? operation['params'] : {};
  const distributions = isObject(operation['distributions']) ? operation['distributions'] : {};
  const params = Object.entries(given).map(([name, value]): Params[number] => [
    name,
    externalValue(value, Object.hasOwn(distributions, name) ? distributions[name] : undefined),
  ]);
  const trial: Trial = {
    study: Number(operation['study_id']),
    number: study.trials++,
    state: stateOf(operation['state']) ?? 0,
    params: params.slice(0, maxParams),
  };
  count(study, trial.state, 1);
  const values = operation['values'] ?? (operation['value'] === undefined ? [] : [operation['value']]);
  if (hasEnded(trial)) endTrial(into, study, trial, values, operation['datetime_complete']);
  else if (journal.open.size < maxOpen) journal.open.set(id, trial);
}

function setParam(journal: Journal, operation: Fields): void {
  const trial = openTrial(journal, operation['trial_id']);
  const name = operation['param_name'];
  if (!trial || typeof name !== 'string' || trial.params.length >= maxParams) return;
  trial.params.push([
    name.slice(0, maxText),
    externalValue(operation['param_value_internal'], operation['distribution']),
  ]);
}

function setState(into: Collector, journal: Journal, operation: Fields): void {
  const trial = openTrial(journal, operation['trial_id']);
  const study = trial && studyAt(journal, trial.study);
  const state = stateOf(operation['state']);
  if (!study || state === undefined) return;
  count(study, trial.state, -1);
  trial.state = state;
  count(study, state, 1);
  if (!hasEnded(trial)) return;
  journal.open.delete(operation['trial_id'] as number);
  endTrial(into, study, trial, operation['values'], operation['datetime_complete']);
}

function openTrial(journal: Journal, id: unknown): Trial | undefined {
  return typeof id === 'number' ? journal.open.get(id) : undefined;
}

function hasEnded({ state }: Trial): boolean {
  return state >= complete && state <= 3;
}

function stateOf(state: unknown): number | undefined {
  return typeof state === 'number' && states[state] !== undefined ? state : undefined;
}

function count(study: Study, state: number, by: number): void {
  study.counts[state] = (study.counts[state] ?? 0) + by;
  study.changed = true;
}

function endTrial(into: Collector, study: Study, trial: Trial, given: unknown, completed: unknown): void {
  if (trial.state !== complete) return;
  const values = numbersIn(given);
  const time = asTime(completed);
  values.forEach((value, at) => addPoint(into, objectiveName(trial.study, study, at), [trial.number, time, value]));
  const [value] = values;
  if (value === undefined || values.length > 1 || Number.isNaN(value)) return;
  const better = !study.best || (isMaximized(study) ? value > study.best.value : value < study.best.value);
  if (better) study.best = { trial: trial.number, value, params: trial.params };
}

/** Returns the prefix of a study's metrics. The first study has none, as most journals have only one. */
function prefixOf(index: number, study: Study): string {
  return index === 0 ? '' : `${study.name}/`;
}

function objectiveName(index: number, study: Study, at: number): string {
  return `${prefixOf(index, study)}objective${study.directions.length > 1 ? `_${at}` : ''}`;
}

function isMaximized(study: Study): boolean {
  return study.directions[0] === maximize;
}

/**
 * Adds the values of the study, if it has changed. With several studies nothing shows which one a model comes from, so none is
 * added. The number of trials is no metric.
 */
export function collectStudies(into: Collector, journal: Journal): void {
  const live = journal.studies.filter(({ deleted }) => !deleted);
  if (live.length > 1) return dropStudies(into, live.length);
  journal.studies.forEach((study, index) => {
    if (!study.changed || study.deleted) return;
    study.changed = false;
    if (!study.best) return;
    const prefix = prefixOf(index, study);
    const { trial, value, params } = study.best;
    const name = objectiveName(index, study, 0);
    addMetric(into, name, value);
    // No step: a checkpoint with the trial's number would be taken as the best one.
    into.values.best[name] = { value, step: null, mode: isMaximized(study) ? 'max' : 'min' };
    addParams(into.values, { [`${prefix}best_trial`]: trial, [`${prefix}best_params`]: Object.fromEntries(params) });
  });
}

function dropStudies(into: Collector, count: number): void {
  for (const name of Object.keys(into.values.series)) delete into.values.series[name];
  addProblem(into.values, `it contains ${count} studies, and it is not known which of them this model comes from`);
  into.anew = true;
}

function numbersIn(list: unknown): number[] {
  const values = Array.isArray(list) ? list.slice(0, maxValues).map(asNumber) : [];
  return values.filter((value) => value !== undefined);
}

/** Returns a param's value; a categorical one is stored as the index of its choice. */
function externalValue(internal: unknown, distribution: unknown): Json {
  const { name, attributes } = distributionIn(distribution);
  if (name === 'CategoricalDistribution' && isObject(attributes) && Array.isArray(attributes['choices'])) {
    const choice: unknown = attributes['choices'][Number(internal)];
    return typeof choice === 'string' ? choice.slice(0, maxText) : scalar(choice);
  }
  return scalar(internal);
}

function distributionIn(text: unknown): Fields {
  try {
    const value = typeof text === 'string' ? parseJson(text) : null;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function scalar(value: unknown): Json {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' ? value : null;
}
