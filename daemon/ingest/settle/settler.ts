import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stampAt, type ArtifactRow } from '../../db/artifacts.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { ArtifactState } from '../../protocol/model.ts';
import type { Inspected } from '../artifact/inspect-worker.ts';
import { twinsOf } from '../artifact/siblings.ts';
import { loadRank } from '../artifact/file-types.ts';
import { nameOf } from '../artifact/naming.ts';
import { forget } from '../watch/scan-folder.ts';
import type { ArtifactDetails } from './artifact-state.ts';
import type { IngestState } from '../state.ts';
import { inTurn } from '../../runtime/keyed-queue.ts';
import { stampOf, unitAtPath, unitsIn, type Stamp, type Unit } from '../artifact/files.ts';

/** A unit on its way from its first byte to being finished. */
export interface Pending {
  unit: Unit;
  stamp: Stamp;
  /** When it was last seen to change, epoch ms. */
  changedAt: number;
  /** When it is looked at next. */
  dueAt: number;
  busy: boolean;
  /** Whether it was looked at since it was last seen to change. */
  looked: boolean;
  /** The stamp that was found incomplete: it is not read again before it changes. */
  incomplete: string | undefined;
}

/** A unit whose bytes are finished, as it was inspected. */
export interface Finished {
  unit: Unit;
  stamp: Stamp;
  facts: ModelFacts;
  /** False where the format has no end mark: the bytes are then hashed twice. */
  marked: boolean;
}

export type OnFinished = (finished: Finished) => Promise<void>;

/** Units that are inspected and owned at the same time. */
const maxAtOnce = 32;
/** A unit that waits for more bytes is looked at this often at first, and ever less often. */
const waitingMs = { least: 1000, readAgain: 5000, most: 60_000 };
const retryMs = 5000;

type States = ReadonlySet<ArtifactState>;
const none: States = new Set();

/** The unit's stamp where it is not known as it stands; undefined where there is nothing to look at. Cheap. Units in one of the states `again` count as not known. */
export function news(state: IngestState, unit: Unit, again: States = none): Stamp | undefined {
  const stamp = stampOf(unit);
  if (!stamp) return undefined;
  const pending = state.pending.get(unit.path);
  if (pending) return pending.stamp.text === stamp.text ? undefined : stamp;
  const known = stampAt(state.ctx.db, unit.path);
  const asItStands = known?.stamp === stamp.text && known.state !== 'waiting';
  return asItStands && !again.has(known.state) ? undefined : stamp;
}

/** Takes notice of a unit that stands on disk: it is looked at when it has been quiet for long enough. */
export function offer(state: IngestState, unit: Unit, again: States = none): void {
  const stamp = news(state, unit, again);
  if (!stamp) return;
  const now = state.ctx.now();
  const dueAt = now + state.timing.quietMs;
  const pending = state.pending.get(unit.path);
  if (pending) Object.assign(pending, { unit, stamp, changedAt: now, dueAt, looked: false });
  else {
    state.lineages.notice(unit.path, unit.root, stamp.writtenAt);
    state.pending.set(unit.path, pendingOf(unit, stamp, Math.min(now, stamp.writtenAt), dueAt));
  }
}

function pendingOf(unit: Unit, stamp: Stamp, changedAt: number, dueAt: number): Pending {
  return { unit, stamp, changedAt, dueAt, busy: false, looked: false, incomplete: undefined };
}

/** Looks at the units that are due, the oldest first. Called often; does nothing where none is. */
export function settle(state: IngestState, onFinished: OnFinished): void {
  const now = state.ctx.now();
  const all = [...state.pending.values()];
  const free = maxAtOnce - all.filter((pending) => pending.busy).length;
  const due = free > 0 ? all.filter((pending) => !pending.busy && pending.dueAt <= now) : [];
  if (state.closing) return;
  for (const pending of due.toSorted(inOrder).slice(0, free)) look(state, pending, onFinished, now);
}

const collator = new Intl.Collator('en', { numeric: true });

/** A unit with what was seen of its files. */
export type Stamped = Pick<Pending, 'unit' | 'stamp'>;

/** Versions are numbered in the order in which their files were written: for sorting. */
export function inOrder(a: Stamped, b: Stamped): number {
  return a.stamp.writtenAt - b.stamp.writtenAt || collator.compare(a.unit.path, b.unit.path);
}

function look(state: IngestState, pending: Pending, onFinished: OnFinished, now: number): void {
  const stamp = stampOf(pending.unit);
  if (!stamp) return vanished(state, pending);
  if (stamp.text !== pending.stamp.text) {
    Object.assign(pending, { stamp, changedAt: now, dueAt: now + state.timing.quietMs });
    return;
  }
  const waits = pending.incomplete === stamp.text && waitOf(pending, now) < waitingMs.readAgain;
  if (waits) return void (pending.dueAt = now + waitOf(pending, now));
  if (earlierComes(state, pending)) return void (pending.dueAt = now + 50);
  pending.looked = true;
  if (twinComes(state, pending)) return void (pending.dueAt = now + 50);
  pending.busy = true;
  inspect(state, pending, stamp, onFinished).catch((error: unknown) => {
    if (state.closing) return;
    state.ctx.log.error('a unit could not be taken in', { path: pending.unit.path, error: String(error) });
    pending.dueAt = state.ctx.now() + retryMs;
    pending.busy = false;
  });
}

/** What waits for long is looked at less often; after a while it is read again, as what it waits for may be another file. */
function waitOf({ changedAt }: Pending, now: number): number {
  return Math.min(Math.max((now - changedAt) / 4, waitingMs.least), waitingMs.most);
}

/** One of its files went: with the primary all is forgotten, else its folder tells what it is now. */
function vanished(state: IngestState, { unit }: Pending): void {
  state.pending.delete(unit.path);
  if (!existsSync(unit.path)) return forget(state, unit.path);
  const now = unitAtPath(state.disk, unit.root, unit.path);
  if (now) offer(state, now);
}

/** The same model is being saved in a format that stands for it better: that one goes first. */
function twinComes(state: IngestState, { unit }: Pending): boolean {
  return twinsOf(state.disk, unit).some((other) => {
    const pending = state.pending.get(other.path);
    return pending !== undefined && pending.incomplete === undefined && loadRank(other.path) < loadRank(unit.path);
  });
}

/** An earlier save of the same model in another folder, heard of later, has yet to be looked at: it goes first. */
function earlierComes(state: IngestState, pending: Pending): boolean {
  const { unit } = pending;
  const earlier = [...state.pending.values()].filter(
    (other) => !other.looked && other.unit.folder !== unit.folder && inOrder(other, pending) < 0,
  );
  return earlier.some((other) => nameOf(state, other.unit) === nameOf(state, unit));
}

/** Units are inspected beside each other; what of one model becomes of them is decided in the order in which they were looked at. */
async function inspect(state: IngestState, pending: Pending, stamp: Stamp, onFinished: OnFinished): Promise<void> {
  const inspecting = state.inspector.inspect(pending.unit);
  inspecting.catch(() => undefined);
  await inTurn(state.turns, nameOf(state, pending.unit), async () =>
    decide(state, pending, stamp, await inspecting, onFinished),
  );
}

async function decide(
  state: IngestState,
  pending: Pending,
  stamp: Stamp,
  found: Inspected,
  onFinished: OnFinished,
): Promise<void> {
  const { unit } = pending;
  if (state.artifacts.isDecided(unit.path, stamp.text)) return done(state, pending, stamp);
  if (found.state === 'partial') return keepWaiting(state, pending, stamp, found.reason);
  if (found.state === 'foreign') return offerOn(state, pending, stamp, found.reason);
  if (found.state === 'unreadable') return settled(state, pending, stamp, 'unreadable', found.reason);
  if (!isWritten(state, pending, found)) {
    if (found.writer === 'open') tellWaiting(state, unit, stamp, 'a process has it open and may still be writing');
    return later(state, pending, 250);
  }
  if (stampOf(unit)?.text !== stamp.text) return later(state, pending, 0);
  await onFinished({ unit, stamp, facts: found.facts, marked: found.state === 'whole' });
  done(state, pending, stamp);
}

/** Nothing more is to be done for these bytes; what was written meanwhile stays pending. */
function done(state: IngestState, pending: Pending, stamp: Stamp): void {
  pending.busy = false;
  const isCurrent = state.pending.get(pending.unit.path) === pending && pending.stamp.text === stamp.text;
  if (isCurrent) state.pending.delete(pending.unit.path);
}

function later(state: IngestState, pending: Pending, ms: number): void {
  pending.busy = false;
  pending.dueAt = state.ctx.now() + ms;
}

/** However long a process keeps a file open, a structure that is whole and was still for this long is taken as it stands. */
const openQuietMs = 30_000;

/**
 * Nobody is at it any more. A whole structure is not enough while a process has the file open: some writers give it its
 * full size first. Without an end mark, and where open files cannot be seen, quiet time must tell.
 */
function isWritten(state: IngestState, { changedAt }: Pending, found: Inspected): boolean {
  const quiet = state.ctx.now() - changedAt;
  if (found.writer === 'open') return quiet >= Math.max(openQuietMs, state.timing.unmarkedQuietMs);
  return found.state === 'whole' || found.writer === 'none' || quiet >= state.timing.unmarkedQuietMs;
}

function keepWaiting(state: IngestState, pending: Pending, stamp: Stamp, reason: string): void {
  pending.incomplete = stamp.text;
  later(state, pending, waitOf(pending, state.ctx.now()));
  tellWaiting(state, pending.unit, stamp, reason);
}

function tellWaiting(state: IngestState, unit: Unit, stamp: Stamp, reason: string): void {
  const before = state.artifacts.get(unit.path);
  if (before?.state === 'waiting' && before.stamp === stamp.text) return;
  const details = detailsOf(unit, stamp);
  state.artifacts.transition(unit.path, 'waiting', reason, before ? { ...details, ...savedBefore(before) } : details);
}

/** What was saved under this path before is remembered while it is written anew: a path saved again is a run's. */
function savedBefore({ model, version, run, writtenAt }: ArtifactRow): Partial<ArtifactRow> {
  return version === null && run === null ? {} : { model, version, run, writtenAt };
}

/** None of its recogniser's kind: the next one that claims its files may have them, and only where none does it is ignored. */
function offerOn(state: IngestState, pending: Pending, stamp: Stamp, reason: string): void {
  const { unit } = pending;
  state.disk.refuse(unit.recogniser, unit.path);
  state.pending.delete(unit.path);
  const files = new Set(unit.claim.files.map((file) => join(unit.folder, file)));
  const next = unitsIn(state.disk, unit.root, unit.folder).filter((other) => files.has(other.path));
  if (!next.some((other) => other.path === unit.path)) settled(state, pending, stamp, 'ignored', reason);
  for (const other of next) {
    const fresh = stampOf(other);
    if (fresh && !state.pending.has(other.path))
      state.pending.set(other.path, pendingOf(other, fresh, pending.changedAt, state.ctx.now()));
  }
}

function settled(state: IngestState, pending: Pending, stamp: Stamp, as: ArtifactState, reason: string): void {
  state.pending.delete(pending.unit.path);
  state.artifacts.transition(pending.unit.path, as, reason, detailsOf(pending.unit, stamp));
}

/** Puts a finished unit back, to be looked at again: its bytes changed under the copy, or there was no room for them. */
export function putBack(state: IngestState, { unit, stamp }: Finished, ms: number): void {
  const now = state.ctx.now();
  state.pending.set(unit.path, pendingOf(unit, stamp, now, now + ms));
}

/** What is known of a unit before it was recognised. */
export function detailsOf(unit: Unit, stamp: Stamp): ArtifactDetails {
  const { root, recogniser } = unit;
  return { root, recogniser, size: stamp.size, stamp: stamp.text, writtenAt: stamp.writtenAt };
}
