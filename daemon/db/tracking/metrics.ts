import type { Database, Row } from '../database.ts';
import { groupedBy } from '../group-rows.ts';

/** One value of a metric. `at` is epoch ms; `value` may be NaN, never infinite. */
export interface Point {
  key: string;
  value: number;
  at: number;
  step: number;
}

/** Stores points, and the latest of each metric: that with the greatest step, time and value. Storing a point again changes nothing. */
export function putPoints(db: Database, run: number, points: readonly Point[]): void {
  const keys = new Map<string, number>();
  const latest = new Map<number, Point>();
  const insert = db.sql(
    'INSERT OR IGNORE INTO metric_points (run, key, at, step, value, nan) VALUES (?, ?, ?, ?, ?, ?)',
  );
  for (const point of points) {
    const key = keys.get(point.key) ?? keyOf(db, point.key) ?? newKey(db, point.key);
    keys.set(point.key, key);
    insert.run(run, key, point.at, point.step, ...stored(point.value));
    const known = latest.get(key);
    if (!known || isLater(point, known)) latest.set(key, point);
  }
  for (const [key, point] of latest) putLatest(db, run, key, point);
}

function putLatest(db: Database, run: number, key: number, { step, at, value }: Point): void {
  const text = `INSERT INTO latest_metrics (owner, key, step, at, value, nan) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (owner, key) DO UPDATE SET step = excluded.step, at = excluded.at, value = excluded.value, nan = excluded.nan
    WHERE (excluded.step, excluded.at, excluded.value) >= (step, at, value)`;
  db.sql(text).run(run, key, step, at, ...stored(value));
}

/** Encodes a value as `[value, nan]`, as SQLite has no NaN. */
function stored(value: number): [number, number] {
  return Number.isNaN(value) ? [0, 1] : [value, 0];
}

function isLater(one: Point, other: Point): boolean {
  if (one.step !== other.step) return one.step > other.step;
  return one.at === other.at ? stored(one.value)[0] >= stored(other.value)[0] : one.at > other.at;
}

/** Returns the latest value of each metric of a run, by key. */
export function latestMetrics(db: Database, run: number): Point[] {
  return latestMetricsOfEach(db, [run]).get(run) ?? [];
}

/** Returns them for many runs in one query; a run without any is absent. */
export function latestMetricsOfEach(db: Database, runs: readonly number[]): Map<number, Point[]> {
  const text = `SELECT l.owner, k.name, l.value, l.nan, l.at, l.step FROM latest_metrics l JOIN metric_keys k ON k.id = l.key
    WHERE l.owner IN (SELECT value FROM json_each(?)) ORDER BY l.owner, k.name`;
  return groupedBy(db.sql(text).all(JSON.stringify(runs)), 'owner', fromRow);
}

/** A point of one metric as a row of columns, which is cheaper than an object. */
export type PointRow = [value: number, nan: number, at: number, step: number];

/** Returns one metric of a run ordered by time, step and value; at most `limit` after the first `offset`. */
export function historyOf(db: Database, run: number, key: string, offset: number, limit: number): PointRow[] {
  const id = keyOf(db, key);
  if (id === undefined) return [];
  const text = `SELECT value, nan, at, step FROM metric_points WHERE run = ? AND key = ?
    ORDER BY at, step, value LIMIT ? OFFSET ?`;
  return db.rows<PointRow>(text).all(run, id, limit, offset);
}

/** Returns one metric of a run ordered by step, time and value: `buckets` points evenly spread, and the last one. */
export function thinnedHistory(
  db: Database,
  run: number,
  key: string,
  range: { from: number; to: number },
  buckets: number,
): Point[] {
  const id = keyOf(db, key);
  if (id === undefined) return [];
  const text = `SELECT value, nan, at, step FROM (
      SELECT value, nan, at, step, bucket, n, total, row_number() OVER (PARTITION BY bucket ORDER BY n) AS place FROM (
        SELECT value, nan, at, step, ntile(?) OVER w AS bucket, row_number() OVER w AS n, count(*) OVER () AS total
        FROM metric_points WHERE run = ? AND key = ? AND step BETWEEN ? AND ? WINDOW w AS (ORDER BY step, at, value)
      )
    ) WHERE place = 1 OR n = total ORDER BY n`;
  const found = db.sql(text).all(buckets, run, id, range.from, range.to);
  return found.map((row) => fromRow({ ...row, name: key }));
}

function keyOf(db: Database, name: string): number | undefined {
  const row = db.sql('SELECT id FROM metric_keys WHERE name = ?').get(name);
  return row && Number(row['id']);
}

function newKey(db: Database, name: string): number {
  return Number(db.sql('INSERT INTO metric_keys (name) VALUES (?)').run(name).lastInsertRowid);
}

function fromRow(row: Row): Point {
  return {
    key: String(row['name']),
    value: row['nan'] === 1 ? Number.NaN : Number(row['value']),
    at: Number(row['at']),
    step: Number(row['step']),
  };
}
