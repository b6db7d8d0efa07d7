import { savesOfRun } from '../../db/saves.ts';
import type { LogProgress, RunRow } from '../../db/artifacts.ts';
import type { Database } from '../../db/database.ts';
import type { Resumption, Run, RunExecution } from '../../protocol/model.ts';
import { statAt } from '../../runtime/file-reader.ts';
import { unseenGapMs, type Execution, type SaveWriter } from '../executions/executions.ts';
import type { RunLog } from '../run-logs/cache.ts';
import { progressOf } from '../run-logs/progress.ts';
import type { Writer } from '../executions/writers.ts';

/** A run that has not ended yet. */
export interface LiveRun {
  id: string;
  folder: string;
  root: string;
  startedAt: number;
  /** Time of the last write in its folder, epoch ms. */
  writtenAt: number;
  /** Kind of its writer. A run whose writer was not seen may later be found to be an execution's. */
  saver: SaveWriter['kind'];
  execution: RunExecution | null;
  resumptions: Resumption[];
  /** How far its own logs had come at the last reading. */
  progress: LogProgress[];
  /** Ids of executions if one of them saved in it, but it is not known which. */
  among: Set<string>;
  /** True if its execution was seen alive since the service started. */
  isSeen: boolean;
  isKernel: boolean;
  /** True if its saves were there before anybody looked, and nothing was written since. */
  isOld: boolean;
  /** True if it could not be followed the last time. No other run waits for it. */
  isFailing: boolean;
  /** True if a tracker marked it. Such a run may write nothing for long while its process computes. */
  isTracked: boolean;
  /** True if its best save was registered before its end, because its process wrote nothing for long. Later saves wait for the end. */
  isRegistered: boolean;
  /** Longest time between two of its saves, ms. */
  interval: number;
  /** Times of its first and its last save, epoch ms. */
  firstSavedAt: number;
  savedAt: number;
  /** When its process was first found to have ended, or another training to have replaced it, epoch ms; null before. */
  goneAt: number | null;
  /** Since when nothing more is expected of it, epoch ms; null while more may be. */
  overSince: number | null;
  /** When its files were last checked for open writers. */
  checkedAt: number;
  /** When its logs were last read, and how long that took, ms. */
  readAt: number;
  readMs: number;
  /** When a process was last seen with a file of it open, or when the run was resumed, epoch ms. */
  openAt: number;
  /** Processes that were seen writing in it, by pid. */
  writers: Map<number, Writer>;
  /** Status in the run's own logs; null for none. */
  reported: Run['status'] | null;
  busy: boolean;
}

type Begun = Pick<LiveRun, 'id' | 'folder' | 'root' | 'startedAt' | 'writtenAt' | 'openAt'>;

/** Creates a run of which only its place and start are known. */
export function newLiveRun(run: Begun): LiveRun {
  return {
    ...run,
    saver: 'unknown',
    execution: null,
    resumptions: [],
    progress: [],
    among: new Set(),
    isSeen: false,
    isKernel: false,
    isOld: false,
    isFailing: false,
    isTracked: false,
    isRegistered: false,
    interval: 0,
    firstSavedAt: run.writtenAt,
    savedAt: run.writtenAt,
    goneAt: null,
    overSince: null,
    checkedAt: 0,
    readAt: 0,
    readMs: 0,
    writers: new Map(),
    reported: null,
    busy: false,
  };
}

/** Creates a run from its row: it was live when the service stopped, or has ended and is resumed. */
export function restoredRun(db: Database, row: RunRow, openAt: number): LiveRun {
  const { id, folder, root, startedAt, updatedAt, execution, resumptions, progress } = row;
  return {
    ...newLiveRun({ id, folder, root, startedAt, writtenAt: updatedAt, openAt }),
    execution,
    resumptions: [...resumptions],
    progress: [...progress],
    saver: execution ? 'execution' : 'unknown',
    isTracked: true,
    isOld: row.over !== null,
    isRegistered: resumptions.length > 0 && hasDecided(db, id),
  };
}

function hasDecided(db: Database, id: string): boolean {
  return savesOfRun(db, id).some(({ decidedAt }) => decidedAt !== null);
}

/** Continues a run for another writer. Versions that it made stay; later saves wait for its end. */
export function resumeRun(db: Database, run: LiveRun, reason: string, writer: SaveWriter, at: number): void {
  run.resumptions.push({ at, reason, from: run.execution });
  Object.assign(run, { execution: null, saver: writer.kind, isSeen: false, goneAt: null, reported: null, interval: 0 });
  run.isRegistered = hasDecided(db, run.id);
  run.among.clear();
  run.writers.clear();
  noteSaver(run, writer);
}

/** Returns the run below a root that saved first, of those whose files came from elsewhere and that do not fail; undefined for none. */
export function earliestMoved(runs: Iterable<LiveRun>, root: string): LiveRun | undefined {
  let earliest: LiveRun | undefined;
  for (const run of runs)
    if (run.saver === 'mover' && run.root === root && !run.isFailing && (!earliest || run.savedAt < earliest.savedAt))
      earliest = run;
  return earliest;
}

/** Records how far the logs of a run have come, except those that were written after its end. */
export function noteProgress(run: LiveRun, logs: readonly RunLog[], shortGapMs: number): void {
  for (const log of logs) {
    const now = progressOf(log);
    if (!now || isWrittenLater(run, statAt(log.path)?.mtimeMs ?? Infinity, shortGapMs)) continue;
    run.progress = [...run.progress.filter(({ path }) => path !== log.path), now];
  }
}

/** If processes cannot be seen, a pause of this many times the run's longest interval between saves ends it. */
export const maxIntervals = 3;

function isWrittenLater(run: LiveRun, writtenAt: number, shortGapMs: number): boolean {
  const { saver, isSeen, goneAt, savedAt, interval } = run;
  if (goneAt !== null && writtenAt > goneAt) return true;
  switch (saver) {
    case 'execution':
      return !isSeen;
    case 'ended':
      return writtenAt > savedAt + unseenGapMs;
    case 'unknown':
      return interval > 0 && writtenAt - savedAt > Math.max(interval * maxIntervals, shortGapMs);
    case 'mover':
      return false;
  }
}

/** Records who saved in a run. */
export function noteSaver(run: LiveRun, writer: SaveWriter): void {
  if (writer.kind === 'execution') setExecution(run, writer.execution);
  if (writer.kind === 'unknown') for (const id of writer.among ?? []) run.among.add(id);
}

/** Records the execution that a run belongs to. */
function setExecution(run: LiveRun, { id, command, folder, script, kind }: Execution): void {
  run.saver = 'execution';
  run.isSeen = true;
  run.isKernel = kind === 'kernel';
  run.execution = { id, command, folder, script };
}

/** Returns true if a log was written by the training that followed a run of an unseen writer. */
export function isOfNext({ saver, goneAt }: LiveRun, path: string): boolean {
  return saver === 'unknown' && goneAt !== null && (statAt(path)?.mtimeMs ?? 0) >= goneAt;
}

/** Returns true if an execution that was seen late may have made the run's earlier saves, because it started before them. */
export function isSameTime({ startedAt, savedAt, saver }: LiveRun, { startedAt: began }: Execution): boolean {
  return saver !== 'mover' && began !== null && began <= Math.min(startedAt, savedAt);
}

/**
 * Returns true if nothing of a run goes on although it has not ended: what saved in it has ended or only moved it, or nobody can be seen who
 * saved it and it was there before. `isAlive` tells whether an execution is.
 */
export function hasStopped(run: LiveRun, isAlive: (execution: string) => boolean): boolean {
  switch (run.saver) {
    case 'execution':
      return false;
    case 'ended':
    case 'mover':
      return true;
    case 'unknown':
      return run.isOld && ![...run.among].some(isAlive);
  }
}

/** Returns the status that the logs of a run report; null for none. */
export function reportedStatus(logs: readonly RunLog[]): Run['status'] | null {
  const reported = logs.map((file) => file.values.status).filter((one) => one !== null && one !== 'running');
  return reported.at(-1) ?? null;
}
