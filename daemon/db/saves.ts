import type { Database, Row } from './database.ts';
import type { ManifestFile } from '../protocol/model.ts';

/** Kept bytes of a save, with everything needed to make a version of them. */
export interface KeptSave {
  files: ManifestFile[];
  /** Digest of the blob with the facts from its headers. */
  facts: string;
  primary: string;
  wholeFolder: boolean;
  recogniser: string;
  /** Absolute path of the folder that its files are relative to. */
  folder: string;
}

/** A version of the run that a save is better than by the run's log, with both values of a metric. */
export interface BetterThan {
  version: number;
  metric: string;
  value: number;
  atEnd: number;
}

/** A finished save of a run that is no version. A path may have many, as it is overwritten while the run goes on. */
export interface SaveRow {
  id: number;
  run: string;
  path: string;
  root: string;
  /** Fingerprint of the finished files. */
  fingerprint: string;
  size: number;
  writtenAt: number;
  model: string | null;
  metrics: Record<string, number | string>;
  /** Best save by the file's own record, which Lightning's callbacks write. */
  best: { monitor: string | null; path: string | null; better?: BetterThan };
  /** Null if the bytes are only on disk, or gone. */
  kept: KeptSave | null;
  /** Why the bytes are not kept; null if they are, or may still be. */
  lost: string | null;
  /** When the run was decided about, epoch ms; null while it goes on. */
  decidedAt: number | null;
  /** Number of the version made of it; null for none. */
  version: number | null;
}

export type NewSave = Omit<SaveRow, 'id' | 'kept' | 'lost' | 'decidedAt' | 'version'>;

const columns = 'id, run, path, root, stamp, size, written_at, model, metrics, best, kept, lost, decided_at, version';

/** Adds a save, or returns the existing row of the same files. */
export function addSave(db: Database, save: NewSave): SaveRow {
  const known = db.sql(`SELECT ${columns} FROM saves WHERE run = ? AND path = ? AND stamp = ?`);
  const before = known.get(save.run, save.path, save.fingerprint);
  if (before) return fromRow(before);
  const text = `INSERT INTO saves (run, path, root, stamp, size, written_at, model, metrics, best) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  const metrics = JSON.stringify(save.metrics);
  const best = JSON.stringify(save.best);
  db.sql(text).run(
    save.run,
    save.path,
    save.root,
    save.fingerprint,
    save.size,
    save.writtenAt,
    save.model,
    metrics,
    best,
  );
  return fromRow(known.get(save.run, save.path, save.fingerprint) ?? {});
}

/** Returns a run's saves without a decision, oldest first. */
export function undecidedSaves(db: Database, run: string): SaveRow[] {
  const text = `SELECT ${columns} FROM saves WHERE run = ? AND decided_at IS NULL ORDER BY written_at, path`;
  return db.sql(text).all(run).map(fromRow);
}

/** Returns the watched folders with saves that wait for the end of their run. */
export function rootsWithUndecidedSaves(db: Database): string[] {
  const text = 'SELECT DISTINCT root FROM saves WHERE decided_at IS NULL';
  return db
    .sql(text)
    .all()
    .map((row) => String(row['root']));
}

export function savesOfRun(db: Database, run: string): SaveRow[] {
  return db.sql(`SELECT ${columns} FROM saves WHERE run = ? ORDER BY written_at, path`).all(run).map(fromRow);
}

/** Returns the saves of all runs of an execution, in any folder. */
export function savesOfExecution(db: Database, execution: string): SaveRow[] {
  const runs = `SELECT id FROM runs WHERE execution ->> '$.id' = ?`;
  return db.sql(`SELECT ${columns} FROM saves WHERE run IN (${runs}) ORDER BY written_at`).all(execution).map(fromRow);
}

export function recordKept(db: Database, id: number, kept: KeptSave): void {
  db.sql('UPDATE saves SET kept = ?, lost = NULL WHERE id = ?').run(JSON.stringify(kept), id);
}

export function recordLost(db: Database, id: number, reason: string): void {
  db.sql('UPDATE saves SET lost = ? WHERE id = ? AND kept IS NULL').run(reason, id);
}

export function recordDecision(db: Database, id: number, at: number, version: number | null): void {
  db.sql('UPDATE saves SET decided_at = ?, version = ? WHERE id = ?').run(at, version, id);
}

/** Records that a save is better than a version of its model. */
export function recordBetter(db: Database, { id, best }: SaveRow, better: BetterThan): void {
  db.sql('UPDATE saves SET best = ? WHERE id = ?').run(JSON.stringify({ ...best, better }), id);
}

/** Returns the save that became a version; undefined for none. */
export function saveOfVersion(db: Database, model: string, version: number): SaveRow | undefined {
  const text = `SELECT ${columns} FROM saves WHERE model = ? AND version = ? ORDER BY written_at LIMIT 1`;
  const row = db.sql(text).get(model, version);
  return row && fromRow(row);
}

/** Returns the save that is better than a version by its run's log; undefined for none. */
export function betterSave(db: Database, model: string, version: number): SaveRow | undefined {
  const text = `SELECT ${columns} FROM saves WHERE model = ? AND best ->> '$.better.version' = ? AND version IS NULL LIMIT 1`;
  const row = db.sql(text).get(model, version);
  return row && fromRow(row);
}

/** Deletes saves without bytes that became no version, of runs decided before a time. Returns the ids of their runs. */
export function pruneSaves(db: Database, decidedBefore: number): string[] {
  const text = `DELETE FROM saves WHERE version IS NULL AND kept IS NULL AND decided_at < ? AND best ->> '$.better' IS NULL
    AND run NOT IN (SELECT id FROM runs WHERE status = 'running') RETURNING run`;
  return runsIn(db.sql(text).all(decidedBefore));
}

/** Returns the bytes kept for the saves of a run, or of all runs. */
export function keptBytes(db: Database, run?: string): number {
  const text = 'SELECT coalesce(sum(size), 0) AS n FROM saves WHERE kept IS NOT NULL AND (? IS NULL OR run = ?)';
  return Number(db.sql(text).get(run ?? null, run ?? null)?.['n'] ?? 0);
}

/** Counts the kept saves that are no version, and their bytes. */
export function candidateTotals(db: Database): { count: number; bytes: number } {
  const text =
    'SELECT count(*) AS n, coalesce(sum(size), 0) AS bytes FROM saves WHERE kept IS NOT NULL AND version IS NULL';
  const row = db.sql(text).get();
  return { count: Number(row?.['n'] ?? 0), bytes: Number(row?.['bytes'] ?? 0) };
}

/** Drops the bytes of saves of ended runs that became no version. Returns totals and the ids of their runs. */
export function giveUpCandidates(db: Database, reason: string): { saves: number; bytes: number; runs: string[] } {
  const where = 'kept IS NOT NULL AND version IS NULL AND decided_at IS NOT NULL';
  const row = db.sql(`SELECT count(*) AS n, coalesce(sum(size), 0) AS bytes FROM saves WHERE ${where}`).get();
  const runs = db.sql(`UPDATE saves SET kept = NULL, lost = ? WHERE ${where} RETURNING run`).all(reason);
  return { saves: Number(row?.['n'] ?? 0), bytes: Number(row?.['bytes'] ?? 0), runs: runsIn(runs) };
}

/** Returns the saves whose bytes are kept. */
export function keptSaves(db: Database): SaveRow[] {
  return db.sql(`SELECT ${columns} FROM saves WHERE kept IS NOT NULL ORDER BY id`).all().map(fromRow);
}

/** Drops the bytes of saves of runs decided before a time. Returns the ids of their runs. */
export function giveUpKept(db: Database, decidedBefore: number): string[] {
  const text = `UPDATE saves SET kept = NULL, lost = 'Its bytes were given up 24 hours after its run had ended.'
    WHERE kept IS NOT NULL AND decided_at < ? RETURNING run`;
  return runsIn(db.sql(text).all(decidedBefore));
}

function runsIn(rows: readonly Row[]): string[] {
  return [...new Set(rows.map(({ run }) => String(run)))];
}

function fromRow(row: Row): SaveRow {
  return {
    id: Number(row['id']),
    run: String(row['run']),
    path: String(row['path']),
    root: String(row['root']),
    fingerprint: String(row['stamp']),
    size: Number(row['size']),
    writtenAt: Number(row['written_at']),
    model: textOrNull(row['model']),
    metrics: JSON.parse(String(row['metrics'])) as SaveRow['metrics'],
    best: JSON.parse(String(row['best'])) as SaveRow['best'],
    kept: row['kept'] === null ? null : (JSON.parse(String(row['kept'])) as KeptSave),
    lost: textOrNull(row['lost']),
    decidedAt: row['decided_at'] === null ? null : Number(row['decided_at']),
    version: row['version'] === null ? null : Number(row['version']),
  };
}

function textOrNull(value: Row[string] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
