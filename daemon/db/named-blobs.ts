import type { Database } from './database.ts';
import { capturedBlobs, reportBlobs } from './lineage.ts';
import { keptVersions } from './versions.ts';

/** Kind of a blob, by the row that names it. */
export type BlobKind =
  | 'manifest'
  | 'file'
  | 'facts'
  | 'evidence'
  | 'lineage'
  | 'captured file'
  | 'report'
  | 'card'
  | 'deployment output'
  | 'upload';

/** A blob that a row names. `model` is an id, or empty; `name` is the path of a file or upload. */
export interface NamedBlob {
  digest: string;
  kind: BlobKind;
  model: string;
  number: number | null;
  name: string;
  /** Size in bytes; null if the row does not record it. */
  size: number | null;
}

/** One model (by id) or one version of it. */
export interface BlobScope {
  model: string;
  number: number | null;
}

/** A table with blobs. SQL expressions are given where no column has the field's name. */
interface Source {
  kind: BlobKind;
  from: string;
  digest?: string;
  number?: string;
  name?: string;
}

const sources: readonly Source[] = [
  { kind: 'manifest', from: `versions WHERE ${keptVersions}` },
  { kind: 'facts', digest: `body ->> '$.facts'`, from: 'versions' },
  { kind: 'evidence', name: 'source', from: 'evidence' },
  { kind: 'lineage', from: 'lineage' },
  { kind: 'captured file', digest: 'value', from: capturedBlobs },
  { kind: 'report', digest: 'value', from: reportBlobs },
  { kind: 'card', number: 'NULL', from: 'cards' },
  { kind: 'deployment output', digest: 'output', from: 'deployments WHERE output IS NOT NULL' },
];

/** Yields every blob in derived tables, except the files of versions, which are in manifests. */
export function* derivedBlobs(db: Database, scope: BlobScope | null): Generator<NamedBlob> {
  const wanted = { model: scope?.model ?? null, number: scope?.number ?? null };
  for (const { kind, from, digest = 'digest', number = 'number', name = `''` } of sources) {
    const rows = `SELECT ${digest} AS digest, model, ${number} AS number, ${name} AS name FROM ${from}`;
    const text = `SELECT * FROM (${rows}) WHERE ($model IS NULL OR model = $model) AND ($number IS NULL OR number = $number)`;
    const statement = db.raw.prepare<object, Omit<NamedBlob, 'kind' | 'size'>>(text);
    for (const row of statement.iterate(wanted)) yield { ...row, kind, size: null };
  }
}

/** Yields the manifests of live versions, each with its primary file. */
export function* liveManifests(
  db: Database,
  scope: BlobScope | null,
): Generator<{ model: string; number: number; digest: string; primary: string }> {
  const text = `SELECT model, number, digest, body ->> '$.primary' AS "primary" FROM versions WHERE state IN ('ready', 'damaged')
    AND ($model IS NULL OR model = $model) AND ($number IS NULL OR number = $number)`;
  const wanted = { model: scope?.model ?? null, number: scope?.number ?? null };
  yield* db.raw
    .prepare<object, { model: string; number: number; digest: string; primary: string }>(text)
    .iterate(wanted);
}

/** Yields every blob that an MLflow client uploaded. */
export function* uploadedBlobs(db: Database): Generator<NamedBlob> {
  const rows = db.raw.prepare<[], [string, string, number]>('SELECT digest, path, size FROM uploads').raw();
  for (const [digest, name, size] of rows.iterate()) {
    yield { digest, kind: 'upload', model: '', number: null, name, size };
  }
}

/** Returns the versions that were found damaged, by model id and number. */
export function damagedVersions(db: Database, scope: BlobScope | null): [model: string, number: number][] {
  const text = `SELECT model, number FROM versions WHERE state = 'damaged'
    AND ($model IS NULL OR model = $model) AND ($number IS NULL OR number = $number)`;
  const wanted = { model: scope?.model ?? null, number: scope?.number ?? null };
  return db.raw.prepare<object, [string, number]>(text).raw().all(wanted);
}
