import { dirname, relative } from 'node:path';
import { runsOfExecution, runsOfFolder, type LogProgress, type RunRow } from '../../db/artifacts.ts';
import type { Database } from '../../db/database.ts';
import { savesOfRun } from '../../db/saves.ts';
import { isBelow, statAt } from '../../runtime/file-reader.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { Executions, SaveWriter } from '../executions/executions.ts';
import type { RunLog } from '../run-logs/cache.ts';
import { locateLogsOfRun } from '../run-logs/locate.ts';
import { continuationOf, progressOf } from '../run-logs/progress.ts';
import type { Disk } from '../disk/folder-cache.ts';
import { shrunkAt } from './another-training.ts';
import { positionInName } from '../artifact/checkpoint-names.ts';
import { namedCheckpoints } from './named-checkpoint.ts';

/**
 * Finds the run that a process resumed after its earlier process had stopped. Three things show that: the command line, a log
 * that continues where the earlier process left it, and the numbers of the checkpoints. An equal command line alone does not.
 */

export interface ResumptionParts {
  readonly ctx: { readonly db: Database };
  readonly disk: Disk;
  readonly inspector: Pick<Inspector, 'readRunLogs'>;
  readonly executions: Pick<Executions, 'isAlive'>;
}

/** A run that is resumed, and the reason as one sentence. */
export interface Resumed {
  run: RunRow;
  reason: string;
}

const maxRuns = 10;

/** Returns the run that the save at `path` continues; undefined if nothing shows that it does. */
export async function findResumedRun(
  parts: ResumptionParts,
  folder: string,
  path: string,
  writer: SaveWriter,
): Promise<Resumed | undefined> {
  if (writer.kind === 'mover' || (writer.kind === 'execution' && writer.execution.kind === 'kernel')) return undefined;
  const { db } = parts.ctx;
  const earlier = runsOfFolder(db, folder, maxRuns).filter((run) => mayGoOn(parts, run, writer));
  const [newest] = earlier;
  if (!newest) return undefined;
  const named = writer.kind === 'execution' ? byCommand(db, earlier, writer.execution) : undefined;
  if (named) return named;
  const logged = await byLogs(parts, newest, writer);
  if (logged !== undefined) return logged === 'another' ? undefined : { run: newest, reason: logged };
  const reason = byElsewhere(db, newest, writer) ?? byNames(db, newest, path);
  return reason === undefined ? undefined : { run: newest, reason };
}

/** Returns true if the process of a run has ended and is not the one that saves now. */
function mayGoOn({ executions }: ResumptionParts, { execution }: RunRow, writer: SaveWriter): boolean {
  if (!execution) return true;
  return !(writer.kind === 'execution' && writer.execution.id === execution.id) && !executions.isAlive(execution.id);
}

function byCommand(
  db: Database,
  earlier: readonly RunRow[],
  execution: Parameters<typeof namedCheckpoints>[0],
): Resumed | undefined {
  const [newest] = earlier;
  for (const { option, path } of namedCheckpoints(execution)) {
    if (path === null && newest) return { run: newest, reason: `its command line says to resume, by ${option}` };
    if (path === null) continue;
    const saved = earlier.find((run) => pathsOf(db, run).some((save) => isBelow(save, path)));
    const run = saved ?? newest;
    if (run && isBelow(path, run.folder))
      return { run, reason: `its command line names ${relative(run.folder, path) || path}, by ${option}` };
  }
  return undefined;
}

function pathsOf(db: Database, { id }: RunRow): string[] {
  return savesOfRun(db, id).map(({ path }) => path);
}

/** Returns the reason if a log that was written since the run stopped continues it, `another` if one began again and none continues. */
async function byLogs(
  { ctx, disk, inspector }: ResumptionParts,
  run: RunRow,
  writer: SaveWriter,
): Promise<string | undefined> {
  const { id, root, folder, progress, startedAt } = run;
  if (progress.length === 0) return undefined;
  const began = writer.kind === 'execution' ? writer.execution.startedAt : null;
  const since = began ?? savesOfRun(ctx.db, id).at(-1)?.writtenAt ?? startedAt;
  const paths = locateLogsOfRun(disk, folder).filter((path) => (statAt(path)?.mtimeMs ?? 0) > since);
  const logs = await inspector.readRunLogs(root, folder, paths, true);
  const found = logs.flatMap((log) => comparisonOf(ctx.db, progress, log, since) ?? []);
  const goesOn = found.find(({ is }) => is === 'same');
  return goesOn ? sentenceOf(folder, goesOn) : found[0] && 'another';
}

interface Comparison {
  is: 'same' | 'another';
  before: LogProgress;
  now: LogProgress;
}

/** Compares a log with its earlier state, or with the event file before it; undefined if they show nothing. */
function comparisonOf(
  db: Database,
  progress: readonly LogProgress[],
  log: RunLog,
  since: number,
): Comparison | undefined {
  const own = progress.find(({ path }) => path === log.path);
  const others = progress
    .filter(({ reader, path }) => reader === log.reader && dirname(path) === dirname(log.path))
    .toSorted((a, b) => b.last - a.last);
  for (const before of own ? [own] : others) {
    const now = progressOf(log, before.metric);
    if (!now) continue;
    const isAppended = own !== undefined && own.value === now.value && shrunkAt(db, log.path, since) === undefined;
    const is = continuationOf(before, now, isAppended);
    return is === undefined ? undefined : { is, before, now };
  }
  return undefined;
}

function sentenceOf(folder: string, { before, now }: Comparison): string {
  const name = relative(folder, now.path);
  return now.path === before.path
    ? `its log ${name} continues at step ${now.last} after ${before.last}`
    : `its log ${name} begins at step ${now.since} after ${before.last}`;
}

/** Returns the reason if the process has resumed the same process in another folder. */
function byElsewhere(db: Database, { execution }: RunRow, writer: SaveWriter): string | undefined {
  if (!execution || writer.kind !== 'execution') return undefined;
  const isResumed = runsOfExecution(db, writer.execution.id).some(({ resumptions }) =>
    resumptions.some(({ from }) => from?.id === execution.id),
  );
  return isResumed ? 'its process continues what it saved in another folder' : undefined;
}

/** Returns the reason if the number of the save is the next one after those of the run's saves. */
function byNames(db: Database, run: RunRow, path: string): string | undefined {
  const own = positionInName(path);
  if (!own) return undefined;
  const numbers = pathsOf(db, run).flatMap((one) => {
    const position = positionInName(one);
    return position?.kind === own.kind ? [position.value] : [];
  });
  const [last, previous] = [...new Set(numbers)].toSorted((a, b) => b - a);
  if (last === undefined) return undefined;
  const isNext =
    (own.kind === 'epoch' && own.value === last + 1) || (previous !== undefined && own.value === 2 * last - previous);
  return isNext ? `it saved ${own.kind} ${own.value} first, after ${own.kind} ${last}` : undefined;
}
