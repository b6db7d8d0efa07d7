import type { Database, Row } from './database.ts';
import { inTransaction } from './transaction.ts';
import type { Artifact, ArtifactState, Run, RunExecution } from '../protocol/model.ts';
import { artifactStates } from '../protocol/model.ts';
import { runIdOf } from '../shared/runs/run-id.ts';

/** An artifact on disk. `fingerprint` changes when its files do. */
export interface ArtifactRow extends Artifact {
  fingerprint: string;
  writtenAt: number;
  /** Id of the execution that wrote it; null if none was seen. */
  writer: string | null;
}

const columns = `path, root, state, reason, recogniser, framework, format, size, stamp, run, model, version, metrics,
  written_at, seen_at, writer`;

export function artifactAt(db: Database, path: string): ArtifactRow | undefined {
  const row = db.sql(`SELECT ${columns} FROM artifacts WHERE path = ?`).get(path);
  return row && fromRow(row);
}

/** Returns the columns that a scan compares, for every artifact: one cheap query. */
export function fingerprintAt(db: Database, path: string): { fingerprint: string; state: ArtifactState } | undefined {
  const row = db.sql('SELECT stamp, state FROM artifacts WHERE path = ?').get(path);
  return row && { fingerprint: String(row['stamp']), state: String(row['state']) as ArtifactState };
}

export function putArtifact(db: Database, row: ArtifactRow): void {
  db.sql(`INSERT OR REPLACE INTO artifacts (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
    row.path,
    row.root,
    row.state,
    row.reason,
    row.recogniser,
    row.framework,
    row.format,
    row.size,
    row.fingerprint,
    row.run,
    row.model,
    row.version,
    JSON.stringify(row.metrics),
    row.writtenAt,
    row.seenAt,
    row.writer,
  );
}

export function putArtifacts(db: Database, rows: readonly ArtifactRow[]): void {
  inTransaction(db, () => rows.forEach((row) => putArtifact(db, row)));
}

/** Updates the model's name in artifacts and saves when a model is renamed. */
export function renameInArtifacts(db: Database, from: string, to: string): void {
  db.sql('UPDATE artifacts SET model = ? WHERE model = ?').run(to, from);
  db.sql('UPDATE saves SET model = ? WHERE model = ?').run(to, from);
}

/** Updates them when versions get to another model under other numbers, `[from, to]`. */
export function moveInArtifacts(db: Database, from: string, to: string, numbers: readonly [number, number][]): void {
  inTransaction(db, () => {
    for (const [before, after] of numbers) {
      const row = [to, after, from, before];
      db.sql('UPDATE artifacts SET model = ?, version = ? WHERE model = ? AND version = ?').run(...row);
      db.sql('UPDATE saves SET model = ?, version = ? WHERE model = ? AND version = ?').run(...row);
      db.sql(
        `UPDATE saves SET model = ?, best = json_set(best, '$.better.version', ?)
         WHERE model = ? AND best ->> '$.better.version' = ?`,
      ).run(...row);
    }
  });
}

export function deleteArtifact(db: Database, path: string): void {
  db.sql('DELETE FROM artifacts WHERE path = ?').run(path);
}

export function deleteArtifactsOfRoot(db: Database, root: string): void {
  db.sql('DELETE FROM artifacts WHERE root = ?').run(root);
  db.sql('DELETE FROM runs WHERE root = ?').run(root);
  db.sql('DELETE FROM saves WHERE root = ?').run(root);
}

export function artifactsInState(db: Database, state: ArtifactState, after: string, limit: number): ArtifactRow[] {
  const text = `SELECT ${columns} FROM artifacts WHERE state = ? AND path > ? ORDER BY path LIMIT ?`;
  return db.sql(text).all(state, after, limit).map(fromRow);
}

/** Returns the links that lead out of watched folders, with their targets. */
export function linkRows(db: Database): { path: string; root: string; target: string }[] {
  const rows = db.sql("SELECT path, root, stamp FROM artifacts WHERE state = 'ignored' AND recogniser = 'link'").all();
  return rows.map((row) => ({
    path: String(row['path']),
    root: String(row['root']),
    target: String(row['stamp']),
  }));
}

export function artifactsOfRun(db: Database, run: string): ArtifactRow[] {
  return db.sql(`SELECT ${columns} FROM artifacts WHERE run = ? ORDER BY written_at, path`).all(run).map(fromRow);
}

/** Returns the artifacts of a watched folder that are versions and were saved since a time, newest first. */
export function versionsSavedSince(db: Database, root: string, since: number, limit: number): ArtifactRow[] {
  const text = `SELECT ${columns} FROM artifacts WHERE root = ? AND version IS NOT NULL AND written_at >= ?
    ORDER BY written_at DESC LIMIT ?`;
  return db.sql(text).all(root, since, limit).map(fromRow);
}

/** Returns the paths of known artifacts below a folder, and of the folder itself. */
export function artifactPathsBelow(db: Database, folder: string): string[] {
  const text = 'SELECT path FROM artifacts WHERE path >= ? AND path < ? ORDER BY path';
  return db
    .sql(text)
    .all(`${folder}/`, `${folder}0`)
    .map((row) => String(row['path']));
}

/** Yields files below a folder, in one watched folder, that are versions of a model; at most 200. Read one by one, as callers need few. */
export function* modelsBelow(db: Database, folder: string, root: string): Generator<{ path: string; model: string }> {
  const text = `SELECT path, model FROM artifacts WHERE path >= ? AND path < ? AND root = ? AND model IS NOT NULL
    AND version IS NOT NULL ORDER BY path LIMIT 200`;
  for (const row of db.sql(text).iterate(`${folder}/`, `${folder}0`, root))
    yield { path: String(row['path']), model: String(row['model']) };
}

/** Yields files that are versions of a model; at most 50. Read one by one, as callers need few. */
export function* placesOfModel(db: Database, model: string): Generator<{ path: string; root: string }> {
  const text = 'SELECT path, root FROM artifacts WHERE model = ? AND version IS NOT NULL ORDER BY path LIMIT 50';
  for (const row of db.sql(text).iterate(model)) yield { path: String(row['path']), root: String(row['root']) };
}

export function countsOfRoot(db: Database, root: string): Record<ArtifactState, number> {
  const counts = Object.fromEntries(artifactStates.map((state) => [state, 0])) as Record<ArtifactState, number>;
  const rows = db.sql('SELECT state, count(*) AS n FROM artifacts WHERE root = ? GROUP BY state').all(root);
  for (const row of rows) counts[String(row['state']) as ArtifactState] = Number(row['n']);
  return counts;
}

function fromRow(row: Row): ArtifactRow {
  return {
    path: String(row['path']),
    root: String(row['root']),
    state: String(row['state']) as ArtifactState,
    reason: String(row['reason']),
    recogniser: textOrNull(row['recogniser']),
    framework: textOrNull(row['framework']),
    format: textOrNull(row['format']),
    size: Number(row['size']),
    fingerprint: String(row['stamp']),
    run: textOrNull(row['run']),
    model: textOrNull(row['model']),
    version: row['version'] === null ? null : Number(row['version']),
    metrics: JSON.parse(String(row['metrics'])) as Record<string, number | string>,
    writtenAt: Number(row['written_at']),
    seenAt: Number(row['seen_at']),
    writer: textOrNull(row['writer']),
  };
}

function textOrNull(value: Row[string] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** Returns an artifact in the form of the API. */
export function artifactView(row: ArtifactRow): Artifact {
  const { fingerprint: _fingerprint, writtenAt: _writtenAt, writer: _writer, ...artifact } = row;
  return artifact;
}

/** How far a run log had come when its run was last followed, by one of its series. */
export interface LogProgress {
  path: string;
  reader: string;
  metric: string;
  /** Its first value; null if that is not a number. */
  value: number | null;
  /** Step at which it began, or to which it last went back. */
  since: number;
  last: number;
  /** Distance of its last two steps; null if it has only one. */
  gap: number | null;
  /** How often its steps went back. */
  restarts: number;
}

export interface RunRow extends Run {
  root: string;
  progress: LogProgress[];
  /** How it ended, while its status is `running` only because its version is not chosen yet; null for any other run. */
  over: Run['status'] | null;
}

/** Content of the column `execution`: the process, its resumptions, the progress of its logs, and `over`. */
type ExecutionColumn = Partial<RunExecution> & Partial<Pick<RunRow, 'resumptions' | 'progress' | 'over'>>;

/** Returns the run as clients see it: nobody is told that a run is in progress of which nothing goes on. */
export function runView({ root: _root, progress: _progress, over, ...run }: RunRow): Run {
  return over === null ? run : { ...run, status: over };
}

const runColumns = 'id, folder, root, status, started_at, updated_at, ended_at, params, metrics, execution';

/** Returns the newest run of a folder; undefined for none. */
export function runAt(db: Database, folder: string): RunRow | undefined {
  const row = db.sql(`SELECT ${runColumns} FROM runs WHERE folder = ? ORDER BY started_at DESC LIMIT 1`).get(folder);
  return row && runFromRow(row);
}

/** Returns the runs of a folder, the most recently written first. */
export function runsOfFolder(db: Database, folder: string, limit: number): RunRow[] {
  const text = `SELECT ${runColumns} FROM runs WHERE folder = ? ORDER BY updated_at DESC LIMIT ?`;
  return db.sql(text).all(folder, limit).map(runFromRow);
}

/** Returns the runs of an execution, those included that were resumed since. */
export function runsOfExecution(db: Database, execution: string): RunRow[] {
  const isEarlier = `EXISTS (SELECT 1 FROM json_each(execution, '$.resumptions') WHERE value ->> '$.from.id' = ?)`;
  const text = `SELECT ${runColumns} FROM runs WHERE execution ->> '$.id' = ? OR ${isEarlier}`;
  return db.sql(text).all(execution, execution).map(runFromRow);
}

const maxRunsRead = 50;

/** Returns the ids of an execution and of those that it resumed, or that resumed it, in a folder. */
export function executionsOfRun(db: Database, folder: string, execution: string): Set<string> {
  const runs = runsOfFolder(db, folder, maxRunsRead).map((run) =>
    [run.execution, ...run.resumptions.map(({ from }) => from)].flatMap((one) => one?.id ?? []),
  );
  return new Set([execution, ...(runs.find((ids) => ids.includes(execution)) ?? [])]);
}

export function runById(db: Database, id: string): RunRow | undefined {
  const row = db.sql(`SELECT ${runColumns} FROM runs WHERE id = ?`).get(id);
  return row && runFromRow(row);
}

/** Returns an unused run id: the folder itself for its first run, then with a number. */
export function nextRunId(db: Database, folder: string): string {
  const count = Number(db.sql('SELECT count(*) AS n FROM runs WHERE folder = ?').get(folder)?.['n'] ?? 0);
  for (let number = count + 1; ; number += 1) {
    const id = runIdOf(folder, number);
    if (!runById(db, id)) return id;
  }
}

export function putRun(db: Database, run: RunRow): void {
  db.sql(`INSERT OR REPLACE INTO runs (${runColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
    run.id,
    run.folder,
    run.root,
    run.status,
    run.startedAt,
    run.updatedAt,
    run.endedAt,
    JSON.stringify(run.params),
    JSON.stringify(run.metrics),
    JSON.stringify(executionColumn(run)),
  );
}

function executionColumn({ execution, resumptions, progress, over }: RunRow): ExecutionColumn {
  return { ...execution, resumptions, progress, ...(over === null ? {} : { over }) };
}

export function runsWithStatus(db: Database, status: Run['status'], limit: number): RunRow[] {
  const text = `SELECT ${runColumns} FROM runs WHERE status = ? ORDER BY updated_at DESC LIMIT ?`;
  return db.sql(text).all(status, limit).map(runFromRow);
}

/** SQL: the status of a run as `runView` shows it. */
const shownStatus = `CASE status WHEN 'running' THEN coalesce(execution ->> '$.over', status) ELSE status END`;

/** Returns runs that `runView` shows with one of these statuses, live ones first, then the newest. */
export function newestRuns(db: Database, statuses: readonly Run['status'][], limit: number): RunRow[] {
  const stored = [...new Set(['running', ...statuses])];
  const places = (of: readonly string[]): string => of.map(() => '?').join(', ');
  const text = `SELECT ${runColumns} FROM runs WHERE status IN (${places(stored)}) AND ${shownStatus} IN (${places(statuses)})
    ORDER BY ${shownStatus} = 'running' DESC, updated_at DESC LIMIT ?`;
  return db
    .sql(text)
    .all(...stored, ...statuses, limit)
    .map(runFromRow);
}

function runFromRow(row: Row): RunRow {
  const column = JSON.parse(typeof row['execution'] === 'string' ? row['execution'] : '{}') as ExecutionColumn;
  const { resumptions = [], progress = [], over = null, ...execution } = column;
  return {
    id: String(row['id']),
    folder: String(row['folder']),
    root: String(row['root']),
    status: String(row['status']) as Run['status'],
    startedAt: Number(row['started_at']),
    updatedAt: Number(row['updated_at']),
    endedAt: row['ended_at'] === null ? null : Number(row['ended_at']),
    params: JSON.parse(String(row['params'])) as Run['params'],
    metrics: JSON.parse(String(row['metrics'])) as Run['metrics'],
    execution: execution.id === undefined ? null : (execution as RunExecution),
    resumptions,
    progress,
    over,
  };
}
