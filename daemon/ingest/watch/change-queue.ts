import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder, type Listing } from './list-folder.ts';
import { addLateEvidence } from '../register/attach-evidence.ts';
import { hearOf } from '../runs/run-tracker.ts';
import { bringsNotes } from '../run-logs/cache.ts';
import { attempt, forget, forgetVanished, noteOdd, walk, wanted } from './scan-folder.ts';
import { plinthFileName } from '../../policy/watch-rules.ts';
import { offer } from '../settle/settler.ts';
import { rootOf, type IngestState, type WatchedRoot } from '../state.ts';
import { unitsAbove, unitsOf, type Unit } from '../artifact/files.ts';
import type { Hint } from './watcher.ts';
import { statAt } from '../../runtime/file-reader.ts';

/** Turns what the watcher says into looks at folders: many hints make one look. */
export interface Hints {
  hear(hint: Hint): void;
  /** Something was missed below a root: it is to be scanned. */
  rescan(root: string): void;
  /** Looks at every folder that was heard of. Called often. */
  handle(): void;
  /** Whether there is nothing to look at, now or later. */
  isQuiet(): boolean;
}

/** More changes than this between two looks may mean that some were lost. */
const burst = 8192;
/** How long looking may hold the event loop at a stretch. */
const stretchMs = 8;
/** A loop that was blocked for this long cannot have kept up with the watcher. */
const lagMs = 500;
/** A folder's watch begins at most this long after the folder was first seen. */
const recentMs = 10_000;

/** `wake` is called when something is heard: what is heard at rest is to be looked at soon. */
export function hints(state: IngestState, scan: (root: WatchedRoot) => unknown, wake: () => void): Hints {
  const folders = new Map<string, Set<string | undefined>>();
  const notes = new Map<string, number>();
  const rescans = new Set<string>();
  let heard = 0;
  let handledAt = state.ctx.now();

  const hear = ({ folder, name }: Hint): void => {
    heard += 1;
    wake();
    if (heard > burst) return;
    const names = folders.get(folder) ?? new Set();
    folders.set(folder, names.add(name));
  };

  /** In short stretches. What is heard of a root before its first scan has told its backlog waits for that. */
  const lookAtSome = (): void => {
    const until = performance.now() + stretchMs;
    for (const [folder, names] of folders) {
      if (state.closing) return;
      const root = rootOf(state, folder);
      if (root?.fresh === true) continue;
      folders.delete(folder);
      if (root && names.has(plinthFileName)) rescans.add(root.path);
      attempt(state, folder, () => lookAt(state, folder, names, notes));
      if (performance.now() > until) return void setImmediate(lookAtSome);
    }
  };

  const handle = (): void => {
    const now = state.ctx.now();
    if (heard > burst || (heard > 0 && now - handledAt > lagMs))
      for (const root of state.roots.keys()) rescans.add(root);
    handledAt = now;
    heard = 0;
    if (folders.size > 0) state.lastChangeAt = now;
    lookAtSome();
    for (const root of [...rescans].flatMap((path) => state.roots.get(path) ?? [])) scan(root);
    rescans.clear();
    readNotes(state, notes, now);
  };

  const rescan = (root: string): void => {
    rescans.add(root);
    wake();
  };
  return { hear, rescan, handle, isQuiet: () => folders.size + rescans.size + notes.size === 0 };
}

function lookAt(
  state: IngestState,
  folder: string,
  names: ReadonlySet<string | undefined>,
  notes: Map<string, number>,
): void {
  const root = rootOf(state, folder);
  if (root === undefined || state.closing) return;
  hearOf(state, folder);
  const listing = listFolder(folder);
  if (!listing) return;
  noteOdd(state, root.path, listing);
  const units = [...unitsOf(state.disk, root.path, listing), ...unitsAbove(state.disk, root.path, folder)];
  for (const unit of wanted(state, units)) offer(state, unit);
  for (const name of listing.folders) {
    const path = join(folder, name);
    const isNew = !root.watcher.covers(path) || (names.has(name) && root.watcher.isReplaced(path));
    if (isNew) lookInto(state, root.path, path, notes);
  }
  for (const name of named(state, listing, names)) {
    if (listing.folders.has(name)) continue;
    const path = join(folder, name);
    if (!listing.files.has(name)) forgetAt(state, path);
    else if (bringsNotes(name)) notes.set(path, state.ctx.now() + state.timing.quietMs);
  }
}

/** What is said to have changed; where only the folder is named, the notes in it that were written just now. */
function named(state: IngestState, listing: Listing, names: ReadonlySet<string | undefined>): string[] {
  const told = [...names].filter((name) => name !== undefined);
  if (!names.has(undefined)) return told;
  const since = state.ctx.now() - recentMs;
  const notes = [...listing.files].filter(bringsNotes);
  const written = (name: string): number => statAt(join(listing.path, name))?.mtimeMs ?? 0;
  return [...new Set([...told, ...notes.filter((name) => written(name) >= since)])];
}

/** A file or a whole folder went. */
function forgetAt(state: IngestState, path: string): void {
  if (existsSync(path)) return;
  if (state.artifacts.get(path)) forget(state, path);
  forgetVanished(state, path).catch((error: unknown) => {
    if (!state.closing) state.ctx.log.error('what is gone could not be forgotten', { path, error: String(error) });
  });
}

/** A folder that came, perhaps with all it holds: its own watch is not there yet. */
function lookInto(state: IngestState, root: string, path: string, notes: Map<string, number>): void {
  if (state.ignored(root, path) !== undefined) return;
  const visit = (units: Unit[], inner: Listing): void => {
    noteOdd(state, root, inner);
    for (const unit of wanted(state, units)) offer(state, unit);
    for (const name of inner.files) {
      if (bringsNotes(name)) notes.set(join(inner.path, name), state.ctx.now() + state.timing.quietMs);
    }
  };
  walk(state, root, path, visit).catch((error: unknown) => {
    if (!state.closing) state.ctx.log.error('a folder could not be looked into', { path, error: String(error) });
  });
}

function readNotes(state: IngestState, notes: Map<string, number>, now: number): void {
  for (const [path, dueAt] of notes) {
    if (dueAt > now) continue;
    notes.delete(path);
    const root = rootOf(state, path)?.path;
    if (root === undefined) continue;
    addLateEvidence(state, root, path).catch((error: unknown) => {
      if (!state.closing) state.ctx.log.error('evidence could not be read', { path, error: String(error) });
    });
  }
}
