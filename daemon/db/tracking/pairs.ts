import type { Database } from '../database.ts';
import { groupedBy } from '../group-rows.ts';

/** Tables of `owner, key, value`: tags and params. */
const tables = {
  experimentTags: 'experiment_tags',
  runTags: 'run_tags',
  runParams: 'run_params',
  loggedModelTags: 'logged_model_tags',
  loggedModelParams: 'logged_model_params',
  traceTags: 'trace_tags',
  traceMetadata: 'trace_metadata',
  traceAssessments: 'trace_assessments',
} as const;
export type PairTable = keyof typeof tables;

export interface Pair {
  key: string;
  value: string;
}

/** Returns all pairs of one owner, by key. */
export function pairsOf(db: Database, table: PairTable, owner: number): Pair[] {
  return pairsOfEach(db, table, [owner]).get(owner) ?? [];
}

/** Returns the pairs of many owners in one query; an owner without any is absent. */
export function pairsOfEach(db: Database, table: PairTable, owners: readonly number[]): Map<number, Pair[]> {
  const text = `SELECT owner, key, value FROM ${tables[table]} WHERE owner IN (SELECT value FROM json_each(?)) ORDER BY owner, key`;
  return groupedBy(db.sql(text).all(JSON.stringify(owners)), 'owner', (row) => ({
    key: String(row['key']),
    value: String(row['value']),
  }));
}

export function pairOf(db: Database, table: PairTable, owner: number, key: string): string | undefined {
  const row = db.sql(`SELECT value FROM ${tables[table]} WHERE owner = ? AND key = ?`).get(owner, key);
  return row && String(row['value']);
}

export function putPair(db: Database, table: PairTable, owner: number, { key, value }: Pair): void {
  db.sql(`INSERT OR REPLACE INTO ${tables[table]} (owner, key, value) VALUES (?, ?, ?)`).run(owner, key, value);
}

/** Deletes a pair. False if it did not exist. */
export function dropPair(db: Database, table: PairTable, owner: number, key: string): boolean {
  return db.sql(`DELETE FROM ${tables[table]} WHERE owner = ? AND key = ?`).run(owner, key).changes > 0;
}
