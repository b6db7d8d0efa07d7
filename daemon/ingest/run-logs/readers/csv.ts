import { parse } from 'csv-parse/sync';
import type { Source } from '../../../formats/source.ts';
import type { Json } from '../../../protocol/json.ts';
import type { LoggedValues, RunLogReader, Resume } from '../types.ts';
import { addPoint, addProblem, asNumber, collector, enoughPoints, isObject, type Collector } from './collector.ts';
import { completeLines, goesOn } from './line-reader.ts';
import { asStep, asTime, isPosition, stepKey, timeKey } from './position.ts';
import { isRaysOwn } from './ray-tune.ts';

const maxHeader = 256 * 1024;
const maxColumns = 2_000;

/** CSV that Lightning, Keras' CSVLogger and Stable-Baselines write while they train. */
export const csvLog: RunLogReader = {
  name: 'csv-log',
  canRead: (fileName) => /^(metrics|training|training_log|train_log|log|progress)\.csv$/.test(fileName),
  marksRun: true,
  read: (_fileName, source, resume) => readTable(source, resume, ',', trainingColumns),
};

/** CSV whose name may mean a log (ultralytics, fastai) or a table made after training. */
export const csvTable: RunLogReader = {
  name: 'csv-table',
  canRead: (fileName) => /^(results|history|training_history|train_history)\.csv$/.test(fileName),
  marksRun: false,
  read: (_fileName, source, resume) => readTable(source, resume, ',', trainingColumns),
};

/** One series a file, as dvclive writes it: `plots/metrics/train/loss.tsv`, columns `step` and `loss`. */
export const dvcliveTsv: RunLogReader = {
  name: 'dvclive-tsv',
  canRead: (fileName) => fileName.endsWith('.tsv') && !/^(learn|test\d*)_error\.tsv$/.test(fileName),
  marksRun: false,
  read: (fileName, source, resume) =>
    readTable(source, resume, '\t', (header) => dvcliveColumns(header, fileName.replaceAll('\\', '/'))),
};

/** Which columns mean what, by index; a step of -1 is the index of the row. */
export interface Columns {
  step: number;
  time: number;
  values: { index: number; name: string }[];
}

interface TableState {
  header: string;
  rows: number;
  /** Points read of each series, to give none twice when a writer rewrites its file (with a column more). */
  read: Record<string, number>;
  /** Points of each series that were given from the file as it was before, and are to be passed over in this one. */
  skip: Record<string, number>;
  /** First data line's values by column: the same run if the rewritten file begins with them. */
  first: Record<string, string>;
}

/** Reads a table whose columns mean what `columnsOf` says; undefined of it: none is a metric. */
export function readTable(
  source: Source,
  resume: Resume | undefined,
  delimiter: string,
  columnsOf: (header: string[], first: string[]) => Columns | undefined,
): { values: LoggedValues; resume: Resume } {
  const into = collector();
  const { header, first, start } = headOf(source);
  const unread = { values: into.values, resume: resume ?? { offset: 0, state: null } };
  if (header === undefined || first === undefined) return unread;
  const names = parseRows(header, delimiter)[0]?.map((name) => name.trim()) ?? [];
  const firstRow = parseRows(first, delimiter)[0] ?? [];
  const columns = names.length <= maxColumns ? columnsOf(names, firstRow) : undefined;
  if (!columns) return unread;

  const before = stateOf(resume?.state);
  const goes = before?.header === header && goesOn(source, resume) && resume.offset > 0;
  const skip = before && beginsLike(before, names, firstRow) ? sum(before.read, before.skip) : {};
  const state: TableState = goes ? before : { header, rows: 0, read: {}, skip, first: byName(names, firstRow) };
  const offset = readRows(source, goes ? resume.offset : start, delimiter, columns, state, into);
  dropGiven(into.values, state);
  return { values: into.values, resume: { offset, state: { ...state } } };
}

/** The header line and the first line of data, each only when complete; `start` is where the data begins. */
function headOf(source: Source): { header?: string | undefined; first?: string | undefined; start: number } {
  const bytes = Buffer.from(source.read(0, maxHeader));
  const [header, first] = bytes.toString('utf8').split('\n', 3).slice(0, -1);
  return { header, first, start: bytes.indexOf('\n') + 1 };
}

function parseRows(text: string, delimiter: string): string[][] {
  try {
    return parse(text, {
      delimiter,
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
  } catch {
    return [];
  }
}

function readRows(
  source: Source,
  start: number,
  delimiter: string,
  columns: Columns,
  state: TableState,
  into: Collector,
): number {
  let offset = start;
  for (const { text, end } of completeLines(source, start)) {
    const rows = parseRows(text, delimiter);
    if (rows.length === 0 && text.trim() !== '') addProblem(into.values, `no rows could be read up to byte ${end}`);
    for (const row of rows) collectRow(into, columns, row, state.rows++);
    offset = end;
    if (into.points >= enoughPoints) break;
  }
  return offset;
}

function collectRow(into: Collector, columns: Columns, row: string[], index: number): void {
  const step = columns.step < 0 ? index : asStep(row[columns.step]);
  const time = columns.time < 0 ? null : asTime(row[columns.time]);
  for (const { index: at, name } of columns.values) {
    const value = asNumber(row[at]);
    if (value !== undefined) addPoint(into, name, [step, time, value]);
  }
}

/** Undefined when the table is no log: it has no step, and its first column is text or too few are numbers. */
function trainingColumns(header: string[], first: string[]): Columns | undefined {
  const stepName = stepKey(header) ?? (header[0] === '' ? '' : undefined);
  const timeName = timeKey(header);
  const ofRay = header.includes('training_iteration') && header.includes('trial_id');
  const values = header
    .map((name, index) => ({ index, name }))
    .filter(({ name }) => name !== '' && name !== stepName && !isPosition(name) && !(ofRay && isRaysOwn(name)));
  if (stepName === undefined) {
    const numbers = values.filter(({ index }) => asNumber(first[index]) !== undefined);
    if (numbers.length < 2 || asNumber(first[0]) === undefined) return undefined;
  }
  const indexOf = (name: string | undefined): number => (name === undefined ? -1 : header.indexOf(name));
  return { step: indexOf(stepName), time: indexOf(timeName), values };
}

function dvcliveColumns(header: string[], path: string): Columns | undefined {
  const step = header.indexOf('step');
  const [, name = ''] = /(?:^|\/)(?:plots\/metrics\/(.+)|[^/]+)\.tsv$/.exec(path) ?? [];
  const stem = /([^/]*)\.tsv$/.exec(path)?.[1] ?? '';
  const value = header.lastIndexOf(stem);
  if (step < 0 || value < 0 || value === step || header.length > 3) return undefined;
  return { step, time: header.indexOf('timestamp'), values: [{ index: value, name: name || stem }] };
}

function stateOf(state: Json | undefined): TableState | undefined {
  return isObject(state) && typeof state['header'] === 'string'
    ? (structuredClone(state) as unknown as TableState)
    : undefined;
}

function byName(names: string[], row: string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name, index) => [name, row[index] ?? '']).filter(([name]) => name !== '__proto__'),
  );
}

/** A trainer that meets a new metric writes its file anew with a column more: the columns it had begin as before. */
function beginsLike(before: TableState, names: string[], firstRow: string[]): boolean {
  const now = byName(names, firstRow);
  return Object.entries(before.first).every(([name, value]) => now[name] === value);
}

function sum(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const counts = new Map(Object.entries(a));
  for (const [name, count] of Object.entries(b)) counts.set(name, count + (counts.get(name) ?? 0));
  return Object.fromEntries(counts);
}

/** Takes the points away that are to be passed over, and counts them off. */
function dropGiven(values: LoggedValues, state: TableState): void {
  const read = new Map(Object.entries(state.read));
  const skip = new Map(Object.entries(state.skip));
  for (const [name, points] of Object.entries(values.series)) {
    const dropped = Math.min(points.length, skip.get(name) ?? 0);
    read.set(name, (read.get(name) ?? 0) + points.length);
    skip.set(name, (skip.get(name) ?? 0) - dropped);
    if (dropped === points.length) delete values.series[name];
    else if (dropped > 0) values.series[name] = points.slice(dropped);
  }
  state.read = Object.fromEntries(read);
  state.skip = Object.fromEntries(skip);
}
