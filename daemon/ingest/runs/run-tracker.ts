import type { Context } from '../../context.ts';
import { putRun, runsWithStatus, type RunRow } from '../../db/artifacts.ts';
import type { Run } from '../../protocol/model.ts';
import type { Timing } from '../../runtime/timing.ts';
import type { Inspector } from '../artifact/inspector.ts';
import { collectEvidence, mergeEvidence, nothingOwn } from '../register/evidence.ts';
import type { SavingRun } from '../register/register-artifact.ts';
import type { RunLog } from '../run-logs/cache.ts';
import { locateLogsOfRun } from '../run-logs/locate.ts';
import { isAlive, type Writer } from '../settle/writers.ts';
import type { Disk } from '../watch/folder-cache.ts';

/** A run that has not ended yet. */
export interface LiveRun {
  folder: string;
  root: string;
  startedAt: number;
  /** When anything in it was last written, epoch ms. */
  writtenAt: number;
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

export interface RunTrackerParts {
  readonly ctx: Pick<Context, 'db' | 'log' | 'now' | 'publish'>;
  readonly timing: Pick<Timing, 'runQuietMs'>;
  readonly inspector: Pick<Inspector, 'readRunLogs' | 'writers'>;
  readonly disk: Disk;
  readonly signal: AbortSignal;
  /** Whether anything below a folder is still being settled. */
  hasUnsettled(folder: string): boolean;
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
/** A process that lives on, such as a notebook's, but has had no file of the run open for this many quiet times, has left it. */
const patience = 10;
/** A trainer that says it is done may still be saving its final model. */
const reportedStillMs = 5000;

/** Follows live runs: their writers, their metrics, their end. */
export class RunTracker {
  readonly #parts: RunTrackerParts;
  /** By folder. */
  readonly #runs = new Map<string, LiveRun>();

  constructor(parts: RunTrackerParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#runs.size;
  }

  /** A candidate was saved in a run: the run is live, or live again. */
  note(folder: string, root: string, writtenAt: number): void {
    const known = this.#runs.get(folder);
    if (known) {
      known.writtenAt = Math.max(known.writtenAt, writtenAt);
      return;
    }
    const run = this.#add({ folder, root, startedAt: this.#parts.ctx.now(), writtenAt, openAt: 0 });
    this.#save(run, 'running', [], null);
  }

  /** Something was written in a folder: the live runs that it belongs to are live still. */
  onChange(folder: string): void {
    const now = this.#parts.ctx.now();
    for (const run of this.#runs.values())
      if (folder === run.folder || folder.startsWith(`${run.folder}/`)) run.writtenAt = Math.max(run.writtenAt, now);
  }

  /** Resumes the runs of a root that were live when it was last watched. */
  resume(of: string): void {
    const openAt = this.#parts.ctx.now();
    for (const { folder, root, startedAt, updatedAt } of runsWithStatus(this.#parts.ctx.db, 'running', 10_000))
      if (root === of) this.#add({ folder, root, startedAt, writtenAt: updatedAt, openAt });
  }

  /** A root is no longer watched. */
  drop(root: string): void {
    for (const [folder, run] of this.#runs) if (run.root === root) this.#runs.delete(folder);
  }

  /** The run with when it last wrote anything; 0 where it is not live. */
  savingRun(folder: string): SavingRun {
    return { folder, lastWriteAt: this.#runs.get(folder)?.writtenAt ?? 0 };
  }

  /** Looks after every live run. Called often. */
  update(): void {
    const { ctx, signal } = this.#parts;
    for (const run of this.#runs.values()) {
      if (run.busy || signal.aborted) continue;
      run.busy = true;
      this.#updateRun(run)
        .catch((error: unknown) => {
          if (!signal.aborted)
            ctx.log.error('a run could not be followed', { folder: run.folder, error: String(error) });
        })
        .finally(() => (run.busy = false));
    }
  }

  #add(run: Pick<LiveRun, 'folder' | 'root' | 'startedAt' | 'writtenAt' | 'openAt'>): LiveRun {
    const unread = { checkedAt: 0, readAt: 0, readMs: 0 };
    const live: LiveRun = { ...run, ...unread, writers: new Map(), reported: null, busy: false };
    this.#runs.set(run.folder, live);
    return live;
  }

  async #updateRun(run: LiveRun): Promise<void> {
    const now = this.#parts.ctx.now();
    const isDue = now - run.checkedAt >= checkEveryMs;
    const isFresh = run.writtenAt > run.checkedAt;
    if (isDue && (isFresh || run.writers.size > 0)) await this.#findWriters(run, now);
    const pause = Math.max(readEveryMs, pausePerReadMs * run.readMs);
    if (run.writtenAt >= run.readAt && now - run.readAt >= pause) await this.#follow(run, now);
    if (this.#hasEnded(run) && (await this.#isAllSeen(run))) await this.#end(run);
  }

  async #follow(run: LiveRun, now: number): Promise<void> {
    run.readAt = now;
    const began = performance.now();
    const logs = await this.#readLogs(run);
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
    const now = this.#parts.ctx.now();
    const { runQuietMs } = this.#parts.timing;
    const still = now - run.writtenAt;
    if (still < stillMs || this.#parts.hasUnsettled(run.folder)) return false;
    const writers = [...run.writers.values()];
    if (writers.length > 0 && writers.every((writer) => !isAlive(writer))) return true;
    if (run.reported !== null) return still >= Math.min(reportedStillMs, runQuietMs);
    const quiet = Math.min(still, now - run.openAt);
    return quiet >= (writers.length === 0 ? runQuietMs : runQuietMs * patience);
  }

  /** The disk is read once more before a run ends: the event of its last save may not have come. */
  async #isAllSeen(run: LiveRun): Promise<boolean> {
    await this.#parts.checkDisk(run.root, run.folder);
    return !this.#parts.hasUnsettled(run.folder);
  }

  async #end(run: LiveRun): Promise<void> {
    const logs = await this.#readLogs(run);
    const isOver = await this.#parts.registerSaves(run, logs);
    if (isOver) this.#runs.delete(run.folder);
    else run.writtenAt = this.#parts.ctx.now();
    this.#save(run, run.reported ?? 'finished', logs, this.#parts.ctx.now());
  }

  async #readLogs({ root, folder }: LiveRun): Promise<RunLog[]> {
    return this.#parts.inspector.readRunLogs(root, folder, locateLogsOfRun(this.#parts.disk, folder));
  }

  #save(run: LiveRun, status: Run['status'], logs: readonly RunLog[], endedAt: number | null): void {
    const { metrics, params } = mergeEvidence(collectEvidence(nothingOwn, logs, run.folder));
    const { folder, root, startedAt, writtenAt } = run;
    const row: RunRow = { folder, root, status, startedAt, updatedAt: writtenAt, endedAt, params, metrics };
    putRun(this.#parts.ctx.db, row);
    const { root: _root, ...view } = row;
    this.#parts.ctx.publish({ kind: 'run', run: view });
  }
}

function reportedStatus(logs: readonly RunLog[]): Run['status'] | null {
  const reported = logs.map((file) => file.values.status).filter((one) => one !== null && one !== 'running');
  return reported.at(-1) ?? null;
}
