import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context } from '../../context.ts';
import { plinthFileName } from '../../policy/watch-rules.ts';
import { statAt } from '../../runtime/file-reader.ts';
import { reportKind } from '../../shared/report-files.ts';
import type { Timing } from '../../runtime/timing.ts';
import { artifactsAbove, artifactsOf } from '../artifact/files.ts';
import { isRunLog } from '../run-logs/cache.ts';
import { isNamedAfterModel } from '../run-logs/locate.ts';
import type { RunTracker } from '../runs/run-tracker.ts';
import type { Artifacts } from '../artifact/artifact-state.ts';
import type { Settler } from '../settle/settler.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { IgnoredPatterns } from '../disk/ignore.ts';
import { listFolder, type Listing } from '../disk/list-folder.ts';
import type { FolderScanner } from './scan-folder.ts';
import type { WatchedRoot, WatchedRoots } from './watched-roots.ts';
import type { FolderChange } from './watcher.ts';

export interface QueueParts {
  readonly ctx: Pick<Context, 'log' | 'now'>;
  readonly timing: Pick<Timing, 'quietMs'>;
  readonly disk: Disk;
  readonly roots: WatchedRoots;
  readonly ignored: Pick<IgnoredPatterns, 'patternFor'>;
  readonly scanner: FolderScanner;
  readonly artifacts: Pick<Artifacts, 'get'>;
  readonly settler: Pick<Settler, 'forget'>;
  readonly runs: Pick<RunTracker, 'onChange'>;
  readonly signal: AbortSignal;
  /** Restarts the poll loop if it is idle. */
  wake(): void;
  scan(root: WatchedRoot): void;
  /** Records the writer of a run log that was just written, before its process can end. */
  noteLogWriter(root: string, path: string): void;
  /** Attaches a run log that was written to the versions that it is evidence of. */
  attachEvidence(root: string, path: string): Promise<void>;
  /** Attaches pictures and reports that were written in a folder to the versions that they are of. */
  attachReports(root: string, folder: string): Promise<void>;
}

/** More changes than this between two rounds may mean that some were lost. */
const maxBurst = 8192;
/** Longest time in ms that checking folders may block the event loop before it yields. */
const stretchMs = 8;
/** A loop that was blocked for this long cannot have kept up with the watcher. */
const lagMs = 500;
/** Reads a run log again after this time: whether it is evidence may depend on what its writer does next. */
const readAgainMs = 1000;
/** A folder's watch begins at most this long after the folder was first seen. */
const recentMs = 10_000;

type Names = Set<string | undefined>;

/** Gathers the watcher's changes and checks each changed folder once, however many changes there were. */
export class ChangeQueue {
  readonly #parts: QueueParts;
  /** Changed names by folder; undefined where only the folder is known. */
  readonly #folders = new Map<string, Names>();
  /** Run logs that were written, and the time at which each is read, epoch ms. */
  readonly #logs = new Map<string, number>();
  /** Folders in which reports were written, and the time at which each is searched, epoch ms. */
  readonly #reports = new Map<string, number>();
  readonly #rescans = new Set<string>();
  #count = 0;
  #drainedAt: number;
  #lastChangeAt = 0;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#drainedAt = parts.ctx.now();
  }

  /** When anything below a root last changed, epoch ms. */
  get lastChangeAt(): number {
    return this.#lastChangeAt;
  }

  isEmpty(): boolean {
    return this.#folders.size + this.#rescans.size + this.#logs.size + this.#reports.size === 0;
  }

  enqueue({ folder, name }: FolderChange): void {
    this.#count += 1;
    this.#parts.wake();
    if (this.#count > maxBurst) return;
    const names: Names = this.#folders.get(folder) ?? new Set();
    this.#folders.set(folder, names.add(name));
  }

  /** Schedules a scan of a root in which changes were missed. */
  rescan(root: string): void {
    this.#rescans.add(root);
    this.#parts.wake();
  }

  /** Schedules another reading of a run log, `readAgainMs` from now. */
  readLater(path: string): void {
    this.#logs.set(path, this.#parts.ctx.now() + readAgainMs);
    this.#parts.wake();
  }

  /** Schedules another search for the reports of a folder, `readAgainMs` from now. */
  readReportsLater(folder: string): void {
    this.#reports.set(folder, this.#parts.ctx.now() + readAgainMs);
    this.#parts.wake();
  }

  /** Shifts all due times by `ms` after the clock was set. */
  onClockStep(ms: number): void {
    for (const due of [this.#logs, this.#reports]) for (const [path, at] of due) due.set(path, at + ms);
    this.#drainedAt += ms;
    this.#lastChangeAt += ms;
  }

  /** Checks every changed folder. Called often. */
  drain(): void {
    const { ctx, roots } = this.#parts;
    const now = ctx.now();
    const mayHaveMissed = this.#count > maxBurst || (this.#count > 0 && now - this.#drainedAt > lagMs);
    if (mayHaveMissed) for (const { path } of roots.all()) this.#rescans.add(path);
    this.#drainedAt = now;
    this.#count = 0;
    if (this.#folders.size > 0) this.#lastChangeAt = now;
    this.#checkSome();
    for (const root of [...this.#rescans].flatMap((path) => roots.get(path) ?? [])) this.#parts.scan(root);
    this.#rescans.clear();
    this.#readLogs(now);
    this.#readReports(now);
  }

  /**
   * Checks changed folders for at most `stretchMs`, then yields. Skips a root until its first scan has decided which files are
   * existing files.
   */
  #checkSome(): void {
    const { roots, scanner, signal } = this.#parts;
    const until = performance.now() + stretchMs;
    for (const [folder, names] of this.#folders) {
      if (signal.aborted) return;
      const root = roots.rootOf(folder);
      if (root?.isFresh === true) continue;
      this.#folders.delete(folder);
      if (!root) continue;
      if (names.has(plinthFileName)) this.#rescans.add(root.path);
      scanner.attempt(folder, () => this.#checkFolder(root, folder, names));
      if (performance.now() <= until) continue;
      setImmediate(() => this.#checkSome());
      return;
    }
  }

  #checkFolder(root: WatchedRoot, folder: string, names: Names): void {
    const { disk, runs, scanner } = this.#parts;
    runs.onChange(folder);
    const listing = listFolder(folder);
    if (!listing) return;
    scanner.recordOdd(root.path, listing);
    scanner.enqueueAll(root.path, listing, artifactsOf(disk, root.path, listing));
    scanner.enqueue(artifactsAbove(disk, root.path, folder));
    for (const name of listing.folders) {
      const path = join(folder, name);
      const isNew = !root.watcher.covers(path) || (names.has(name) && root.watcher.isReplaced(path));
      if (isNew) this.#scanNewFolder(root.path, path);
    }
    const isNamedAfter = isNamedAfterModel(disk, { root: root.path, folder });
    for (const name of this.#changedNames(listing, names)) {
      if (listing.folders.has(name)) continue;
      const path = join(folder, name);
      if (listing.files.has(name)) this.#noteLog(path, name, isNamedAfter(name));
      else this.#forget(path);
    }
  }

  /** Returns the names that changed; where only the folder is known, its run logs that were written just now. */
  #changedNames(listing: Listing, names: Names): string[] {
    const named = [...names].filter((name) => name !== undefined);
    if (!names.has(undefined)) return named;
    const since = this.#parts.ctx.now() - recentMs;
    const logs = [...listing.files].filter((name) => isRunLog(name) || reportKind(name) !== undefined);
    const writtenAt = (name: string): number => statAt(join(listing.path, name))?.mtimeMs ?? 0;
    return [...new Set([...named, ...logs.filter((name) => writtenAt(name) >= since)])];
  }

  #noteLog(path: string, name: string, isNamedAfter = false): void {
    if (reportKind(name)) this.#reports.set(dirname(path), this.#parts.ctx.now() + this.#parts.timing.quietMs);
    if (!isRunLog(name) && !isNamedAfter) return;
    const root = this.#parts.roots.rootOf(path)?.path;
    if (root !== undefined) this.#parts.noteLogWriter(root, path);
    this.#logs.set(path, this.#parts.ctx.now() + this.#parts.timing.quietMs);
  }

  /** Removes the rows of a file or folder that is gone. */
  #forget(path: string): void {
    const { artifacts, scanner, settler } = this.#parts;
    if (existsSync(path)) return;
    if (artifacts.get(path)) settler.forget(path);
    scanner.forgetVanished(path).catch((error: unknown) => this.#logError('files that are gone', path, error));
  }

  /** Scans a folder that has just appeared: files may have been written in it before its watch began. */
  #scanNewFolder(root: string, path: string): void {
    const { ignored, scanner } = this.#parts;
    if (ignored.patternFor(root, path) !== undefined) return;
    scanner
      .walk(root, path, (artifacts, inner) => {
        scanner.recordOdd(root, inner);
        scanner.enqueueAll(root, inner, artifacts);
        for (const name of inner.files) this.#noteLog(join(inner.path, name), name);
      })
      .catch((error: unknown) => this.#logError('a new folder', path, error));
  }

  #readLogs(now: number): void {
    for (const [path, dueAt] of this.#logs) {
      if (dueAt > now) continue;
      this.#logs.delete(path);
      const root = this.#parts.roots.rootOf(path)?.path;
      if (root === undefined) continue;
      this.#parts
        .attachEvidence(root, path)
        .catch((error: unknown) => this.#logError('the evidence of a run log', path, error));
    }
  }

  #readReports(now: number): void {
    for (const [folder, dueAt] of this.#reports) {
      if (dueAt > now) continue;
      this.#reports.delete(folder);
      const root = this.#parts.roots.rootOf(folder)?.path;
      if (root === undefined) continue;
      this.#parts
        .attachReports(root, folder)
        .catch((error: unknown) => this.#logError('the reports of a folder', folder, error));
    }
  }

  #logError(what: string, path: string, error: unknown): void {
    if (!this.#parts.signal.aborted)
      this.#parts.ctx.log.error(`${what} could not be handled`, { path, error: String(error) });
  }
}
