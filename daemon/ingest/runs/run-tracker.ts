import type { Context } from '../../context.ts';
import { nextRunId, putRun, runsWithStatus, type RunRow } from '../../db/artifacts.ts';
import type { Run, RunExecution } from '../../protocol/model.ts';
import { statAt } from '../../runtime/file-reader.ts';
import type { Timing } from '../../runtime/timing.ts';
import type { Inspector } from '../artifact/inspector.ts';
import { unseenGapMs, type Execution, type Executions, type SaveWriter } from '../executions/executions.ts';
import { collectEvidence, mergeEvidence, nothingOwn } from '../register/evidence.ts';
import type { RunLog } from '../run-logs/cache.ts';
import { locateLogsOfRun } from '../run-logs/locate.ts';
import { isAlive, type Writer } from '../settle/writers.ts';
import type { Disk } from '../watch/folder-cache.ts';

/** A run that has not ended yet. */
export interface LiveRun {
  id: string;
  folder: string;
  root: string;
  startedAt: number;
  /** When anything in it was last written, epoch ms. */
  writtenAt: number;
  /** Who saves in it. A run of somebody who was not seen may turn out to be an execution's. */
  saver: SaveWriter['kind'];
  execution: RunExecution | null;
  /** Executions of which one saved in it, where it cannot be told which. */
  among: Set<string>;
  isKernel: boolean;
  /** Whether a tracker left signs of it; such a run may be quiet for long while its process computes. */
  isTracked: boolean;
  /** Its process was quiet for so long that its best save was registered before its end; what it saves later waits for the end. */
  isRegistered: boolean;
  /** The longest time between two of its saves, ms. */
  interval: number;
  /** When it first and last saved, epoch ms. */
  firstSavedAt: number;
  savedAt: number;
  /** When its process was first found to have ended, or another training to have begun in its place, epoch ms; null before. */
  goneAt: number | null;
  /** When its files were last checked for a writer. */
  checkedAt: number;
  /** When its logs were last read, and how long that took. */
  readAt: number;
  readMs: number;
  /** When a process was last seen with a file of it open, or the run was resumed, epoch ms. */
  openAt: number;
  /** Processes that were seen writing in it. */
  writers: Map<number, Writer>;
  /** Status that the run's own files report. */
  reported: Run['status'] | null;
  busy: boolean;
}

/** How a save is noted. */
interface Noted {
  isTracked: boolean;
  /** When another training began in the folder than the one whose run is live, where the files show that. */
  began: number | undefined;
}

export interface RunTrackerParts {
  readonly ctx: Pick<Context, 'db' | 'log' | 'now' | 'publish'>;
  readonly timing: Pick<Timing, 'runQuietMs'>;
  readonly inspector: Pick<Inspector, 'readRunLogs' | 'writers'>;
  readonly executions: Pick<Executions, 'isAlive' | 'living'>;
  readonly disk: Disk;
  readonly signal: AbortSignal;
  /** Whether anything below a folder that was written before `before` is still being settled. */
  hasUnsettled(folder: string, before: number): boolean;
  /** Enqueues what is on disk below a folder and not known yet. */
  checkDisk(root: string, folder: string): Promise<void>;
  /** Registers what the run made. Resolves to false where more was saved meanwhile: the run goes on. */
  registerSaves(run: LiveRun, logs: readonly RunLog[]): Promise<boolean>;
}

const checkEveryMs = 1000;
/** A point that was just logged is to be seen within half a second; what is slow to read is read less often. */
const readEveryMs = 200;
const pausePerReadMs = 10;
/** However a run ends, its files must have been still for this long. */
const stillMs = 1000;
/** The same where its process was seen to end: only events of its last writes may still be on their way. */
const endedStillMs = 300;
/** The same where somebody brings files that were made elsewhere. */
const copiedStillMs = 2000;
/** A process that lives on, such as a notebook's, but has had no file of the run open for this many quiet times, has left it. */
const patience = 10;
/** A trainer that says it is done may still be saving its final model. */
const reportedStillMs = 5000;
/** What a process saved elsewhere in its project is waited for this long after its end. */
const elsewhereMs = 5000;
/** Where nobody can be seen, a pause of this many of a run's own intervals is the end of a training. */
const intervals = 3;

/** Follows live runs: their writers, their metrics, their end. */
export class RunTracker {
  readonly #parts: RunTrackerParts;
  /** By id. */
  readonly #runs = new Map<string, LiveRun>();

  constructor(parts: RunTrackerParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#runs.size;
  }

  /** Something was saved in a folder by somebody: the run that it belongs to, which is live now. Another execution is another run. */
  note(folder: string, root: string, writtenAt: number, writer: SaveWriter, { isTracked, began }: Noted): LiveRun {
    if (began !== undefined) this.#endUnseen(folder, writtenAt, began);
    const known = this.#runOf(folder, writtenAt, writer);
    // The clock of another machine, or of before a step, may be ahead of ours: nothing is quiet since a time to come.
    const now = this.#parts.ctx.now();
    const heardAt = Math.min(writtenAt, now);
    if (known) {
      known.isTracked ||= isTracked;
      noteSaver(known, writer);
      known.interval = Math.max(known.interval, writtenAt - known.savedAt);
      known.savedAt = Math.max(known.savedAt, writtenAt);
      known.writtenAt = Math.max(known.writtenAt, heardAt);
      return known;
    }
    const id = nextRunId(this.#parts.ctx.db, folder);
    if (writer.kind === 'unknown') this.#endUnseen(folder, writtenAt, writtenAt);
    const run = this.#add({ id, folder, root, startedAt: now, writtenAt: heardAt, openAt: 0 });
    run.firstSavedAt = run.savedAt = writtenAt;
    run.saver = writer.kind;
    run.isTracked = isTracked;
    noteSaver(run, writer);
    this.#save(run, 'running', [], null);
    return run;
  }

  /** The live run of a folder whose saver cannot be seen; undefined where its next save is another run's in any case. */
  unseenRunOf(folder: string): LiveRun | undefined {
    return [...this.#runs.values()].findLast(
      (run) => run.folder === folder && run.saver === 'unknown' && run.goneAt === null,
    );
  }

  /** Another training began: whoever saved in this folder before has ended. */
  #endUnseen(folder: string, savedAt: number, began: number): void {
    for (const run of this.#runs.values())
      if (run.folder === folder && run.saver === 'unknown' && run.savedAt < savedAt)
        run.goneAt ??= Math.min(savedAt, Math.max(began, run.savedAt + 1));
  }

  /** Something was written in a folder: the live runs that it belongs to are live still. */
  onChange(folder: string): void {
    const now = this.#parts.ctx.now();
    const { executions } = this.#parts;
    for (const run of this.#runs.values()) {
      if (run.goneAt !== null) continue;
      const isAlone = run.execution !== null && executions.living(run.root).length === 1;
      if (isBelow(folder, run.folder) || (isAlone && isBelow(folder, run.root)))
        run.writtenAt = Math.max(run.writtenAt, now);
    }
  }

  /** Resumes the runs of a root that were live when it was last watched. */
  resume(of: string): void {
    const openAt = this.#parts.ctx.now();
    const running = runsWithStatus(this.#parts.ctx.db, 'running', 10_000).filter(({ root }) => root === of);
    for (const { id, folder, root, startedAt, updatedAt, execution } of running) {
      const run = this.#add({ id, folder, root, startedAt, writtenAt: updatedAt, openAt });
      run.execution = execution;
      if (execution) run.saver = 'execution';
      run.isTracked = true;
    }
  }

  /** The clock was set: what was quiet for some time is quiet for as long as before. */
  onClockStep(ms: number): void {
    for (const run of this.#runs.values()) {
      for (const time of ['writtenAt', 'firstSavedAt', 'savedAt', 'checkedAt', 'readAt', 'openAt'] as const)
        run[time] += ms;
      if (run.goneAt !== null) run.goneAt += ms;
    }
  }

  /** A root is no longer watched. */
  drop(root: string): void {
    for (const [id, run] of this.#runs) if (run.root === root) this.#runs.delete(id);
  }

  /** Looks after every live run. Called often. */
  update(): void {
    const { ctx, signal } = this.#parts;
    for (const run of this.#runs.values()) {
      if (run.busy || signal.aborted) continue;
      run.busy = true;
      this.#updateRun(run)
        .catch((error: unknown) => {
          if (!signal.aborted) ctx.log.error('a run could not be followed', { run: run.id, error: String(error) });
        })
        .finally(() => (run.busy = false));
    }
  }

  /** The live run of a folder that a save belongs to. */
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
        const shortGapMs = Math.min(this.#parts.timing.runQuietMs / 6, stillMs * 10);
        return live.findLast(
          ({ saver, interval, savedAt, goneAt }) =>
            saver !== 'unknown' ||
            (goneAt === null && (interval === 0 || writtenAt - savedAt <= Math.max(interval * intervals, shortGapMs))),
        );
      }
    }
  }

  #add(run: Pick<LiveRun, 'id' | 'folder' | 'root' | 'startedAt' | 'writtenAt' | 'openAt'>): LiveRun {
    const live: LiveRun = {
      ...run,
      saver: 'unknown',
      execution: null,
      among: new Set(),
      isKernel: false,
      isTracked: false,
      isRegistered: false,
      interval: 0,
      firstSavedAt: run.writtenAt,
      savedAt: run.writtenAt,
      goneAt: null,
      checkedAt: 0,
      readAt: 0,
      readMs: 0,
      writers: new Map(),
      reported: null,
      busy: false,
    };
    this.#runs.set(run.id, live);
    return live;
  }

  async #updateRun(run: LiveRun): Promise<void> {
    const now = this.#parts.ctx.now();
    if (run.execution && run.goneAt === null && !this.#parts.executions.isAlive(run.execution.id)) run.goneAt = now;
    const isDue = now - run.checkedAt >= checkEveryMs;
    const isFresh = run.writtenAt > run.checkedAt;
    if (isDue && run.execution === null && (isFresh || run.writers.size > 0)) await this.#findWriters(run, now);
    const pause = Math.max(readEveryMs, pausePerReadMs * run.readMs);
    if (run.writtenAt >= run.readAt && now - run.readAt >= pause) await this.#follow(run, now);
    if (this.#hasEnded(run) && !this.#hasEarlier(run) && (await this.#isAllSeen(run))) await this.#end(run);
  }

  async #follow(run: LiveRun, now: number): Promise<void> {
    run.readAt = now;
    const began = performance.now();
    const logs = await this.#readLogs(run, true);
    run.readMs = performance.now() - began;
    run.reported = reportedStatus(logs);
    this.#save(run, 'running', logs, null);
  }

  async #findWriters(run: LiveRun, now: number): Promise<void> {
    run.checkedAt = now;
    for (const writer of await this.#parts.inspector.writers(run.folder)) {
      run.writers.set(writer.pid, writer);
      run.openAt = now;
    }
  }

  #hasEnded(run: LiveRun): boolean {
    const { writtenAt, goneAt, execution, isTracked } = run;
    // What its process saved last may be elsewhere in the project: the news of it may still be on its way.
    const since = execution && !isTracked ? Math.max(writtenAt, goneAt ?? 0) : writtenAt;
    if (this.#parts.ctx.now() - since < endedStillMs || this.#hasUnsettled(run)) return false;
    const still = this.#parts.ctx.now() - writtenAt;
    const { runQuietMs } = this.#parts.timing;
    switch (run.saver) {
      case 'execution':
        if (run.goneAt !== null) return true;
        if (run.isRegistered) return false;
        if (run.isKernel && run.reported !== null) return still >= Math.min(reportedStillMs, runQuietMs);
        return still >= Math.max(run.isTracked ? runQuietMs * patience : runQuietMs, run.interval * intervals);
      case 'ended':
        return still >= Math.min(stillMs, runQuietMs);
      case 'mover':
        return still >= Math.min(copiedStillMs, runQuietMs);
      case 'unknown':
        return this.#hasGoneQuiet(run, still);
    }
  }

  /** Where it is not known who saves: everybody who was seen with a file of the run open has ended, or nothing was written for long. */
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

  /** The disk is read once more before a run ends: the event of its last save may not have come. */
  async #isAllSeen(run: LiveRun): Promise<boolean> {
    await this.#parts.checkDisk(run.root, run.folder);
    return !this.#hasUnsettled(run);
  }

  /** Runs of one execution end in the order of their last saves: their versions are numbered as they were trained. */
  #hasEarlier({ execution, savedAt, goneAt }: LiveRun): boolean {
    if (!execution || goneAt === null || this.#parts.ctx.now() - goneAt >= elsewhereMs) return false;
    return [...this.#runs.values()].some((one) => one.execution?.id === execution.id && one.savedAt < savedAt);
  }

  /** Of an execution that has ended all its saves are weighed together, wherever in the project they are. */
  #hasUnsettled({ execution, isTracked, root, folder, goneAt }: LiveRun): boolean {
    const isJustOver = goneAt !== null && this.#parts.ctx.now() - goneAt < elsewhereMs;
    const isOfProject = execution !== null && !isTracked && isJustOver;
    return this.#parts.hasUnsettled(isOfProject ? root : folder, goneAt ?? Infinity);
  }

  async #end(run: LiveRun): Promise<void> {
    const { ctx, executions, registerSaves } = this.#parts;
    const logs = await this.#readLogs(run);
    const isOver = await registerSaves(run, logs);
    if (!isOver) run.writtenAt = ctx.now();
    // A script that computes for long between two saves goes on with the same run; a kernel's next save is another training.
    const goesOn = run.execution !== null && !run.isKernel && executions.isAlive(run.execution.id);
    run.isRegistered ||= isOver && goesOn;
    if (isOver && !goesOn) this.#runs.delete(run.id);
    const hasEnded = isOver && !goesOn;
    this.#save(run, hasEnded ? (run.reported ?? 'finished') : 'running', logs, hasEnded ? ctx.now() : null);
  }

  async #readLogs(run: LiveRun, ends = false): Promise<RunLog[]> {
    const { root, folder } = run;
    const paths = locateLogsOfRun(this.#parts.disk, folder).filter((path) => !isOfNext(run, path));
    return this.#parts.inspector.readRunLogs(root, folder, paths, ends);
  }

  #save(run: LiveRun, status: Run['status'], logs: readonly RunLog[], endedAt: number | null): void {
    const { metrics, params } = mergeEvidence(collectEvidence(nothingOwn, logs, run.folder));
    const { id, folder, root, startedAt, writtenAt, execution } = run;
    const row: RunRow = {
      id,
      folder,
      root,
      status,
      startedAt,
      updatedAt: writtenAt,
      endedAt,
      params,
      metrics,
      execution,
    };
    putRun(this.#parts.ctx.db, row);
    const { root: _root, ...view } = row;
    this.#parts.ctx.publish({ kind: 'run', run: view });
  }
}

function noteSaver(run: LiveRun, writer: SaveWriter): void {
  if (writer.kind === 'execution') identify(run, writer.execution);
  if (writer.kind === 'unknown') for (const id of writer.among ?? []) run.among.add(id);
}

/** What is told of the execution that a run is. */
function identify(run: LiveRun, { id, command, folder, script, kind }: Execution): void {
  run.saver = 'execution';
  run.isKernel = kind === 'kernel';
  run.execution = { id, command, folder, script };
}

/** Whether a log was written by the training that came after a run whose saver could not be seen. */
function isOfNext({ saver, goneAt }: LiveRun, path: string): boolean {
  return saver === 'unknown' && goneAt !== null && (statAt(path)?.mtimeMs ?? 0) >= goneAt;
}

/** Whether an execution that was seen only now may have made the earlier saves of a run: it was there when that began. */
function isSameTime({ startedAt, savedAt, saver }: LiveRun, { startedAt: began }: Execution): boolean {
  return saver !== 'mover' && began !== null && began <= Math.min(startedAt, savedAt);
}

function isBelow(folder: string, place: string): boolean {
  return folder === place || folder.startsWith(`${place}/`);
}

function reportedStatus(logs: readonly RunLog[]): Run['status'] | null {
  const reported = logs.map((file) => file.values.status).filter((one) => one !== null && one !== 'running');
  return reported.at(-1) ?? null;
}
