import type { Database, Row } from './database.ts';
import type { LineageBody } from '../protocol/events.ts';
import type { LineageSummary } from '../protocol/lineage.ts';
import { keptVersions, versionColumns, versionFromRow, type VersionRow } from './versions.ts';

type LineageRow = Omit<LineageBody, 'model' | 'number'>;

/** Returns the recorded lineage of a version; undefined for none. */
export function lineageOf(db: Database, model: string, number: number): LineageRow | undefined {
  const row = db.sql('SELECT digest, blobs, summary FROM lineage WHERE model = ? AND number = ?').get(model, number);
  return row && fromRow(row);
}

/** Returns live versions registered since a time without a lineage, oldest first. */
export function versionsWithoutLineage(db: Database, since: number): VersionRow[] {
  const text = `SELECT ${versionColumns} FROM versions WHERE created_at >= ? AND state IN ('ready', 'damaged') AND NOT EXISTS
    (SELECT 1 FROM lineage WHERE lineage.model = versions.model AND lineage.number = versions.number) ORDER BY seq`;
  return db.sql(text).all(since).map(versionFromRow);
}

/** SQL: number of a lineage's blobs that are no reports. Reports come last. */
const captured = `json_array_length(blobs) - coalesce(summary ->> '$.reports', 0)`;

/** SQL: rows of all blobs that lineages captured, with the digest as `value`. */
export const capturedBlobs = `lineage, json_each(blobs) WHERE key < ${captured}`;

/** SQL: rows of the reports of versions whose files are kept. */
export const reportBlobs = `lineage, json_each(blobs) WHERE key >= ${captured} AND EXISTS (SELECT 1 FROM versions
  WHERE versions.model = lineage.model AND versions.number = lineage.number AND ${keptVersions})`;

/** Returns the digests of every blob that lineages name. */
export function lineageDigests(db: Database): string[] {
  const digests = db
    .sql('SELECT digest FROM lineage')
    .all()
    .map((row) => String(row['digest']));
  const blobs = db.sql(`SELECT value AS digest FROM ${capturedBlobs} UNION ALL SELECT value FROM ${reportBlobs}`).all();
  return [...digests, ...blobs.map((row) => String(row['digest']))];
}

function fromRow(row: Row): LineageRow {
  return {
    digest: String(row['digest']),
    blobs: JSON.parse(String(row['blobs'])) as string[],
    summary: JSON.parse(String(row['summary'])) as LineageSummary,
  };
}
