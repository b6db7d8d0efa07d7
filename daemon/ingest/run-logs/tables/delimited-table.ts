import type { Source } from '../../../formats/source.ts';
import { isObject, type Json } from '../../../protocol/json.ts';
import type { LoggedValues, ReadValues, Resume } from '../types.ts';
import {
  addMetric,
  addPoint,
  addProblem,
  asNumber,
  collector,
  enoughOfLines,
  type Collector,
} from '../readers/collector.ts';
import { completeLines, firstLines, goesOn } from '../readers/line-reader.ts';
import { asStep, asTime } from '../readers/position.ts';
import { numberIn, notationOf, delimiterOf, splitLines, type Dialect } from './dialect.ts';

const maxHeader = 256 * 1024;
const maxColumns = 2_000;
/** Rows that are read to guess the number format. */
const shownRows = 200;

/** Meaning of a table's columns, by index. */
export interface Columns {
  /** Columns that may hold the step, the best first. If none does, the row's index is the step. */
  steps: number[];
  time: number;
  values: { index: number; name: string }[];
  /** Column with the name of the row's single value, as in `metric,value`. */
  nameAt?: number;
  /**
   * Set if nothing orders the rows: then only a single row is read as metrics. Several are reported as a problem (`told`), or
   * skipped silently, as they are clearly of other models (`untold`).
   */
  unordered?: 'told' | 'untold';
  problems?: string[];
}

export interface TableForm {
  /** Absent: guessed from the head. */
  delimiter?: string;
  /** Returns the meaning of the columns; undefined if none is a metric. */
  columnsOf: (header: string[], first: string[]) => Columns | undefined;
}

interface TableState {
  header: string;
  notation: Dialect['notation'];
  rows: number;
  /** Points read of each series, so that none is added twice when the writer rewrites its file (with one more column). */
  read: Record<string, number>;
  /** Points of each series that were added from the file's earlier form and are skipped in this one. */
  skip: Record<string, number>;
  /** First data line's values by column. A rewritten file that begins with them is of the same run. */
  first: Record<string, string>;
}

/** Reads a table with a header. One without, or whose header does not fit its rows, gives only a problem. */
export function readTable(source: Source, resume: Resume | undefined, form: TableForm): ReadValues {
  const into = collector();
  const { header, first, start } = headOf(source);
  const unread = { values: into.values, resume: resume ?? { offset: 0, state: null } };
  if (header === undefined || first === undefined) return unread;
  const delimiter = form.delimiter ?? delimiterOf(header);
  const names = splitLines(header, delimiter)[0]?.map((name) => name.trim()) ?? [];
  const firstRow = splitLines(first, delimiter)[0] ?? [];
  const columns = names.length <= maxColumns ? form.columnsOf(names, firstRow) : undefined;
  if (!columns) return unread;
  const damage = damageOf(names, firstRow);
  if (damage !== undefined) {
    addProblem(into.values, damage);
    return unread;
  }
  for (const problem of columns.problems ?? []) addProblem(into.values, problem);
  const before = stateOf(resume?.state);
  const anew = columns.unordered !== undefined || (columns.nameAt !== undefined && columns.steps.length === 0);
  const goes = !anew && before?.header === header && goesOn(source, resume) && resume.offset > 0;
  const skip = !anew && before && beginsLike(before, names, firstRow) ? sum(before.read, before.skip) : {};
  const fresh: TableState = { header, notation: null, rows: 0, read: {}, skip, first: byName(names, firstRow) };
  const table: Table = {
    columns,
    names,
    delimiter,
    state: goes ? before : fresh,
    into,
    odd: 0,
    firstOdd: 0,
    repeated: new Set(),
  };
  const offset = readRows(source, goes ? resume.offset : start, table);
  dropGiven(into.values, table.state);
  return { values: into.values, resume: { offset, state: { ...table.state } }, ...(anew ? { anew } : {}) };
}

interface Table {
  columns: Columns;
  names: string[];
  delimiter: string;
  state: TableState;
  into: Collector;
  /** Rows that do not fit the header, and the line of the first. */
  odd: number;
  firstOdd: number;
  /** Names for which more than one row has a value. */
  repeated: Set<string>;
}

/** Returns the header line and the first data line, each only if complete. `start`: offset of the data. */
function headOf(source: Source): { header?: string | undefined; first?: string | undefined; start: number } {
  const bytes = firstLines(source, 2, maxHeader);
  const [header, first] = bytes.toString('utf8').split('\n', 3).slice(0, -1);
  return { header, first, start: bytes.indexOf('\n') + 1 };
}

function damageOf(names: readonly string[], first: readonly string[]): string | undefined {
  if (names.every((name) => name === '' || asNumber(name) !== undefined))
    return 'it has no head: what its columns mean is not known';
  if (fits(names, first)) return undefined;
  return `its head has ${names.length} names and its first row ${first.length} values: it is damaged, and nothing of it is used`;
}

/** True if a row fits the header. Empty cells and names at the end of a line are ignored. */
function fits(names: readonly string[], row: readonly string[]): boolean {
  const named = names.findLastIndex((name) => name !== '') + 1;
  return row.length >= named && row.slice(names.length).every((cell) => cell.trim() === '');
}

function readRows(source: Source, start: number, table: Table): number {
  const { into, state, columns, delimiter } = table;
  let offset = start;
  for (const { text, end } of completeLines(source, start)) {
    const rows = splitLines(text, delimiter);
    if (rows.length === 0 && text.trim() !== '') addProblem(into.values, `no rows could be read up to byte ${end}`);
    state.notation ??= notationOf(rows.slice(0, shownRows), delimiter);
    for (const row of rows) collectRow(table, row);
    offset = end;
    if (into.points >= enoughOfLines) break;
  }
  if (table.odd > 0)
    addProblem(
      into.values,
      `${table.odd} ${table.odd === 1 ? 'row has' : 'rows have'} another number of values than the head has names (line ${table.firstOdd}); skipped`,
    );
  if (columns.unordered !== undefined && state.rows > 1) dropUnordered(into, state, columns.unordered);
  return offset;
}

/** Drops the values of rows that may be anything: a model each, a fold, an epoch. */
function dropUnordered(into: Collector, { rows }: TableState, unordered: Columns['unordered']): void {
  for (const name of Object.keys(into.values.metrics)) delete into.values.metrics[name];
  if (unordered === 'untold') return;
  addProblem(into.values, `it has ${rows} rows and no column for the step, so none of its values is used as a metric`);
}

function collectRow(table: Table, row: string[]): void {
  const { columns, names, state, into } = table;
  if (row.every((cell) => cell.trim() === '') || row.every((cell, index) => cell.trim() === names[index])) return;
  const index = state.rows++;
  if (!fits(names, row)) {
    if (table.odd++ === 0) table.firstOdd = index + 2;
    return;
  }
  const step = columns.steps.length === 0 ? index : stepIn(columns, row);
  const time = columns.time < 0 ? null : asTime(row[columns.time]);
  for (const { index: at, name } of columns.values) {
    const value = numberIn(row[at], state.notation);
    if (value === 'ambiguous') addAmbiguous(into, name, row[at] ?? '');
    else if (value === undefined) continue;
    else if (columns.nameAt !== undefined) collectNamed(table, row[columns.nameAt] ?? '', step, value);
    else if (columns.unordered !== undefined) addMetric(into, name, value);
    else addPoint(into, name, [step, time, value]);
  }
}

function stepIn({ steps }: Columns, row: string[]): number | null {
  for (const at of steps) {
    const step = asStep(row[at]);
    if (step !== null) return step;
  }
  return null;
}

function collectNamed({ columns, into, repeated }: Table, cell: string, step: number | null, value: number): void {
  const name = cell.trim();
  if (columns.steps.length > 0) return addPoint(into, name, [step, null, value]);
  if (repeated.has(name)) return;
  if (!(name in into.values.metrics)) return addMetric(into, name, value);
  repeated.add(name);
  delete into.values.metrics[name];
  addProblem(into.values, `it contains ${name} more than once; it is not known which one applies, so none is used`);
}

function addAmbiguous(into: Collector, name: string, cell: string): void {
  const sentence = `${cell.trim().slice(0, 40)} in column ${name} may be two numbers; such values are left out`;
  if (!into.values.problems.some((problem) => problem.includes(` in column ${name} `)))
    addProblem(into.values, sentence);
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

/**
 * True if a rewritten file continues the earlier one. A trainer that gets a new metric writes its file again with one more
 * column, after the earlier columns.
 */
function beginsLike(before: TableState, names: string[], firstRow: string[]): boolean {
  const now = byName(names, firstRow);
  return Object.entries(before.first).every(([name, value]) => now[name] === value);
}

function sum(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const counts = new Map(Object.entries(a));
  for (const [name, count] of Object.entries(b)) counts.set(name, count + (counts.get(name) ?? 0));
  return Object.fromEntries(counts);
}

/** Removes the points that are to be skipped, and counts them. */
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
