import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readSqlite, type SqliteRow } from '../../formats/containers/sqlite.ts';
import type { Source } from '../../formats/source.ts';
import { openSource, type FileSource } from '../artifact/file-source.ts';
import { addMetric, addParams, addPoint, asNumber, collector } from './readers/collector.ts';
import { readMlflowRun, type RunFolder } from './readers/mlruns.ts';
import { runStatusOf } from '../../shared/runs/run-status.ts';
import { runMeta } from './mlflow-run.ts';
import type { LoggedValues } from './types.ts';

const maxDatabaseBytes = 256 * 1024 * 1024;

/** Reads MLflow's record of a run by the path that `mlflowRunOf` returns; undefined if there is none or it cannot be read. */
export function readMlflowRunLog(path: string, root: string): LoggedValues | undefined {
  const opened: FileSource[] = [];
  const open = (file: string): Source | undefined => {
    try {
      const source = openSource(file, root);
      opened.push(source);
      return source;
    } catch {
      return undefined;
    }
  };
  try {
    if (basename(path) === runMeta) return readMlflowRun(viewOf(dirname(path), open))?.values;
    return inDatabase(open(dirname(path)), basename(path));
  } catch {
    return undefined;
  } finally {
    for (const source of opened) source.close();
  }
}

function viewOf(folder: string, open: (file: string) => Source | undefined): RunFolder {
  return {
    open: (file) => open(join(folder, file)),
    list: (inner) => {
      try {
        const entries = readdirSync(join(folder, inner), { withFileTypes: true });
        const named = (isWanted: (entry: (typeof entries)[number]) => boolean): string[] =>
          entries.filter(isWanted).map(({ name }) => name);
        return { files: named((entry) => entry.isFile()), folders: named((entry) => entry.isDirectory()) };
      } catch {
        return { files: [], folders: [] };
      }
    },
  };
}

/** Reads a run from MLflow's database. Source: mlflow/store/tracking/dbmodels/models.py */
function inDatabase(source: Source | undefined, run: string): LoggedValues | undefined {
  if (!source || source.size > maxDatabaseBytes) return undefined;
  const database = readSqlite(source);
  const of = (table: string): SqliteRow[] =>
    (database.rows(table) ?? []).filter((row) => row['run_uuid'] === run && typeof row['key'] === 'string');
  const found = (database.rows('runs') ?? []).find((row) => row['run_uuid'] === run);
  if (!found) return undefined;
  const into = collector();
  into.values.status = runStatusOf(found['status']) ?? null;
  for (const { key, value } of of('params')) addParams(into.values, { [String(key)]: value ?? null });
  for (const row of of('metrics').toSorted(inOrder)) {
    const value = row['is_nan'] === 1 ? Number.NaN : asNumber(row['value']);
    if (value === undefined) continue;
    addPoint(into, String(row['key']), [asNumber(row['step']) ?? 0, asNumber(row['timestamp']) ?? null, value]);
    addMetric(into, String(row['key']), value);
  }
  return into.values;
}

function inOrder(a: SqliteRow, b: SqliteRow): number {
  return Number(a['step']) - Number(b['step']) || Number(a['timestamp']) - Number(b['timestamp']);
}
