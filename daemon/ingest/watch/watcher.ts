import { watch, type FSWatcher } from 'chokidar';
import { statfsSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative } from 'node:path';
import { messageOf, systemCode } from '../../errors.ts';

/** A change in a folder, with the changed name if it is known. A hint only: the scan decides. */
export interface FolderChange {
  folder: string;
  name: string | undefined;
}

export interface FolderWatcher {
  /**
   * Watches one more folder, with a short delay. Does nothing for one that is watched already. A folder that was deleted and
   * created again is watched anew.
   */
  cover(folder: string): void;
  covers(folder: string): boolean;
  /** True if the folder at this path is another one than the one that is watched. */
  isReplaced(folder: string): boolean;
  /** Returns whether changes come as events or by polling, and why. */
  state(): { state: 'watching' | 'polling' | 'missing' | 'error'; detail: string | null };
  close(): Promise<void>;
}

export interface Listeners {
  change(change: FolderChange): void;
  /** Called if changes may have been missed and the root must be scanned. */
  missed(): void;
}

/** Network and virtual file systems whose changes make no events (statfs(2) magic numbers): NFS, SMB, CIFS, 9p, FUSE. */
const silentFileSystems = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546]);

const pollEveryMs = 2000;
/** Milliseconds between two checks that the root is still the folder that is watched: no event reports that a root has come back. */
const rootEveryMs = 250;

/** Milliseconds between two folders that begin to be watched. All at once, their listings would take hundreds of megabytes. */
const paceMs = 1;
/** Milliseconds after which a newly watched folder is read again: chokidar's watch begins a little later and does not report when. */
const looksAfterMs = [300, 1500];

/**
 * Watches the folders that a scan names, never their files: a folder's own events name what changed in it. Falls back to
 * polling where the file system sends no events or the limit of watches is reached.
 */
export function watchFolders(root: string, listeners: Listeners): FolderWatcher {
  return new Watcher(root, listeners);
}

class Watcher implements FolderWatcher {
  readonly #listeners: Listeners;
  readonly #root: string;
  /** Identity of the watched folder at each path. */
  readonly #covered = new Map<string, string | undefined>();
  readonly #poll: NodeJS.Timeout;
  readonly #rootLook: NodeJS.Timeout;
  #rootIs: string | undefined;
  #queue: string[] = [];
  #pacing: NodeJS.Timeout | undefined;
  #polling: string | undefined;
  #failure: string | undefined;
  #watcher: FSWatcher | undefined;

  constructor(root: string, listeners: Listeners) {
    this.#root = root;
    this.#listeners = listeners;
    this.#rootIs = identityOf(root);
    this.#polling = makesNoEvents(root) ? 'Its file system sends no events.' : undefined;
    if (this.#polling === undefined) this.#watcher = this.#open();
    this.#poll = setInterval(() => {
      if (this.#polling !== undefined) listeners.missed();
    }, pollEveryMs).unref();
    this.#rootLook = setInterval(() => this.#lookAtRoot(), rootEveryMs).unref();
  }

  cover(folder: string): void {
    if (this.#watcher === undefined) return;
    const identity = identityOf(folder);
    if (this.#covered.has(folder)) {
      if (this.#covered.get(folder) === identity) return;
      this.#watcher.unwatch(folder);
    }
    this.#covered.set(folder, identity);
    this.#queue.push(folder);
    this.#pacing ??= setTimeout(() => this.#next(), paceMs);
  }

  covers(folder: string): boolean {
    return this.#watcher === undefined || this.#covered.has(folder);
  }

  isReplaced(folder: string): boolean {
    return this.#covered.has(folder) && this.#covered.get(folder) !== identityOf(folder);
  }

  state(): ReturnType<FolderWatcher['state']> {
    if (this.#polling !== undefined) return { state: 'polling', detail: this.#polling };
    return this.#failure === undefined
      ? { state: 'watching', detail: null }
      : { state: 'error', detail: this.#failure };
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    clearInterval(this.#rootLook);
    clearTimeout(this.#pacing);
    this.#queue = [];
    await this.#watcher?.close();
  }

  /** Watches everything anew if the root was deleted and created again. */
  #lookAtRoot(): void {
    if (this.#watcher === undefined) return;
    const identity = identityOf(this.#root);
    if (identity === this.#rootIs) return;
    this.#rootIs = identity;
    this.#covered.clear();
    this.#queue = [];
    void this.#watcher.close();
    this.#watcher = this.#open();
    if (identity !== undefined) this.#listeners.missed();
  }

  #next(): void {
    const folder = this.#queue.shift();
    if (folder !== undefined) this.#take(folder);
    this.#pacing = this.#queue.length > 0 ? setTimeout(() => this.#next(), paceMs) : undefined;
  }

  #take(folder: string): void {
    this.#watcher?.add(folder);
    for (const ms of looksAfterMs) setTimeout(() => this.#listeners.change({ folder, name: undefined }), ms).unref();
  }

  #open(): FSWatcher {
    const made = watch([], {
      depth: 0,
      // Otherwise chokidar watches the ancestors of a missing folder, up to the first that exists.
      ignored: (path, stats) => stats?.isFile() === true || !this.#isInside(path),
      ignoreInitial: true,
      followSymlinks: false,
      ignorePermissionErrors: true,
    });
    made.on('raw', (_event, name, details) => {
      const folder = (details as { watchedPath?: string }).watchedPath;
      if (folder !== undefined && this.#isInside(folder)) this.#listeners.change({ folder, name: name ?? undefined });
    });
    made.on('unlinkDir', (path) => {
      made.unwatch(path);
      this.#covered.delete(path);
      this.#listeners.change({ folder: dirname(path), name: basename(path) });
    });
    made.on('error', (error) => this.#fail(error));
    return made;
  }

  #isInside(path: string): boolean {
    const within = relative(this.#root, path);
    return !within.startsWith('..') && !isAbsolute(within);
  }

  #fail(error: unknown): void {
    if (!['ENOSPC', 'EMFILE', 'ENFILE'].includes(systemCode(error) ?? '')) {
      this.#failure = messageOf(error);
      return;
    }
    this.#polling ??= 'The limit of watched folders is reached (fs.inotify.max_user_watches).';
    this.#queue = [];
    void this.#watcher?.close();
    this.#watcher = undefined;
    this.#listeners.missed();
  }
}

/** Returns device, inode and time of birth of a folder; undefined if it cannot be read. An inode alone may be reused by a later folder. */
function identityOf(path: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true });
    return `${found.dev}:${found.ino}:${found.birthtimeNs}`;
  } catch {
    return undefined;
  }
}

function makesNoEvents(root: string): boolean {
  try {
    return silentFileSystems.has(statfsSync(root).type);
  } catch {
    return false;
  }
}
