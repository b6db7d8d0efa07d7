import { basename, dirname, join } from 'node:path';
import type { Database } from '../../db/database.ts';
import { logWrites } from '../../db/log-writes.ts';
import { statAt } from '../../runtime/file-reader.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { readerOf } from '../run-logs/cache.ts';
import { locateLogsOfRun } from '../run-logs/locate.ts';
import type { Disk } from '../disk/folder-cache.ts';

/** Detects from files that another training has begun, where processes cannot be seen. */

export interface SignParts {
  readonly ctx: { readonly db: Database };
  readonly disk: Disk;
  readonly inspector: Pick<Inspector, 'readRunLogs'>;
}

const resultName = /metric|result|score|eval|report/i;

/** Returns true if a result file of the folder, such as metrics.json, was written after a time. */
export function hasNewResult({ disk }: Pick<SignParts, 'disk'>, folder: string, since: number): boolean {
  return resultsIn(disk, folder).some((path) => (statAt(path)?.mtimeMs ?? 0) > since);
}

/**
 * Returns true if a result file was written after `to` and none between `from` and `to`. A training that writes results at every
 * save shows nothing by another one.
 */
export function hasFirstResult(parts: SignParts, folder: string, between: { from: number; to: number }): boolean {
  const results = resultsIn(parts.disk, folder);
  const isSeries = results
    .flatMap((path) => logWrites(parts.ctx.db, path))
    .some(({ writtenAt }) => writtenAt > between.from && writtenAt <= between.to);
  return !isSeries && hasNewResult(parts, folder, between.to);
}

function resultsIn(disk: Disk, folder: string): string[] {
  const names = [...(disk.list(folder)?.files ?? [])];
  return names
    .filter((name) => readerOf(name)?.marksRun === false && resultName.test(name))
    .map((name) => join(folder, name));
}

/**
 * Returns when a log below a folder restarted at its first step after `since`, in the same file or in a new event file; undefined
 * if none did.
 */
export async function logRestart(
  parts: SignParts,
  root: string,
  folder: string,
  since: number,
): Promise<number | undefined> {
  const logs = locateLogsOfRun(parts.disk, folder);
  const times = logs.filter(isGrowing).map((path) => shrunkAt(parts.ctx.db, path, since));
  for (const events of Map.groupBy(logs.filter(isEventFile), dirname).values())
    times.push(await newEventsAt(parts, root, folder, events, since));
  const known = times.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** True for logs that trainers append to. The size of other logs shows no restart, as they are written as a whole. */
function isGrowing(path: string): boolean {
  return (
    readerOf(basename(path))?.marksRun === true || (/\.(csv|tsv|jsonl|log)$/i.test(path) && !resultName.test(path))
  );
}

/** When a file was first seen to hold less than before, since a time. */
export function shrunkAt(db: Database, path: string, since: number): number | undefined {
  const writes = logWrites(db, path);
  return writes.find((one, at) => one.writtenAt > since && one.size < (writes[at - 1]?.size ?? 0))?.writtenAt;
}

function isEventFile(path: string): boolean {
  return readerOf(basename(path))?.name === 'tfevents';
}

/**
 * Returns a time at which another training began: the newest event file is at an earlier step than the one before it. An event
 * file that an evaluation adds continues at the training's step. Undefined if there is no such file.
 */
async function newEventsAt(
  { inspector }: SignParts,
  root: string,
  folder: string,
  events: readonly string[],
  since: number,
): Promise<number | undefined> {
  const byTime = events
    .map((path) => ({ path, writtenAt: statAt(path)?.mtimeMs ?? 0 }))
    .toSorted((a, b) => a.writtenAt - b.writtenAt);
  const [before, newest] = byTime.slice(-2);
  if (!before || !newest || newest.writtenAt <= since || before.writtenAt > since) return undefined;
  const [earlier, later] = await inspector.readRunLogs(root, folder, [before.path, newest.path], true);
  const [from, to] = [earlier, later].map((log) =>
    Math.max(...Object.values(log?.values.series ?? {}).map(({ steps }) => steps.at(-1) ?? NaN)),
  );
  return from !== undefined && to !== undefined && to < from ? before.writtenAt + 1 : undefined;
}
