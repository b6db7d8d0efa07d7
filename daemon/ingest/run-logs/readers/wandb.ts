import { parseJson } from '../../../formats/text/json.ts';
import { readLog, type Logged } from '../../../formats/containers/leveldb-log.ts';
import {
  checkWandbHeader,
  readWandbRecord,
  wandbHeader,
  type WandbItem,
  type WandbRecord,
} from '../../../formats/containers/wandb.ts';
import { ByteWindow } from '../../../formats/window.ts';
import { FormatError, type Source } from '../../../formats/source.ts';
import { isObject, type Json } from '../../../protocol/json.ts';
import type { RunLogReader, Resume } from '../types.ts';
import {
  addMetric,
  addRecordParams,
  addPoint,
  addProblem,
  asNumber,
  blank,
  collector,
  enoughPoints,
  type Collector,
} from './collector.ts';
import { asStep, asTime } from './position.ts';

const maxNames = 10_000;
const maxDepth = 16;
/** Records after which a call ends, even without points. */
const enoughRecords = 500_000;

/**
 * Names of series, and summary values that are held back. A summary has a series' last value before the record of that value, and
 * other names that the script has set. The next record of history shows which names are series; those are dropped from the
 * summary.
 */
interface State {
  series: Set<string>;
  held: Map<string, number>;
}

/** W&B's log of a run, `run-ID.wandb`, online or offline: history as series, config as params, summary as metrics, and the exit status. */
export const wandb: RunLogReader = {
  name: 'wandb',
  canRead: (fileName) => /^run-.+\.wandb$/.test(fileName),
  marksRun: true,
  read(_fileName, source, resume) {
    const into = collector();
    const goesOn = resume !== undefined && resume.offset >= wandbHeader && resume.offset <= source.size;
    const state = stateOf(goesOn ? resume.state : null);
    const unread = { offset: 0, state: stored(state) };
    if (!goesOn && !isLog(source, into)) return { values: into.values, resume: unread };
    return { values: into.values, resume: readOn(source, goesOn ? resume.offset : wandbHeader, state, into) };
  },
};

function isLog(source: Source, into: Collector): boolean {
  try {
    checkWandbHeader(source);
    return true;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (error.kind !== 'truncated') addProblem(into.values, 'it is not a log of W&B that can be read');
    return false;
  }
}

function readOn(source: Source, from: number, state: State, into: Collector): Resume {
  let offset = from;
  let records = 0;
  for (const logged of readLog(source, from)) {
    collectLogged(into, state, logged);
    offset = logged.end;
    if (into.points >= enoughPoints || ++records >= enoughRecords) break;
  }
  return { offset, state: stored(state) };
}

function collectLogged(into: Collector, state: State, logged: Logged): void {
  if (logged.kind === 'bad') return addProblem(into.values, `the record at byte ${logged.at} is damaged; skipped`);
  try {
    collectRecord(into, state, readWandbRecord(ByteWindow.over(logged.bytes), logged.from, logged.to));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addProblem(into.values, `the record that ends at byte ${logged.end} is not one of W&B's; skipped`);
  }
}

function collectRecord(into: Collector, state: State, record: WandbRecord): void {
  for (const item of record.config) collectParam(into, item);
  for (const item of record.summary) holdSummary(state, item);
  if (record.history.length > 0) collectHistory(into, state, record);
  if (record.isRun) into.values.status = 'running';
  if (record.exitCode !== null) into.values.status = record.exitCode === 0 ? 'finished' : 'failed';
  if (record.history.length > 0 || record.exitCode !== null) releaseSummary(into, state);
}

function collectParam(into: Collector, { path, json }: WandbItem): void {
  const [key, ...inner] = path;
  if (key === undefined || key === '_wandb') return;
  if (inner.length === 0) return addRecordParams(into, { [key]: valueOf(json) });
  const known = into.values.params[key];
  const value = inner.reduceRight<unknown>((nested, name) => ({ [name]: nested }), valueOf(json));
  addRecordParams(into, { [key]: isObject(known) && isObject(value) ? { ...known, ...value } : value });
}

function collectHistory(into: Collector, state: State, { history, step }: WandbRecord): void {
  const jsonOf = (name: string): string | undefined => history.find(({ path }) => path.join('/') === name)?.json;
  const at = step ?? asStep(jsonOf('_step'));
  const time = asTime(asNumber(jsonOf('_timestamp')));
  for (const { path, json } of history) {
    eachNumber(path.join('/'), valueOf(json), 0, (name, value) => {
      addPoint(into, name, [at, time, value]);
      if (state.series.size < maxNames) state.series.add(name);
    });
  }
}

function holdSummary(state: State, { path, json }: WandbItem): void {
  eachNumber(path.join('/'), valueOf(json), 0, (name, value) => {
    if (state.held.size < maxNames || state.held.has(name)) state.held.set(name, value);
  });
}

function releaseSummary(into: Collector, state: State): void {
  for (const [name, value] of state.held) if (!state.series.has(name)) addMetric(into, name, value);
  state.held.clear();
}

/**
 * Calls `act` for each number, nested keys joined. W&B's own names begin with `_`; an object with a `_type` is a picture, a table
 * or a histogram.
 */
function eachNumber(name: string, value: Json, depth: number, act: (name: string, value: number) => void): void {
  if (name === '' || name.startsWith('_')) return;
  const number = asNumber(value);
  if (number !== undefined) return act(name, number);
  if (!isObject(value) || Object.hasOwn(value, '_type') || depth >= maxDepth) return;
  for (const [key, entry] of Object.entries(value)) eachNumber(`${name}/${key}`, entry as Json, depth + 1, act);
}

/** Parses JSON; null if it is invalid. */
function valueOf(json: string): Json {
  const number = asNumber(json);
  if (number !== undefined && Number.isFinite(number)) return number;
  try {
    return parseJson(json);
  } catch {
    return null;
  }
}

function stateOf(state: Json): State {
  const { series, held }: Record<string, unknown> = isObject(state) ? state : blank();
  const names = Array.isArray(series) ? series.filter((name) => typeof name === 'string') : [];
  const pairs = (Array.isArray(held) ? held : []).flatMap((pair: unknown): [string, number][] => {
    const [name, value]: unknown[] = Array.isArray(pair) ? pair : [];
    const number = asNumber(value);
    return typeof name === 'string' && number !== undefined ? [[name, number]] : [];
  });
  return { series: new Set(names), held: new Map(pairs) };
}

function stored({ series, held }: State): Json {
  return { series: [...series], held: [...held].map(([name, value]) => [name, String(value)]) };
}
