import { existsSync } from 'node:fs';
import type { Context } from '../../context.ts';
import { artifactsInState } from '../../db/artifacts.ts';
import type { ArtifactState } from '../../protocol/model.ts';
import { breather } from '../../runtime/yield-to-event-loop.ts';
import { artifactAtPath } from '../artifact/files.ts';
import { byWriteOrder, type ArtifactFiles, type SeenArtifact } from '../artifact/types.ts';
import type { Settler } from '../settle/settler.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { FolderScanner } from './scan-folder.ts';
import type { WatchedRoot, WatchedRoots } from './watched-roots.ts';

export interface Scanned {
  files: number;
  tookMs: number;
}

export interface ScheduleParts {
  readonly ctx: Pick<Context, 'db' | 'log' | 'now' | 'publish'>;
  readonly disk: Disk;
  readonly roots: WatchedRoots;
  readonly scanner: FolderScanner;
  readonly settler: Pick<Settler, 'changedFingerprint' | 'enqueue'>;
  readonly signal: AbortSignal;
  /** Registers or lists the files that a root held when it was first watched. */
  registerExisting(artifacts: readonly ArtifactFiles[]): Promise<void>;
}

interface Schedule {
  /** The current scan, and the one after it, which all requests made meanwhile share. */
  running: Promise<unknown>;
  next: Promise<Scanned> | undefined;
  /** States that the next scan tries again. */
  retryStates: Set<ArtifactState>;
}

/**
 * States that a scan tries again. Permissions may change without the bytes: `unreadable` is tried by every scan, `refused` if the
 * user asks for the scan.
 */
const unreadable: readonly ArtifactState[] = ['unreadable'];
export const refused: readonly ArtifactState[] = ['unreadable', 'ignored'];
const found: ReadonlySet<ArtifactState> = new Set(['found']);

/** Scans roots, one scan of a root at a time. */
export class ScanSchedule {
  readonly #parts: ScheduleParts;
  readonly #schedules = new WeakMap<WatchedRoot, Schedule>();
  readonly #scanning = new Set<WatchedRoot>();

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  /**
   * Reads a root from disk, enqueues every artifact in it that is not known as it is, and deletes the rows of those that are
   * gone. Requests during a scan share one scan after it. Artifacts in `retryStates` count as unknown.
   */
  scanRoot(root: WatchedRoot, retryStates = unreadable): Promise<Scanned> {
    const schedule = this.#scheduleOf(root);
    for (const state of retryStates) schedule.retryStates.add(state);
    schedule.next ??= schedule.running.then(() => {
      schedule.next = undefined;
      const asked = new Set(schedule.retryStates);
      schedule.retryStates.clear();
      this.#scanning.add(root);
      const scan = this.#scan(root, asked).finally(() => this.#scanning.delete(root));
      schedule.running = scan.catch(() => undefined);
      return scan;
    });
    return schedule.next;
  }

  /** True while a root is being scanned or a scan of it is due. */
  isScanning(root: WatchedRoot): boolean {
    return this.#scanning.has(root) || this.#scheduleOf(root).next !== undefined;
  }

  /** True while any root is being scanned or a scan is due. */
  hasWork(): boolean {
    return this.#parts.roots.all().some((root) => this.isScanning(root));
  }

  /** Scans a root and logs an error instead of rejecting. */
  async scanInBackground(root: WatchedRoot): Promise<void> {
    try {
      await this.scanRoot(root);
    } catch (error) {
      if (!this.#parts.signal.aborted)
        this.#parts.ctx.log.error('a scan failed', { root: root.path, error: String(error) });
    }
  }

  async scanAll(): Promise<void> {
    for (const root of this.#parts.roots.all()) await this.scanInBackground(root);
  }

  /** Registers the existing files (state `found`) of a root or of a folder in one. */
  async registerFound(asked: string): Promise<{ registered: number; skipped: number }> {
    let registered = 0;
    let skipped = 0;
    const pause = breather();
    for (let after = ''; ;) {
      const rows = artifactsInState(this.#parts.ctx.db, 'found', after, 500);
      for (const { root, path } of rows) {
        const isAsked = root === asked || path.startsWith(`${asked}/`);
        const files = isAsked ? artifactAtPath(this.#parts.disk, root, path) : undefined;
        if (files) this.#parts.settler.enqueue(files, found);
        if (files) registered += 1;
        else skipped += 1;
        await pause();
      }
      const last = rows.at(-1);
      if (!last || rows.length < 500) return { registered, skipped };
      after = last.path;
    }
  }

  #scheduleOf(root: WatchedRoot): Schedule {
    const known = this.#schedules.get(root);
    const schedule = known ?? { running: Promise.resolve(), next: undefined, retryStates: new Set() };
    this.#schedules.set(root, schedule);
    return schedule;
  }

  async #scan(root: WatchedRoot, retryStates: ReadonlySet<ArtifactState>): Promise<Scanned> {
    const { ctx, scanner, settler } = this.#parts;
    const started = performance.now();
    const existing: ArtifactFiles[] = [];
    const changed: SeenArtifact[] = [];
    const take = (wanted: readonly ArtifactFiles[]): void => {
      if (root.isFresh) existing.push(...wanted);
      else changed.push(...wanted.flatMap((one) => seen(one, settler.changedFingerprint(one, retryStates))));
    };
    const looks: Promise<void>[] = [];
    const files = await scanner.walk(root.path, root.path, (artifacts, listing) => {
      scanner.recordOdd(root.path, listing);
      take(scanner.filterIgnored(artifacts));
      looks.push(scanner.findUnclaimed(root.path, listing, artifacts).then(take));
    });
    await Promise.all(looks);
    if (root.isFresh) await this.#parts.registerExisting(existing);
    for (const one of changed.toSorted(byWriteOrder)) settler.enqueue(one.files, retryStates);
    root.isFresh = false;
    if (existsSync(root.path)) await scanner.forgetVanished(root.path);
    root.lastScanAt = ctx.now();
    const tookMs = Math.round(performance.now() - started);
    if (!this.#parts.signal.aborted) ctx.publish({ kind: 'scan', root: root.path, files, tookMs });
    return { files, tookMs };
  }
}

function seen(files: ArtifactFiles, fingerprint: SeenArtifact['fingerprint'] | undefined): SeenArtifact[] {
  return fingerprint ? [{ files, fingerprint }] : [];
}
