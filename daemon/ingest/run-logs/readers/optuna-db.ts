import { readSqlite, type SqliteFile, type SqliteRow } from '../../../formats/containers/sqlite.ts';
import type { Source } from '../../../formats/source.ts';
import type { RunLogReader } from '../types.ts';
import type { Collector } from './collector.ts';
import { applyLine, journalFrom, collectStudies, type Journal } from './optuna-journal.ts';
import { readAnew } from './document.ts';

const maxBytes = 256 * 1024 * 1024;
const sqliteHead = 'SQLite format 3';
/** Names of Optuna's TrialState and StudyDirection in its tables. */
const states = ['RUNNING', 'COMPLETE', 'PRUNED', 'FAIL', 'WAITING'];
const directionNames = ['NOT_SET', 'MINIMIZE', 'MAXIMIZE'];
const infinite: Readonly<Record<string, number>> = { INF_POS: Infinity, INF_NEG: -Infinity };

/**
 * Optuna's studies in a SQLite file (`sqlite:///study.db`), with the same result as from its journal. Other databases give no
 * values. Source: optuna/storages/_rdb/models.py
 */
export const optunaDb: RunLogReader = {
  name: 'optuna-db',
  canRead: (fileName) => /\.(db|sqlite3?)$/i.test(fileName),
  marksRun: false,
  read: (_fileName, source, resume) => readAnew(source, maxBytes, resume, collect),
};

function collect(source: Source, into: Collector): void {
  if (Buffer.from(source.read(0, sqliteHead.length)).toString('latin1') !== sqliteHead) return;
  const database = readSqlite(source);
  const [studies, trials] = [database.rows('studies'), database.rows('trials')];
  if (!studies || !trials || !database.rows('version_info')) return;
  const journal = journalFrom(null);
  const indexes = new Map(studies.map((study, index) => [study['study_id'], index]));
  const directions = grouped(database, 'study_directions', 'study_id');
  for (const study of studies) addStudy(into, journal, study, directions.get(study['study_id']) ?? []);
  const params = grouped(database, 'trial_params', 'trial_id');
  const values = grouped(database, 'trial_values', 'trial_id');
  for (const trial of trials) {
    const id = trial['trial_id'];
    addTrial(into, journal, indexes.get(trial['study_id']), trial, params.get(id) ?? [], values.get(id) ?? []);
  }
  collectStudies(into, journal);
}

function grouped(database: SqliteFile, table: string, by: string): Map<unknown, SqliteRow[]> {
  return Map.groupBy(database.rows(table) ?? [], (row) => row[by]);
}

function addStudy(into: Collector, journal: Journal, study: SqliteRow, directions: SqliteRow[]): void {
  applyLine(into, journal, {
    op_code: 0,
    study_name: study['study_name'],
    directions: inOrder(directions).map(({ direction }) => directionNames.indexOf(String(direction))),
  });
}

function addTrial(
  into: Collector,
  journal: Journal,
  study: number | undefined,
  trial: SqliteRow,
  params: SqliteRow[],
  values: SqliteRow[],
): void {
  const entries = (column: string): Record<string, unknown> =>
    Object.fromEntries(params.map((param) => [String(param['param_name']), param[column]]));
  applyLine(into, journal, {
    op_code: 4,
    study_id: study,
    state: states.indexOf(String(trial['state'])),
    params: entries('param_value'),
    distributions: entries('distribution_json'),
    values: inOrder(values).map(({ value, value_type: kind }) => infinite[String(kind)] ?? value),
    datetime_complete: trial['datetime_complete'],
  });
}

/** Sorts the rows of several objectives by objective. */
function inOrder(rows: readonly SqliteRow[]): SqliteRow[] {
  return rows.toSorted((a, b) => Number(a['objective']) - Number(b['objective']));
}
