import type { ArtifactRow } from '../../db/artifacts.ts';
import type { Inspected } from '../inspect/inspect-worker.ts';
import type { Fingerprint, SeenArtifact, SettledArtifact } from '../artifact/types.ts';

/** An artifact that is not decided about yet. */
export interface Pending extends SeenArtifact {
  /** Name of its model as its place suggested it last. */
  name: string;
  /** When it was last seen to change, epoch ms. */
  changedAt: number;
  /** When it is inspected next. */
  dueAt: number;
  busy: boolean;
  /** True if it was inspected since its last change. */
  inspected: boolean;
  /** Fingerprint of the last inspection. */
  known: string | undefined;
  /**
   * Fingerprint that was found incomplete and is not read again before it changes; any other text is the reason for which it
   * waits for other files.
   */
  incomplete: string | undefined;
  /** States that stood for at least `standingMs` and were overwritten before they were decided about. */
  overwritten: Fingerprint[];
}

/**
 * Milliseconds between two inspections of an incomplete artifact: `min` at first, at most `max`. After `readAgain` it is read
 * again even if unchanged.
 */
export const waitingMs = { min: 1000, readAgain: 5000, max: 60_000 };
/** A save that stood for this long is listed even if it was overwritten. */
const standingMs = 1000;

/** What the blob store holds of an artifact. */
export type OwnedArtifact = Pick<SettledArtifact, 'stored' | 'described'>;

/** The result of an inspection, and what the blob store holds of the artifact already. */
export interface Finding {
  found: Inspected;
  owned?: OwnedArtifact;
}

export function settledOf(seen: SeenArtifact, found: Inspected & { state: 'whole' | 'unmarked' }): SettledArtifact {
  return { ...seen, facts: found.facts, hasEndMarker: found.state === 'whole' };
}

/**
 * Records a state that was overwritten before it was decided about, if it stood for `standingMs` and was not merely the beginning
 * of the next one.
 */
export function noteOverwritten(pending: Pending, before: Fingerprint, next: Fingerprint): void {
  const isPart = before.size === 0 || pending.incomplete === before.text || hasGrown(before, next);
  if (!isPart && next.writtenAt - before.writtenAt >= standingMs) pending.overwritten.push(before);
}

/** Returns true if the file is the same inode as before and has grown. */
function hasGrown(before: Fingerprint, next: Fingerprint): boolean {
  const inodeOf = ({ text }: Fingerprint): string | undefined => text.split(':').at(-1);
  return before.size < next.size && inodeOf(before) === inodeOf(next);
}

/** Returns the ms until the next inspection: a quarter of the time since the last change, between `min` and `max` of `waitingMs`. */
export function backoffMs({ changedAt }: Pending, now: number): number {
  return Math.min(Math.max((now - changedAt) / 4, waitingMs.min), waitingMs.max);
}

/**
 * Returns model, version and run of the save that was at this path before; they stay on the row while the file is written again,
 * because a path that is saved repeatedly belongs to a run.
 */
export function lastSave({ model, version, run, writtenAt, writer }: ArtifactRow): Partial<ArtifactRow> {
  return version === null && run === null ? {} : { model, version, run, writtenAt, writer };
}

/** A file that a process keeps open is taken as finished if its structure is complete and it has not changed for this long. */
const openQuietMs = 30_000;

/**
 * True if an artifact that has not changed for `quiet` ms is no longer being written. A complete structure is not enough while a
 * process has the file open, because some writers set the full size first. Without an end marker, or where open files cannot be
 * seen, only quiet time decides.
 */
export function isWritten(found: Inspected, quiet: number, unmarkedQuietMs: number): boolean {
  if (found.writer === 'open') return quiet >= Math.max(openQuietMs, unmarkedQuietMs);
  return found.state === 'whole' || found.writer === 'none' || quiet >= unmarkedQuietMs;
}

/** Why a scaler or encoder waits. */
export const lonely =
  'It prepares the input of a model. It becomes part of a model that is saved beside it, or a version of its own after a while.';
