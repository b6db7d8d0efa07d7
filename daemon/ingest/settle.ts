import { artifactAt, stampAt, type ArtifactRow } from '../db/artifacts.ts';
import type { ModelFacts } from '../protocol/artifact.ts';
import type { ArtifactState } from '../protocol/model.ts';
import type { Inspected } from './inspect-worker.ts';
import { stemOf } from './notes-near.ts';
import { rank } from './choose.ts';
import { record, type IngestState } from './state.ts';
import { stampOf, type Stamp, type Unit } from './unit.ts';

/** A unit on its way from its first byte to being finished. */
export interface Pending {
  unit: Unit;
  stamp: Stamp;
  /** When it was last seen to change, epoch ms. */
  changedAt: number;
  /** When it is looked at next. */
  dueAt: number;
  busy: boolean;
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

/** How often a unit that waits for more bytes is looked at. */
const waitingPollMs = 1000;
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
  if (pending) Object.assign(pending, { unit, stamp, changedAt: now, dueAt });
  else state.pending.set(unit.path, { unit, stamp, changedAt: now, dueAt, busy: false, incomplete: undefined });
}

/** Looks at every unit that is due. Called often; does nothing where none is. */
export function settle(state: IngestState, onFinished: OnFinished): void {
  const now = state.ctx.now();
  const due = [...state.pending.values()].filter((pending) => !pending.busy && pending.dueAt <= now);
  if (state.closing) return;
  for (const pending of due.sort(inOrder)) look(state, pending, onFinished, now);
}

const collator = new Intl.Collator('en', { numeric: true });

/** Versions are numbered in the order in which their files were written. */
function inOrder(a: Pending, b: Pending): number {
  return a.stamp.writtenAt - b.stamp.writtenAt || collator.compare(a.unit.path, b.unit.path);
}

function look(state: IngestState, pending: Pending, onFinished: OnFinished, now: number): void {
  const stamp = stampOf(pending.unit);
  if (!stamp) return void state.pending.delete(pending.unit.path);
  if (stamp.text !== pending.stamp.text) {
    Object.assign(pending, { stamp, changedAt: now, dueAt: now + state.timing.quietMs });
    return;
  }
  if (pending.incomplete === stamp.text) return void (pending.dueAt = now + waitingPollMs);
  if (twinComes(state, pending)) return void (pending.dueAt = now + 50);
  pending.busy = true;
  inspect(state, pending, stamp, onFinished).catch((error: unknown) => {
    if (state.closing) return;
    state.ctx.log.error('a unit could not be taken in', { path: pending.unit.path, error: String(error) });
    pending.dueAt = state.ctx.now() + retryMs;
    pending.busy = false;
  });
}

/** The same model is being saved in a format that stands for it better: that one goes first. */
function twinComes(state: IngestState, { unit }: Pending): boolean {
  return [...state.pending.values()].some(
    (other) =>
      other.unit.folder === unit.folder &&
      other.unit.path !== unit.path &&
      other.incomplete === undefined &&
      stemOf(other.unit.claim.primary) === stemOf(unit.claim.primary) &&
      rank(other.unit.path) < rank(unit.path),
  );
}

async function inspect(state: IngestState, pending: Pending, stamp: Stamp, onFinished: OnFinished): Promise<void> {
  const { unit } = pending;
  const found = await state.inspector.inspect(unit);
  if (found.state === 'partial') return keepWaiting(state, pending, stamp, found.reason);
  if (found.state === 'foreign') return settled(state, pending, stamp, 'ignored', found.reason);
  if (found.state === 'unreadable') return settled(state, pending, stamp, 'unreadable', found.reason);
  if (!isWritten(state, pending, found)) {
    if (found.writer === 'open') tellWaiting(state, unit, stamp, 'a process has it open and may still be writing');
    return later(state, pending, 250);
  }
  if (stampOf(unit)?.text !== stamp.text) return later(state, pending, 0);
  await onFinished({ unit, stamp, facts: found.facts, marked: found.state === 'whole' });
  pending.busy = false;
  const isCurrent = state.pending.get(unit.path) === pending && pending.stamp.text === stamp.text;
  if (isCurrent) state.pending.delete(unit.path);
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
  later(state, pending, waitingPollMs);
  tellWaiting(state, pending.unit, stamp, reason);
}

function tellWaiting(state: IngestState, unit: Unit, stamp: Stamp, reason: string): void {
  const before = artifactAt(state.ctx.db, unit.path);
  if (before?.state === 'waiting' && before.stamp === stamp.text) return;
  record(state, { ...rowOf(state, unit, stamp), state: 'waiting', reason });
}

function settled(state: IngestState, pending: Pending, stamp: Stamp, as: ArtifactState, reason: string): void {
  state.pending.delete(pending.unit.path);
  record(state, { ...rowOf(state, pending.unit, stamp), state: as, reason });
}

/** Puts a finished unit back, to be looked at again: its bytes changed under the copy, or there was no room for them. */
export function putBack(state: IngestState, { unit, stamp }: Finished, ms: number): void {
  const now = state.ctx.now();
  const fresh: Pending = { unit, stamp, changedAt: now, dueAt: now + ms, busy: false, incomplete: undefined };
  state.pending.set(unit.path, fresh);
}

/** A row with what is known of a unit before it was recognised. */
export function rowOf(state: IngestState, unit: Unit, stamp: Stamp): ArtifactRow {
  return {
    path: unit.path,
    root: unit.root,
    state: 'waiting',
    reason: '',
    recogniser: unit.recogniser,
    framework: null,
    format: null,
    size: stamp.size,
    stamp: stamp.text,
    run: null,
    model: null,
    version: null,
    metrics: {},
    writtenAt: stamp.writtenAt,
    seenAt: state.ctx.now(),
  };
}
