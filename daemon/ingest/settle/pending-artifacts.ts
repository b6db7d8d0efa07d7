import { byWriteOrder, type SeenArtifact } from '../artifact/types.ts';
import type { Pending } from './pending.ts';

/** The artifacts that are not decided about yet, by path, by folder, and by the name that their place suggested last. */
export class PendingArtifacts {
  readonly #byPath = new Map<string, Pending>();
  readonly #byFolder = new Map<string, Set<Pending>>();
  readonly #byName = new Map<string, Set<Pending>>();
  readonly #due = new DueOrder();

  get size(): number {
    return this.#byPath.size;
  }

  get(path: string): Pending | undefined {
    return this.#byPath.get(path);
  }

  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /** Returns all of them. Some may be deleted meanwhile. */
  all(): MapIterator<Pending> {
    return this.#byPath.values();
  }

  /** Returns those whose folder this is. */
  inFolder(folder: string): Iterable<Pending> {
    return this.#byFolder.get(folder) ?? none;
  }

  /** Yields those whose path is below a folder. */
  *below(folder: string): Generator<Pending> {
    for (const [known, inside] of this.#byFolder) {
      const isNear = known === folder || known.startsWith(`${folder}/`) || folder.startsWith(`${known}/`);
      if (isNear) for (const pending of inside) if (pending.files.path.startsWith(`${folder}/`)) yield pending;
    }
  }

  /** True if an earlier one of the same name, in another folder, has not been inspected yet. */
  hasEarlier(pending: Pending): boolean {
    for (const other of this.#byName.get(pending.name) ?? none)
      if (!other.inspected && other.files.folder !== pending.files.folder && byWriteOrder(other, pending) < 0)
        return true;
    return false;
  }

  /** Returns some of a name that were found incomplete, and are not being inspected now. */
  incompleteNamed(name: string, most: number): Pending[] {
    const found: Pending[] = [];
    for (const one of this.#byName.get(name) ?? none) {
      if (found.length >= most) break;
      if (!one.busy && one.incomplete === one.fingerprint.text) found.push(one);
    }
    return found;
  }

  /** Shifts all times by `ms` after the clock was set. */
  shiftTimes(ms: number): void {
    for (const pending of this.#byPath.values()) {
      pending.changedAt += ms;
      pending.dueAt += ms;
    }
  }

  add(pending: Pending): void {
    this.delete(pending.files.path);
    this.#byPath.set(pending.files.path, pending);
    addTo(this.#byFolder, pending.files.folder, pending);
    addTo(this.#byName, pending.name, pending);
  }

  delete(path: string): void {
    const pending = this.#byPath.get(path);
    if (!pending) return;
    this.#byPath.delete(path);
    deleteFrom(this.#byFolder, pending.files.folder, pending);
    deleteFrom(this.#byName, pending.name, pending);
  }

  /** Changes files and fingerprint, the name, or both. */
  update(pending: Pending, change: Partial<SeenArtifact & Pick<Pending, 'name'>>): void {
    const isHeld = this.#byPath.get(pending.files.path) === pending;
    if (isHeld) this.delete(pending.files.path);
    Object.assign(pending, change);
    if (isHeld) this.add(pending);
  }

  /** Returns the next one to inspect, see `DueOrder`; undefined if there is none now. */
  takeDue(now: number): Pending | undefined {
    return this.#due.take(this.#byPath, now);
  }
}

const none: Iterable<Pending> = [];

/**
 * Artifacts per ms between two sorts: the more are pending, the longer an order is used, until none is left of it and for
 * `longestMs` at most. Few are sorted each time.
 */
const [perMsOfOrder, perMsAfterIt] = [10, 200];
const longestMs = 400;

/**
 * Order in which due artifacts are inspected: folder by folder in turns, so that a save never waits for the thousands of another
 * folder; within a folder and within a turn in the order in which they were written.
 */
class DueOrder {
  #order: Pending[] = [];
  #next = 0;
  #sortedAt = -Infinity;
  /** When something was last taken from each folder, as a count of what was taken. */
  #takenFrom = new Map<string, number>();
  #taken = 0;

  take(all: ReadonlyMap<string, Pending>, now: number): Pending | undefined {
    const age = performance.now() - this.#sortedAt;
    const perMs = this.#next < this.#order.length ? perMsOfOrder : perMsAfterIt;
    if (age > Math.min(all.size / perMs, longestMs)) this.#sort(all, now);
    while (this.#next < this.#order.length) {
      const pending = this.#order[this.#next];
      this.#next += 1;
      if (!pending || !isDue(pending, now) || all.get(pending.files.path) !== pending) continue;
      this.#takenFrom.set(pending.files.folder, (this.#taken += 1));
      return pending;
    }
    return undefined;
  }

  #sort(all: ReadonlyMap<string, Pending>, now: number): void {
    const due = [...all.values()].filter((pending) => isDue(pending, now)).toSorted(byWriteOrder);
    const counts = new Map<string, number>();
    const turns: Pending[][] = [];
    for (const pending of due) {
      const turn = counts.get(pending.files.folder) ?? 0;
      counts.set(pending.files.folder, turn + 1);
      (turns[turn] ??= []).push(pending);
    }
    // Folders whose turn is longest ago come first, or else a new folder would begin behind all others at each sort.
    const lastTaken = ({ files }: Pending): number => this.#takenFrom.get(files.folder) ?? 0;
    this.#order = turns.flatMap((turn) => turn.toSorted((a, b) => lastTaken(a) - lastTaken(b)));
    this.#takenFrom = new Map([...this.#takenFrom].filter(([folder]) => counts.has(folder)));
    this.#next = 0;
    this.#sortedAt = performance.now();
  }
}

function isDue({ busy, dueAt }: Pending, now: number): boolean {
  return !busy && dueAt <= now;
}

function addTo(index: Map<string, Set<Pending>>, key: string, pending: Pending): void {
  const known = index.get(key);
  if (known) known.add(pending);
  else index.set(key, new Set([pending]));
}

function deleteFrom(index: Map<string, Set<Pending>>, key: string, pending: Pending): void {
  const known = index.get(key);
  known?.delete(pending);
  if (known?.size === 0) index.delete(key);
}
