import type { Database, Row } from './database.ts';
import { groupedBy } from './group-rows.ts';
import type { Evidence, EvidenceOrigin } from '../protocol/evidence.ts';
import type { Json } from '../protocol/json.ts';

const columns = 'seq, at, actor, source, digest, metrics, params, origin, detached';

/** Reads the evidence of a version in order, without withdrawn evidence. */
export function evidenceOf(db: Database, model: string, number: number): Evidence[] {
  const text = `SELECT ${columns} FROM evidence WHERE model = ? AND number = ? AND detached IS NULL ORDER BY seq`;
  return db.sql(text).all(model, number).map(fromRow);
}

/** Reads the evidence of every version of a model, by number. */
export function evidenceByNumber(db: Database, model: string): Map<number, Evidence[]> {
  const text = `SELECT number, ${columns} FROM evidence WHERE model = ? AND detached IS NULL ORDER BY seq`;
  return groupedBy(db.sql(text).all(model), 'number', fromRow);
}

/** Reads all evidence of a version from one source, withdrawn evidence included. */
export function evidenceFrom(db: Database, model: string, number: number, source: string): Evidence[] {
  const text = `SELECT ${columns} FROM evidence WHERE model = ? AND number = ? AND source = ? ORDER BY seq`;
  return db.sql(text).all(model, number, source).map(fromRow);
}

const judgedKey = 'evidenceJudged';

/** Returns true after the evidence of earlier programs was judged. */
export function isEvidenceJudged(db: Database): boolean {
  return db.sql('SELECT 1 FROM meta WHERE key = ?').get(judgedKey) !== undefined;
}

/** Marks old evidence as judged: the registry will not know more later. */
export function noteEvidenceJudged(db: Database): void {
  db.sql('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(judgedKey, '1');
}

/** Returns true if an event withdrew evidence that is still withdrawn. */
export function hasDetached(db: Database, model: string, number: number, seq: number): boolean {
  const text = 'SELECT 1 FROM evidence WHERE model = ? AND number = ? AND detached = ? LIMIT 1';
  return db.sql(text).get(model, number, seq) !== undefined;
}

/** Returns the digests of every blob that evidence names. */
export function evidenceDigests(db: Database): string[] {
  return db
    .sql('SELECT DISTINCT digest FROM evidence')
    .all()
    .map((row) => String(row['digest']));
}

function fromRow(row: Row): Evidence {
  const origin = row['origin'];
  return {
    seq: Number(row['seq']),
    at: Number(row['at']),
    actor: String(row['actor']),
    source: String(row['source']),
    digest: String(row['digest']),
    metrics: JSON.parse(String(row['metrics'])) as Record<string, number | string>,
    params: JSON.parse(String(row['params'])) as Record<string, Json>,
    ...(typeof origin === 'string' ? { origin: JSON.parse(origin) as EvidenceOrigin } : {}),
    ...(row['detached'] === null ? {} : { isDetached: true as const }),
  };
}
