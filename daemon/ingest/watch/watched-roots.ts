import { watchFolders, type FolderChange, type FolderWatcher } from './watcher.ts';

/** A folder that is watched now. */
export interface WatchedRoot {
  path: string;
  watcher: FolderWatcher;
  lastScanAt: number | null;
  /** True until its first scan is done: what is found then was there before. */
  isFresh: boolean;
}

export interface RootListeners {
  change(change: FolderChange): void;
  /** Changes below a root may have been missed: it is to be scanned. */
  missed(root: string): void;
}

/** The folders that are watched now. A paused one is not among them. */
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

  /** The root that a path is in; undefined outside all of them. */
  rootOf(path: string): WatchedRoot | undefined {
    return this.all().find((root) => path === root.path || path.startsWith(`${root.path}/`));
  }

  /** Begins to watch. */
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

  /** Stops all watchers; the roots stay known. */
  async closeAll(): Promise<void> {
    await Promise.all(this.all().map((root) => root.watcher.close()));
  }
}
