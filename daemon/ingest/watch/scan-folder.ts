import { basename, dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import { artifactPathsBelow } from '../../db/artifacts.ts';
import { messageOf } from '../../errors.ts';
import { breather } from '../../runtime/yield-to-event-loop.ts';
import { listFolder, type Listing } from './list-folder.ts';
import type { IngestState } from '../state.ts';
import { isModelLike } from '../artifact/file-types.ts';
import { unitsOf, type Unit } from '../artifact/files.ts';

/** Every unit below a folder, with how many files were seen. Walks in short stretches, so that requests go on. */
export async function walk(
  state: IngestState,
  root: string,
  from: string,
  visit: (units: Unit[], listing: Listing) => void,
): Promise<number> {
  const first = listFolder(from);
  let files = 0;
  const pause = breather();
  const stack: { listing: Listing; taken: ReadonlySet<string> | undefined }[] = first
    ? [{ listing: first, taken: undefined }]
    : [];
  for (let next = stack.pop(); next && !state.closing; next = stack.pop()) {
    const { listing, taken } = next;
    state.roots.get(root)?.watcher.cover(listing.path);
    files += listing.files.size;
    const units = attempt(state, listing.path, () => {
      const found = taken ? unitsOf(state.disk, root, listing, taken) : unitsOf(state.disk, root, listing);
      visit(found, listing);
      return found;
    });
    const inner = takenBelow(units ?? [], taken ?? new Set());
    for (const name of listing.folders) {
      if (state.ignored(root, join(listing.path, name)) !== undefined) continue;
      const child = listFolder(join(listing.path, name));
      if (child) stack.push({ listing: child, taken: inner });
    }
    await pause();
  }
  return files;
}

/** Looks at one folder. What goes wrong there is logged with its path and keeps nothing else from being looked at. */
export function attempt<T>(state: IngestState, path: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (!state.closing) state.ctx.log.error('a folder could not be looked at', { path, error: messageOf(error) });
    return undefined;
  }
}

function takenBelow(units: readonly Unit[], above: ReadonlySet<string>): ReadonlySet<string> {
  const folders = units.filter((unit) => unit.claim.wholeFolder);
  if (folders.length === 0) return above;
  return new Set([...above, ...folders.flatMap((unit) => unit.claim.files.map((file) => join(unit.folder, file)))]);
}

/** What of a folder's units the user wants looked at. */
export function wanted(state: IngestState, units: readonly Unit[]): Unit[] {
  return units.filter((unit) => {
    const pattern = state.ignored(unit.root, unit.path);
    const reason =
      pattern === undefined
        ? state.rules.rulingFor(unit.path, unit.root)?.ignored
        : `it matches the ignored pattern ${pattern}`;
    if (reason !== undefined) recordIgnored(state, unit.root, unit.path, reason);
    return reason === undefined;
  });
}

/** Names that could be models but are no regular files are counted with the reason. */
export function noteOdd(state: IngestState, root: string, listing: Listing): void {
  for (const [name, reason] of listing.odd) {
    if (isModelLike(name, listing.name)) recordIgnored(state, root, join(listing.path, name), reason);
  }
}

function recordIgnored(state: IngestState, root: string, path: string, reason: string): void {
  if (state.artifacts.get(path)?.reason === reason) return;
  state.artifacts.transition(path, 'ignored', reason, { root });
}

/** Units below a folder that are known and no longer there are forgotten; versions made of them stay. */
export async function forgetVanished(state: IngestState, folder: string): Promise<void> {
  const pause = breather();
  for (const path of artifactPathsBelow(state.ctx.db, folder)) {
    if (state.closing) return;
    if (!isThere(state, path)) forget(state, path);
    await pause();
  }
}

/** A name that is not UTF-8 cannot be asked for: its folder's listing has it, or not. */
function isThere(state: IngestState, path: string): boolean {
  if (!path.includes('\ufffd')) return existsSync(path);
  return state.disk.list(dirname(path))?.odd.has(basename(path)) === true;
}

export function forget(state: IngestState, path: string): void {
  state.pending.delete(path);
  state.artifacts.forget(path);
}
