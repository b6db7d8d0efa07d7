import type { Context } from '../../context.ts';
import { nextRunId, putRun, runsWithStatus, runView, type RunRow } from '../../db/artifacts.ts';
import { watchedRoots } from '../../db/roots.ts';
import type { Run } from '../../protocol/model.ts';
import type { Timing } from '../../runtime/timing.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { unseenGapMs, type Executions, type SaveWriter } from '../executions/executions.ts';
import { collectEvidence, mergeEvidence, nothingOwn } from '../register/evidence.ts';
import { watcherCaller } from '../register/register-artifact.ts';
import type { RunLog } from '../run-logs/cache.ts';
import { locateLogsOfRun } from '../run-logs/locate.ts';
import { isAlive } from '../executions/writers.ts';
import type { Disk } from '../disk/folder-cache.ts';
import {
  earliestMoved,
  hasStopped,
  isOfNext,
  isSameTime,
  maxIntervals,
  newLiveRun,
  noteProgress,
  noteSaver,
  reportedStatus,
  restoredRun,
  resumeRun,
  type LiveRun,
} from './live-run.ts';
import type { Resumed } from './resumption.ts';

/** Facts about a save that `note` needs besides its writer. */
interface NotedSave {
  isTracked: boolean;
  /** When another training than the live run's began in the folder, if files show that. */
  began: number | undefined;
  /** The earlier run that it continues, if anything shows that. */
  resumed?: Resumed | undefined;
}

export interface RunTrackerParts {
  readonly ctx: Pick<Context, 'commit' | 'db' | 'log' | 'now' | 'publish'>;
  readonly timing: Pick<Timing, 'runQuietMs'>;
  readonly inspector: Pick<Inspector, 'readRunLogs' | 'writers'>;
  readonly executions: Pick<Executions, 'isAlive' | 'living'>;
  readonly disk: Disk;
  readonly signal: AbortSignal;
  /** Returns true if an artifact below the folder that was written before `before` is not decided about yet. */
  hasUnsettled(folder: string, before: number): boolean;
  /** Enqueues artifacts on disk below a folder that are not known yet. */
  checkDisk(root: string, folder: string): Promise<void>;
  /** Registers the run's saves. Resolves to false if more was saved meanwhile: then the run goes on. */
  registerSaves(run: LiveRun, logs: readonly RunLog[]): Promise<boolean>;
}

const checkEveryMs = 1000;
/** Milliseconds between two readings of a run's logs; longer for slow ones: `pausePerReadMs` times the last reading's duration. */
const readEveryMs = 200;
const pausePerReadMs = 10;
/** Time without writes before any run ends. */
const stillMs = 1000;
/** The same if the process was seen to end. Only events of its last writes may still be missing. */
const endedStillMs = 300;
/** The same for files that a program copies from elsewhere. */
const copiedStillMs = 2000;
/** A living process, such as a notebook kernel, that had no file of the run open for this many quiet times has left the run. */
const patience = 10;
/** The same if the run's log reports its end: the final model may still be written. */
const reportedStillMs = 5000;
/** Time after a process's end during which its saves elsewhere in the project are waited for. */
const elsewhereMs = 5000;

/** Follows live runs: reads their logs, finds their writers and detects their end. */
export class RunTracker {
  readonly #parts: RunTrackerParts;
  /** Live runs by id. */
  readonly #runs = new Map<string, LiveRun>();
  #beganAt: number;

  constructor(parts: RunTrackerParts) {
    this.#parts = parts;
    this.#beganAt = parts.ctx.now();
  }

  get size(): number {
    return this.#runs.size;
  }

  /** Records a save in a folder and returns its live run; starts one if the save belongs to none. */
  note(folder: string, root: string, writtenAt: number, writer: SaveWriter, how: NotedSave): LiveRun {
    const { isTracked, began, resumed } = how;
    if (began !== undefined && !resumed) this.#endUnseen(folder, writtenAt, began);
    const known = resumed ? this.#resume(resumed, writer) : this.#runOf(folder, writtenAt, writer);
    // The clock of another machine may be ahead, which would keep the run from ever being quiet.
    const now = this.#parts.ctx.now();
    const heardAt = Math.min(writtenAt, now);
    if (known) {
      known.isTracked = isTracked || (!resumed && known.isTracked);
      noteSaver(known, writer);
      if (!resumed) known.interval = Math.max(known.interval, writtenAt - known.savedAt);
      known.savedAt = Math.max(known.savedAt, writtenAt);
      known.writtenAt = Math.max(known.writtenAt, heardAt);
      return known;
    }
    const id = nextRunId(this.#parts.ctx.db, folder);
    if (writer.kind === 'unknown') this.#endUnseen(folder, writtenAt, writtenAt);
    // Files that came from elsewhere tell when their training was, and not when they were found.
    const startedAt = writer.kind === 'mover' ? heardAt : now;
    const run = this.#add(newLiveRun({ id, folder, root, startedAt, writtenAt: heardAt, openAt: 0 }));
    run.firstSavedAt = run.savedAt = writtenAt;
    run.saver = writer.kind;
    run.isTracked = isTracked;
    run.isOld = writtenAt < this.#watchedSince(root);
    noteSaver(run, writer);
    this.#save(run, 'running', [], null);
    return run;
  }

  /** Returns the time from which on everything written in a root is noticed. */
  #watchedSince(root: string): number {
    const addedAt = watchedRoots(this.#parts.ctx.db).find(({ path }) => path === root)?.addedAt ?? 0;
    return Math.max(this.#beganAt, addedAt);
  }

  /** Returns true if a save belongs to a live run. */
  has(folder: string, writtenAt: number, writer: SaveWriter): boolean {
    return this.#runOf(folder, writtenAt, writer) !== undefined;
  }

  /** Continues a run, which may have ended, for the writer that resumed it. */
  #resume({ run: row, reason }: Resumed, writer: SaveWriter): LiveRun {
    const { db, now } = this.#parts.ctx;
    const run = this.#runs.get(row.id) ?? this.#add(restoredRun(db, row, now()));
    resumeRun(db, run, reason, writer, now());
    putRun(db, {
      ...row,
      status: 'running',
      endedAt: null,
      over: null,
      execution: run.execution,
      resumptions: run.resumptions,
    });
    return run;
  }

  /** Returns the live run of a folder whose writer cannot be seen; undefined if there is none or another training has replaced it. */
  unseenRunOf(folder: string): LiveRun | undefined {
    return [...this.#runs.values()].findLast(
      (run) => run.folder === folder && run.saver === 'unknown' && run.goneAt === null,
    );
  }

  /** Marks the runs of unseen writers in a folder as ended, because another training began. */
  #endUnseen(folder: string, savedAt: number, began: number): void {
    for (const run of this.#runs.values())
      if (run.folder === folder && run.saver === 'unknown' && run.savedAt < savedAt)
        run.goneAt ??= Math.min(savedAt, Math.max(began, run.savedAt + 1));
  }

  /** Records a write in a folder for the live runs that it belongs to. */
  onChange(folder: string): void {
    const now = this.#parts.ctx.now();
    const { executions } = this.#parts;
    for (const run of this.#runs.values()) {
      if (run.goneAt !== null) continue;
      const isAlone = run.execution !== null && executions.living(run.root).length === 1;
      if (isBelow(folder, run.folder) || (isAlone && isBelow(folder, run.root)))
        Object.assign(run, { writtenAt: Math.max(run.writtenAt, now), isOld: false });
    }
  }

  /** Resumes the runs of a root that were live when it was last watched. */
  resume(of: string): void {
    const openAt = this.#parts.ctx.now();
    const running = runsWithStatus(this.#parts.ctx.db, 'running', 10_000).filter(({ root }) => root === of);
    for (const row of running) this.#add(restoredRun(this.#parts.ctx.db, row, openAt));
  }

  /** Shifts all times by `ms` after the clock was set. */
  onClockStep(ms: number): void {
    this.#beganAt += ms;
    for (const run of this.#runs.values()) {
      for (const time of ['writtenAt', 'firstSavedAt', 'savedAt', 'checkedAt', 'readAt', 'openAt'] as const)
        run[time] += ms;
      if (run.goneAt !== null) run.goneAt += ms;
      if (run.overSince !== null) run.overSince += ms;
    }
  }

  /** Drops the runs of a root that is no longer watched. */
  drop(root: string): void {
    for (const [id, run] of this.#runs) if (run.root === root) this.#runs.delete(id);
  }

  /** Updates every live run: reads logs, looks for writers, ends runs. */
  update(): void {
    for (const run of this.#runs.values()) this.#start(run);
  }

  /** Starts the update of a run, unless one goes on. */
  #start(run: LiveRun): void {
    const { ctx, signal } = this.#parts;
    if (run.busy || signal.aborted) return;
    run.busy = true;
    this.#updateRun(run)
      .then(() => (run.isFailing = false))
      .catch((error: unknown) => {
        run.isFailing = true;
        if (!signal.aborted) ctx.log.error('a run could not be followed', { run: run.id, error: String(error) });
      })
      .finally(() => (run.busy = false));
  }

  /** Returns the folder's live run that a save belongs to; undefined if it starts another run. */
  #runOf(folder: string, writtenAt: number, writer: SaveWriter): LiveRun | undefined {
    const live = [...this.#runs.values()].filter((run) => run.folder === folder);
    switch (writer.kind) {
      case 'execution':
        return (
          live.find(({ execution }) => execution?.id === writer.execution.id) ??
          live.find((run) => run.execution === null && isSameTime(run, writer.execution))
        );
      case 'ended':
        return live.find(({ saver, savedAt }) => saver === 'ended' && Math.abs(writtenAt - savedAt) < unseenGapMs);
      case 'mover':
        return live.find(({ saver }) => saver === 'mover');
      case 'unknown': {
        return live.findLast(
          ({ saver, interval, savedAt, goneAt }) =>
            saver !== 'unknown' ||
            (goneAt === null &&
              (interval === 0 || writtenAt - savedAt <= Math.max(interval * maxIntervals, this.#shortGapMs()))),
        );
      }
    }
  }

  /** Longest pause between saves that does not count as a pause if processes cannot be seen. */
  #shortGapMs(): number {
    return Math.min(this.#parts.timing.runQuietMs / 6, stillMs * 10);
  }

  #add(run: LiveRun): LiveRun {
    this.#runs.set(run.id, run);
    return run;
  }

  async #updateRun(run: LiveRun): Promise<void> {
    const now = this.#parts.ctx.now();
    if (run.execution && run.goneAt === null) {
      if (this.#parts.executions.isAlive(run.execution.id)) run.isSeen = true;
      else run.goneAt = now;
    }
    const isDue = now - run.checkedAt >= checkEveryMs;
    const isFresh = run.writtenAt > run.checkedAt;
    if (isDue && run.execution === null && (isFresh || run.writers.size > 0)) await this.#findWriters(run, now);
    const pause = Math.max(readEveryMs, pausePerReadMs * run.readMs);
    if (run.writtenAt >= run.readAt && now - run.readAt >= pause) await this.#follow(run, now);
    run.overSince = this.#hasEnded(run) ? (run.overSince ?? this.#parts.ctx.now()) : null;
    if (run.overSince !== null && !this.#hasEarlier(run) && (await this.#isAllSeen(run))) await this.#end(run);
  }

  async #follow(run: LiveRun, now: number): Promise<void> {
    run.readAt = now;
    const began = performance.now();
    const logs = await this.#readLogs(run, true);
    run.readMs = performance.now() - began;
    run.reported = reportedStatus(logs);
    noteProgress(run, logs, this.#shortGapMs());
    await this.#saveWithOthers(run, logs);
  }

  async #findWriters(run: LiveRun, now: number): Promise<void> {
    run.checkedAt = now;
    for (const writer of await this.#parts.inspector.writers(run.folder)) {
      run.writers.set(writer.pid, writer);
      Object.assign(run, { openAt: now, isOld: false });
    }
  }

  #hasEnded(run: LiveRun): boolean {
    const { writtenAt, goneAt, execution, isTracked } = run;
    // The process may have saved elsewhere in the project last, and the event of that may still be missing.
    const since = execution && !isTracked ? Math.max(writtenAt, goneAt ?? 0) : writtenAt;
    if (this.#parts.ctx.now() - since < endedStillMs || this.#hasUnsettled(run)) return false;
    const still = this.#parts.ctx.now() - writtenAt;
    const { runQuietMs } = this.#parts.timing;
    switch (run.saver) {
      case 'execution':
        if (run.goneAt !== null) return true;
        if (run.isRegistered) return false;
        if (run.isKernel && run.reported !== null) return still >= Math.min(reportedStillMs, runQuietMs);
        return still >= Math.max(run.isTracked ? runQuietMs * patience : runQuietMs, run.interval * maxIntervals);
      case 'ended':
        return still >= Math.min(stillMs, runQuietMs);
      case 'mover':
        return still >= Math.min(copiedStillMs, runQuietMs);
      case 'unknown':
        return this.#hasGoneQuiet(run, still);
    }
  }

  /** True if a run of an unseen writer is over: every process that was seen with a file of it open has ended, or nothing was written for long. */
  #hasGoneQuiet(run: LiveRun, still: number): boolean {
    const { executions } = this.#parts;
    const hasEnded = run.among.size > 0 && ![...run.among].some((id) => executions.isAlive(id));
    if (run.goneAt !== null || hasEnded) return true;
    if (still < stillMs) return false;
    const { runQuietMs } = this.#parts.timing;
    const writers = [...run.writers.values()];
    if (writers.length > 0 && writers.every((writer) => !isAlive(writer))) return true;
    if (run.reported !== null) return still >= Math.min(reportedStillMs, runQuietMs);
    const quiet = Math.min(still, this.#parts.ctx.now() - run.openAt);
    return quiet >= (writers.length === 0 ? runQuietMs : runQuietMs * patience);
  }

  /** Scans the run's folder once more before its end, as the event of its last save may be missing. True if nothing new was found. */
  async #isAllSeen(run: LiveRun): Promise<boolean> {
    await this.#parts.checkDisk(run.root, run.folder);
    return !this.#hasUnsettled(run);
  }

  /**
   * True if another run of the same execution, or of files that came from elsewhere as these did, saved last earlier and has not
   * ended: versions are numbered in the order of training. One that goes on is waited for only for a while.
   */
  #hasEarlier({ execution, saver, root, savedAt, goneAt, overSince }: LiveRun): boolean {
    if (saver === 'mover') {
      const isPatient = this.#parts.ctx.now() - (overSince ?? 0) < elsewhereMs;
      for (const one of this.#runs.values()) {
        const isEarlier = one.saver === saver && one.root === root && one.savedAt < savedAt && !one.isFailing;
        if (isEarlier && (one.overSince !== null || isPatient) && !this.#hasUnsettled(one)) return true;
      }
      return false;
    }
    if (!execution || goneAt === null || this.#parts.ctx.now() - goneAt >= elsewhereMs) return false;
    return [...this.#runs.values()].some((one) => one.execution?.id === execution.id && one.savedAt < savedAt);
  }

  /** True if saves of the run are not decided about yet. All saves of an execution that has just ended count, wherever they are in the project. */
  #hasUnsettled({ execution, isSeen, isTracked, root, folder, goneAt }: LiveRun): boolean {
    const isJustOver = goneAt !== null && this.#parts.ctx.now() - goneAt < elsewhereMs;
    const isOfProject = execution !== null && !isTracked && isJustOver;
    // A process that resumed the run may have saved since it ended while the service was stopped.
    const isResumable = isJustOver && execution !== null && !isSeen;
    return this.#parts.hasUnsettled(isOfProject ? root : folder, isResumable ? Infinity : (goneAt ?? Infinity));
  }

  async #end(run: LiveRun): Promise<void> {
    const { ctx, executions, registerSaves } = this.#parts;
    const logs = await this.#readLogs(run);
    noteProgress(run, logs, this.#shortGapMs());
    const { savedAt } = run;
    const { length: resumed } = run.resumptions;
    const isOver = (await registerSaves(run, logs)) && run.savedAt === savedAt;
    if (!isOver) run.writtenAt = ctx.now();
    // A script that computes for long between two saves continues its run; a kernel's next save is another training.
    const goesOn = run.execution !== null && !run.isKernel && executions.isAlive(run.execution.id);
    run.isRegistered ||= (isOver && goesOn) || run.resumptions.length > resumed;
    if (isOver && !goesOn) this.#runs.delete(run.id);
    const hasEnded = isOver && !goesOn;
    if (hasEnded && run.saver === 'mover') run.writtenAt = run.savedAt;
    const endedAt = run.saver === 'mover' ? run.savedAt : ctx.now();
    this.#save(run, hasEnded ? (run.reported ?? 'finished') : 'running', logs, hasEnded ? endedAt : null);
    const next = hasEnded && run.saver === 'mover' ? earliestMoved(this.#runs.values(), run.root) : undefined;
    if (next) this.#start(next);
  }

  async #readLogs(run: LiveRun, ends = false): Promise<RunLog[]> {
    const { root, folder } = run;
    const paths = locateLogsOfRun(this.#parts.disk, folder).filter((path) => !isOfNext(run, path));
    return this.#parts.inspector.readRunLogs(root, folder, paths, ends);
  }

  /** Saves a live run in the next transaction, as hundreds of runs may go on at once. */
  async #saveWithOthers(run: LiveRun, logs: readonly RunLog[]): Promise<void> {
    const row = await this.#parts.ctx.commit({ ...watcherCaller, isBackground: true }, () => ({
      events: [],
      result: () => (this.#runs.get(run.id) === run ? this.#write(run, 'running', logs, null) : undefined),
    }));
    if (row) this.#parts.ctx.publish({ kind: 'run', run: runView(row) });
  }

  #save(run: LiveRun, status: Run['status'], logs: readonly RunLog[], endedAt: number | null): void {
    this.#parts.ctx.publish({ kind: 'run', run: runView(this.#write(run, status, logs, endedAt)) });
  }

  #write(run: LiveRun, status: Run['status'], logs: readonly RunLog[], endedAt: number | null): RunRow {
    const { metrics, params } = mergeEvidence(collectEvidence(nothingOwn, logs, run.folder));
    const { id, folder, root, startedAt, writtenAt, execution, resumptions, progress } = run;
    const times = { startedAt, updatedAt: writtenAt, endedAt };
    const isWaiting = status === 'running' && hasStopped(run, (one) => this.#parts.executions.isAlive(one));
    const over = isWaiting ? (run.reported ?? 'finished') : null;
    const row = { id, folder, root, status, ...times, params, metrics, execution, resumptions, progress, over };
    putRun(this.#parts.ctx.db, row);
    return row;
  }
}

function isBelow(folder: string, place: string): boolean {
  return folder === place || folder.startsWith(`${place}/`);
}
