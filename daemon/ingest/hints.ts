import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { artifactAt } from '../db/artifacts.ts';
import { listFolder } from './folder.ts';
import { addLateEvidence } from './late-evidence.ts';
import { hearOf } from './live-runs.ts';
import { readerOf } from './notes-cache.ts';
import { forget, forgetVanished, noteOdd, walk, wanted } from './scan.ts';
import { offer } from './settle.ts';
import { rootOf, type IngestState, type WatchedRoot } from './state.ts';
import { unitsAbove, unitsOf } from './unit.ts';
import type { Hint } from './watcher.ts';

/** Turns what the watcher says into looks at folders: many hints make one look. */
export interface Hints {
  hear(hint: Hint): void;
  /** Something was missed below a root: it is to be scanned. */
  rescan(root: string): void;
  /** Looks at every folder that was heard of. Called often. */
  handle(): void;
}

/** More changes than this between two looks may mean that some were lost. */
const burst = 8192;
/** A loop that was blocked for this long cannot have kept up with the watcher. */
const lagMs = 500;

export function hints(state: IngestState, scan: (root: WatchedRoot) => void): Hints {
  const folders = new Map<string, Set<string | undefined>>();
  const notes = new Map<string, number>();
  const rescans = new Set<string>();
  let heard = 0;
  let handledAt = state.ctx.now();

  const hear = ({ folder, name }: Hint): void => {
    heard += 1;
    if (heard > burst) return;
    const names = folders.get(folder) ?? new Set();
    folders.set(folder, names.add(name));
  };

  const handle = (): void => {
    const now = state.ctx.now();
    if (heard > burst || (heard > 0 && now - handledAt > lagMs))
      for (const root of state.roots.keys()) rescans.add(root);
    handledAt = now;
    heard = 0;
    const batch = [...folders];
    folders.clear();
    if (batch.length > 0) state.lastChangeAt = now;
    for (const [folder, names] of batch) lookAt(state, folder, names, notes);
    for (const root of rescans) {
      const watched = state.roots.get(root);
      if (watched) scan(watched);
    }
    rescans.clear();
    readNotes(state, notes, now);
  };

  return { hear, rescan: (root) => void rescans.add(root), handle };
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
  for (const unit of wanted(state, [...unitsOf(root.path, listing), ...unitsAbove(root.path, folder)]))
    offer(state, unit);
  for (const name of listing.folders) {
    const path = join(folder, name);
    if (!root.watcher.covers(path)) lookInto(state, root.path, path, notes);
  }
  for (const name of names) {
    if (name === undefined || listing.folders.has(name)) continue;
    const path = join(folder, name);
    if (!listing.files.has(name)) forgetAt(state, path);
    else if (readerOf(name)) notes.set(path, state.ctx.now() + state.timing.quietMs);
  }
}

/** A file or a whole folder went. */
function forgetAt(state: IngestState, path: string): void {
  if (existsSync(path)) return;
  if (artifactAt(state.ctx.db, path)) forget(state, path);
  forgetVanished(state, path);
}

/** A folder that came, perhaps with all it holds: its own watch is not there yet. */
function lookInto(state: IngestState, root: string, path: string, notes: Map<string, number>): void {
  if (state.ignored(root, path) !== undefined) return;
  void walk(state, root, path, (units, inner) => {
    noteOdd(state, root, inner);
    for (const unit of wanted(state, units)) offer(state, unit);
    for (const name of inner.files) {
      if (readerOf(name)) notes.set(join(inner.path, name), state.ctx.now() + state.timing.quietMs);
    }
  });
}

function readNotes(state: IngestState, notes: Map<string, number>, now: number): void {
  for (const [path, dueAt] of notes) {
    if (dueAt > now) continue;
    notes.delete(path);
    const root = rootOf(state, path)?.path;
    if (root === undefined) continue;
    addLateEvidence(state, root, path).catch((error: unknown) =>
      state.ctx.log.error('evidence could not be read', { path, error: String(error) }),
    );
  }
}
