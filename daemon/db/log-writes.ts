import type { Database, Row } from './database.ts';
import { inTransaction } from './transaction.ts';

/** A state of a run log, after one of its writes. */
export interface LogState {
  path: string;
  writtenAt: number;
  size: number;
}

/** Writer of a file as JSON, whose form ingest defines. */
export type WriterText = string;

export interface LogWrite extends LogState {
  writer: WriterText;
}

/** A state of a run log that is evidence of a version, with its model's id. */
export interface EvidenceUse extends LogState {
  model: string;
  number: number;
  /** Digest of the evidence in it. */
  digest: string;
}

/** A save that became a version, or has the bytes of one. */
export interface ModelSave {
  path: string;
  writtenAt: number;
  root: string;
  model: string;
  number: number;
  /** Id of its run; null outside a run. */
  run: string | null;
  writer: WriterText;
}

const maxWrites = 100;

export function putLogWrite(db: Database, { path, writtenAt, size, writer }: LogWrite): void {
  db.sql('INSERT OR REPLACE INTO log_writes VALUES (?, ?, ?, ?)').run(path, writtenAt, size, writer);
  const old = `DELETE FROM log_writes WHERE path = ? AND written_at <=
    (SELECT written_at FROM log_writes WHERE path = ? ORDER BY written_at DESC LIMIT 1 OFFSET ${maxWrites})`;
  db.sql(old).run(path, path);
}

/** Updates evidence uses and saves when versions get to another model under other numbers, `[from, to]`. */
export function moveEvidenceUses(db: Database, from: string, to: string, numbers: readonly [number, number][]): void {
  inTransaction(db, () => {
    for (const [before, after] of numbers)
      for (const table of ['evidence_uses', 'model_saves'])
        db.sql(`UPDATE OR REPLACE ${table} SET model = ?, number = ? WHERE model = ? AND number = ?`).run(
          to,
          after,
          from,
          before,
        );
  });
}

/** Returns the writes of a run log in order. */
export function logWrites(db: Database, path: string): LogWrite[] {
  const rows = db.sql('SELECT * FROM log_writes WHERE path = ? ORDER BY written_at').all(path);
  return rows.map((row) => ({ ...stateFrom(row), writer: String(row['writer']) }));
}

export function putEvidenceUse(db: Database, use: EvidenceUse): void {
  const { path, writtenAt, size, model, number, digest } = use;
  const text = 'INSERT OR REPLACE INTO evidence_uses VALUES (?, ?, ?, ?, ?, ?)';
  db.sql(text).run(path, writtenAt, size, model, number, digest);
}

/** Returns the versions that have a run log as evidence, with its state, in order of writing. */
export function evidenceUses(db: Database, path: string): EvidenceUse[] {
  const rows = db.sql('SELECT * FROM evidence_uses WHERE path = ? ORDER BY written_at, model, number').all(path);
  return rows.map((row) => ({
    ...stateFrom(row),
    model: String(row['model']),
    number: Number(row['number']),
    digest: String(row['digest']),
  }));
}

export function putModelSave(db: Database, { path, writtenAt, root, model, number, run, writer }: ModelSave): void {
  const text = 'INSERT OR REPLACE INTO model_saves VALUES (?, ?, ?, ?, ?, ?, ?)';
  db.sql(text).run(path, writtenAt, root, model, number, run, writer);
}

/** Replaces the save of a version that its run has completed: it counts as saved when its last file was. */
export function replaceModelSave(db: Database, before: ModelSave, now: ModelSave): void {
  db.sql('DELETE FROM model_saves WHERE path = ? AND written_at = ?').run(before.path, before.writtenAt);
  putModelSave(db, now);
}

/** Returns the saves of one path, in order. */
export function savesAt(db: Database, path: string): ModelSave[] {
  return db.sql('SELECT * FROM model_saves WHERE path = ? ORDER BY written_at').all(path).map(saveFrom);
}

/** Returns the saves below a watched folder since a time, in order. */
export function savesSince(db: Database, root: string, since: number, limit: number): ModelSave[] {
  const text = `SELECT * FROM (SELECT * FROM model_saves WHERE root = ? AND written_at >= ? ORDER BY written_at DESC LIMIT ?)
    ORDER BY written_at`;
  return db.sql(text).all(root, since, limit).map(saveFrom);
}

/** Returns those of the newest `limit` saves of a watched folder that are below a folder, in order. */
export function newestSavesBelow(db: Database, root: string, folder: string, limit: number): ModelSave[] {
  const text = `SELECT * FROM (SELECT * FROM model_saves WHERE root = ? ORDER BY written_at DESC LIMIT ?)
    WHERE path >= ? AND path < ? ORDER BY written_at`;
  return db.sql(text).all(root, limit, `${folder}/`, `${folder}0`).map(saveFrom);
}

function stateFrom(row: Row): LogState {
  return { path: String(row['path']), writtenAt: Number(row['written_at']), size: Number(row['size']) };
}

function saveFrom(row: Row): ModelSave {
  return {
    path: String(row['path']),
    writtenAt: Number(row['written_at']),
    root: String(row['root']),
    model: String(row['model']),
    number: Number(row['number']),
    run: typeof row['run'] === 'string' ? row['run'] : null,
    writer: String(row['writer']),
  };
}
