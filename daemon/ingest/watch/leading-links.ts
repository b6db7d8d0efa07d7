import { lstatSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context } from '../../context.ts';
import { linkRows } from '../../db/artifacts.ts';
import { watchedRoots } from '../../db/roots.ts';
import type { LinkedFolder } from '../../protocol/model.ts';
import { isBelow, statAt } from '../../runtime/file-reader.ts';
import { shellWord } from '../../shared/format.ts';
import type { Artifacts } from '../artifact/artifact-state.ts';
import { ignoredFolder } from '../disk/ignore.ts';
import { linkRecogniser, type LinkedEntry, type Listing } from '../disk/list-folder.ts';

export interface LinkParts {
  readonly ctx: Pick<Context, 'blobs' | 'db'>;
  readonly artifacts: Pick<Artifacts, 'forget' | 'get' | 'transition'>;
}

/** A link in a watched folder that leads out of it, to another folder. */
export interface LeadingLink extends LinkedFolder {
  root: string;
}

/** Describes a link's target, and the folder to watch for it, where there is one. */
interface About {
  which: string;
  watch: string | undefined;
}

/** Links in one folder that are recorded. A folder of more is a data set. */
const maxInFolder = 100;

/** Knows the links that lead out of watched folders. They are never followed; the user can watch their targets. */
export class LeadingLinks {
  readonly #parts: LinkParts;
  readonly #stored: string;
  /** By the folder that holds them, then by path. */
  readonly #known = new Map<string, Map<string, LeadingLink>>();

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#stored = realpathSync(parts.ctx.blobs.folder);
    for (const link of linkRows(parts.ctx.db)) this.#put(link);
  }

  /** Records the links of a listed folder that lead out, and drops those that no longer do. */
  note(root: string, listing: Listing, isIgnored: (path: string) => boolean): void {
    const known = this.#known.get(listing.path);
    if (!known && listing.links.size === 0) return;
    const found = new Map<string, LeadingLink>();
    for (const [name, entry] of listing.links) {
      if (found.size >= maxInFolder) break;
      const path = join(listing.path, name);
      if (ignoredFolder(name) === undefined && !isIgnored(path) && this.#leadsOut(root, entry))
        found.set(path, { path, root, target: entry.target });
    }
    for (const path of known?.keys() ?? []) if (!found.has(path)) this.#forget(path);
    for (const link of found.values()) {
      this.#put(link);
      this.#record(link);
    }
  }

  /** Returns the links below a watched folder whose targets are not watched. */
  unwatchedBelow(root: string): LinkedFolder[] {
    const watched = watchedRoots(this.#parts.ctx.db);
    return this.#all()
      .filter((link) => link.root === root && !watched.some(({ path }) => isBelow(link.target, path)))
      .map(({ path, target }) => ({ path, target }));
  }

  /** Returns the link in another watched folder whose target is this folder; undefined if there is none. */
  to(folder: string): LeadingLink | undefined {
    return this.#all().find(({ target }) => target === folder);
  }

  /** Updates the status of every link after the watched folders have changed. */
  reportAgain(): void {
    for (const link of this.#all()) this.#record(link);
  }

  /** Drops the links of a folder that is no longer watched. */
  dropRoot(root: string): void {
    for (const { path } of this.#all().filter((link) => link.root === root)) this.#drop(path);
  }

  /** Describes a link below a watched folder in one sentence. `start` names the link: `A link`, `Behind out, a link`. */
  sentence(root: string, entry: LinkedEntry, start = 'A link'): string {
    const { which, watch } = this.#about(root, entry);
    const act = watch === undefined ? '' : ` Watch it with: plinth watch ${shellWord(watch)}`;
    return `${start} to ${entry.target}, ${which}.${act}`;
  }

  #about(root: string, { target, isFolder }: LinkedEntry): About {
    const folder = isFolder ? target : dirname(target);
    if (isBelow(target, root)) return { which: 'which is looked at under its own path', watch: undefined };
    if (isBelow(target, this.#stored)) return { which: 'which the registry keeps', watch: undefined };
    const isWatched = watchedRoots(this.#parts.ctx.db).some(({ path }) => isBelow(folder, path));
    if (isWatched) return { which: 'which is watched under its own path', watch: undefined };
    const isAbove = watchedRoots(this.#parts.ctx.db).some(({ path }) => isBelow(path, folder));
    return { which: 'which is not followed', watch: isAbove ? undefined : folder };
  }

  #leadsOut(root: string, { target, isFolder }: LinkedEntry): boolean {
    return isFolder && !isBelow(target, root) && !isBelow(root, target) && !isBelow(target, this.#stored);
  }

  #record({ path, root, target }: LeadingLink): void {
    const { artifacts } = this.#parts;
    const { which, watch } = this.#about(root, { target, isFolder: true });
    const act = watch === undefined ? '' : `; watch it with: plinth watch ${shellWord(watch)}`;
    const reason = `linked to ${target}, ${which}${act}`;
    const details = { root, recogniser: linkRecogniser, fingerprint: target };
    if (artifacts.get(path)?.reason !== reason) artifacts.transition(path, 'ignored', reason, details);
  }

  #forget(path: string): void {
    this.#drop(path);
    if (this.#parts.artifacts.get(path)?.recogniser === linkRecogniser) this.#parts.artifacts.forget(path);
  }

  #put(link: LeadingLink): void {
    const folder = dirname(link.path);
    const inFolder = this.#known.get(folder) ?? new Map<string, LeadingLink>();
    this.#known.set(folder, inFolder.set(link.path, link));
  }

  #drop(path: string): void {
    const inFolder = this.#known.get(dirname(path));
    inFolder?.delete(path);
    if (inFolder?.size === 0) this.#known.delete(dirname(path));
  }

  #all(): LeadingLink[] {
    return [...this.#known.values()].flatMap((inFolder) => [...inFolder.values()]);
  }
}

/** Returns the first link on the way from a folder down to a path, the path itself included; undefined if there is none. */
export function linkOnTheWay(folder: string, path: string): (LinkedEntry & { path: string }) | undefined {
  let at = folder;
  for (const name of path
    .slice(folder.length)
    .split('/')
    .filter((one) => one !== '')) {
    at = join(at, name);
    try {
      if (!lstatSync(at).isSymbolicLink()) continue;
      const target = realpathSync(at);
      return { path: at, target, isFolder: statAt(target)?.isDirectory() === true };
    } catch {
      return undefined;
    }
  }
  return undefined;
}
