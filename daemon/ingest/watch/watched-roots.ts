import { watchFolders, type FolderChange, type FolderWatcher } from './watcher.ts';

/** A folder that is watched now. */
export interface WatchedRoot {
  path: string;
  watcher: FolderWatcher;
  lastScanAt: number | null;
  /** True until the first scan is done. Files found by that scan are existing files. */
  isFresh: boolean;
}

export interface RootListeners {
  change(change: FolderChange): void;
  /** Called if changes below a root may have been missed and it must be scanned. */
  missed(root: string): void;
}

/** Folders that are being watched. Paused ones are not among them. */
export class WatchedRoots {
  readonly #listeners: RootListeners;
  readonly #roots = new Map<string, WatchedRoot>();

  constructor(listeners: RootListeners) {
    this.#listeners = listeners;
  }

  all(): WatchedRoot[] {
    return [...this.#roots.values()];
  }

  get(path: string): WatchedRoot | undefined {
    return this.#roots.get(path);
  }

  /** Returns the root that a path lies in; undefined outside all roots. */
  rootOf(path: string): WatchedRoot | undefined {
    return this.all().find((root) => path === root.path || path.startsWith(`${root.path}/`));
  }

  /** Starts watching a folder. */
  open(path: string, isFresh: boolean): WatchedRoot {
    const { change, missed } = this.#listeners;
    const watcher = watchFolders(path, { change, missed: () => missed(path) });
    const root: WatchedRoot = { path, watcher, lastScanAt: null, isFresh };
    this.#roots.set(path, root);
    return root;
  }

  async close(path: string): Promise<void> {
    const root = this.#roots.get(path);
    this.#roots.delete(path);
    await root?.watcher.close();
  }

  /** Closes all watchers; the roots stay listed. */
  async closeAll(): Promise<void> {
    await Promise.all(this.all().map((root) => root.watcher.close()));
  }
}
