import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Context } from '../../context.ts';
import { messageOf } from '../../errors.ts';
import { breather } from '../../runtime/yield-to-event-loop.ts';
import { isModelLike } from '../artifact/file-types.ts';
import { artifactsOf, reachesBelow } from '../artifact/files.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { Naming } from '../artifact/naming.ts';
import type { ArtifactFiles } from '../artifact/types.ts';
import { inspectUnclaimed, maxLooked } from '../inspect/unclaimed.ts';
import type { Artifacts } from '../artifact/artifact-state.ts';
import type { Settler } from '../settle/settler.ts';
import type { IgnoredPatterns } from '../disk/ignore.ts';
import type { LeadingLinks } from './leading-links.ts';
import { listFolder, type Listing } from '../disk/list-folder.ts';
import type { WatchedRoots } from './watched-roots.ts';

export interface ScannerParts extends Naming {
  readonly log: Context['log'];
  readonly roots: Pick<WatchedRoots, 'get'>;
  readonly ignored: Pick<IgnoredPatterns, 'patternFor'>;
  readonly artifacts: Pick<Artifacts, 'get' | 'pathsBelow' | 'transition'>;
  readonly links: Pick<LeadingLinks, 'note' | 'sentence'>;
  readonly settler: Pick<Settler, 'enqueue' | 'forget'>;
  readonly inspector: Pick<Inspector, 'firstBytes'>;
  readonly signal: AbortSignal;
}

const tooMany = `${maxLooked} files of this folder whose names say nothing were looked at, and the others were not. Register a model among them with: plinth register`;

/** Reads folders from disk and finds their artifacts: new ones, ignored ones and those that have vanished. */
export class FolderScanner {
  readonly #parts: ScannerParts;
  /** Folders that were already reported as holding too many unclaimed files. */
  readonly #crowded = new Set<string>();

  constructor(parts: ScannerParts) {
    this.#parts = parts;
  }

  /**
   * Visits every folder below `from` and returns the number of files. Yields to the event loop, so that requests are answered
   * meanwhile.
   */
  async walk(
    root: string,
    from: string,
    visit: (artifacts: ArtifactFiles[], listing: Listing) => void,
  ): Promise<number> {
    const { disk, ignored, signal } = this.#parts;
    const first = listFolder(from);
    let count = 0;
    const pause = breather();
    const stack: { listing: Listing; taken: ReadonlySet<string> | undefined }[] = first
      ? [{ listing: first, taken: undefined }]
      : [];
    for (let next = stack.pop(); next && !signal.aborted; next = stack.pop()) {
      const { listing, taken } = next;
      this.#parts.roots.get(root)?.watcher.cover(listing.path);
      count += listing.files.size;
      const artifacts = this.attempt(listing.path, () => {
        const found = taken ? artifactsOf(disk, root, listing, taken) : artifactsOf(disk, root, listing);
        visit(found, listing);
        return found;
      });
      const inner = takenBelow(artifacts ?? [], taken ?? new Set());
      for (const name of listing.folders) {
        if (ignored.patternFor(root, join(listing.path, name)) !== undefined) continue;
        const child = listFolder(join(listing.path, name));
        if (child) stack.push({ listing: child, taken: inner });
      }
      await pause();
    }
    return count;
  }

  /** Enqueues everything below a folder that is not known yet. */
  async enqueueBelow(root: string, folder: string): Promise<void> {
    await this.walk(root, folder, (artifacts, listing) => this.enqueueAll(root, listing, artifacts));
  }

  /** Enqueues those of a folder's artifacts that no pattern or rule ignores. */
  enqueue(artifacts: readonly ArtifactFiles[]): void {
    for (const files of this.filterIgnored(artifacts)) this.#parts.settler.enqueue(files);
  }

  /** Checks one folder. An error is logged with the path and does not stop the scan. */
  attempt<T>(path: string, check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      this.#logError(path, error);
      return undefined;
    }
  }

  /** Returns the artifacts that no pattern or rule ignores, and records the others as ignored with the reason. */
  filterIgnored(artifacts: readonly ArtifactFiles[]): ArtifactFiles[] {
    return artifacts.filter(({ root, path }) => {
      const pattern = this.#parts.ignored.patternFor(root, path);
      const reason =
        pattern === undefined
          ? this.#parts.rules.matchRule(path, root)?.ignored
          : `It matches the ignored pattern ${pattern}.`;
      if (reason !== undefined) this.#recordIgnored(root, path, reason);
      return reason === undefined;
    });
  }

  /** Records, with the reason, names that look like models and are not regular files, and links that lead out. */
  recordOdd(root: string, listing: Listing): void {
    const { ignored, links } = this.#parts;
    links.note(root, listing, (path) => ignored.patternFor(root, path) !== undefined);
    for (const [name, reason] of listing.odd) {
      const link = listing.links.get(name);
      if (link?.isFolder !== true && isModelLike(name, listing.name))
        this.#recordIgnored(root, join(listing.path, name), link ? links.sentence(root, link) : reason);
    }
  }

  /** Returns the artifacts of a folder that only their first bytes identify, without ignored ones. */
  async findUnclaimed(root: string, listing: Listing, artifacts: readonly ArtifactFiles[]): Promise<ArtifactFiles[]> {
    const { artifacts: found, beyond } = await inspectUnclaimed(this.#parts, root, listing, artifacts);
    if (beyond !== undefined && !this.#crowded.has(listing.path)) this.#recordIgnored(root, beyond, tooMany);
    if (beyond !== undefined) this.#crowded.add(listing.path);
    return this.filterIgnored(found);
  }

  /** Enqueues a folder's artifacts and those that only their first bytes identify. */
  enqueueAll(root: string, listing: Listing, artifacts: readonly ArtifactFiles[]): void {
    this.enqueue(artifacts);
    this.findUnclaimed(root, listing, artifacts)
      .then((found) => found.forEach((files) => this.#parts.settler.enqueue(files)))
      .catch((error: unknown) => this.#logError(listing.path, error));
  }

  /** Deletes the rows of artifacts below a folder that are no longer on disk. Versions made of them stay. */
  async forgetVanished(folder: string): Promise<void> {
    const pause = breather();
    for (const path of this.#parts.artifacts.pathsBelow(folder)) {
      if (this.#parts.signal.aborted) return;
      if (!this.#isThere(path)) this.#parts.settler.forget(path);
      await pause();
    }
  }

  #logError(path: string, error: unknown): void {
    if (!this.#parts.signal.aborted)
      this.#parts.log.error('a folder could not be checked', { path, error: messageOf(error) });
  }

  #recordIgnored(root: string, path: string, reason: string): void {
    const { artifacts } = this.#parts;
    if (artifacts.get(path)?.reason !== reason) artifacts.transition(path, 'ignored', reason, { root });
  }

  /** True if a path exists. For a name that is not valid UTF-8 the folder's listing decides, as no system call can address it. */
  #isThere(path: string): boolean {
    if (!path.includes('\ufffd')) return existsSync(path);
    return this.#parts.disk.list(dirname(path))?.odd.has(basename(path)) === true;
  }
}

function takenBelow(artifacts: readonly ArtifactFiles[], above: ReadonlySet<string>): ReadonlySet<string> {
  const folders = artifacts.filter(({ group }) => reachesBelow(group));
  if (folders.length === 0) return above;
  return new Set([...above, ...folders.flatMap(({ folder, group }) => group.files.map((file) => join(folder, file)))]);
}
