import type { ArtifactRow } from '../../db/artifacts.ts';
import type { ManifestFile } from '../../protocol/model.ts';
import type { Inspected } from '../artifact/inspect-worker.ts';
import type { Fingerprint, SeenArtifact, SettledArtifact } from '../artifact/types.ts';

/** An artifact on its way from its first byte to being finished. */
export interface Pending extends SeenArtifact {
  /** When it was last seen to change, epoch ms. */
  changedAt: number;
  /** When it is inspected next. */
  dueAt: number;
  busy: boolean;
  /** Whether it was inspected since it was last seen to change. */
  inspected: boolean;
  /** The fingerprint that was inspected last: what these bytes are is known. */
  known: string | undefined;
  /** The fingerprint that was found incomplete: it is not read again before it changes. Another text: it waits for other files. */
  incomplete: string | undefined;
  /** States that stood for a while and were overwritten before anything was decided about them. */
  overwritten: Fingerprint[];
}

/** An artifact that waits for more bytes is inspected this often at first, and ever less often. */
export const waitingMs = { min: 1000, readAgain: 5000, max: 60_000 };
/** A save that stood for so long is told of, whatever became of it. */
const standingMs = 1000;

/** What an inspection found, and the files where their bytes are owned already. */
export interface Finding {
  found: Inspected;
  stored?: ManifestFile[];
}

export function settledOf(seen: SeenArtifact, found: Inspected & { state: 'whole' | 'unmarked' }): SettledArtifact {
  return { ...seen, facts: found.facts, hasEndMarker: found.state === 'whole' };
}

/** Notes a state that was overwritten undecided, where it stood for a while and was no mere part of the next one. */
export function noteOverwritten(pending: Pending, before: Fingerprint, next: Fingerprint): void {
  const isPart = before.size === 0 || pending.incomplete === before.text || hasGrown(before, next);
  if (!isPart && next.writtenAt - before.writtenAt >= standingMs) pending.overwritten.push(before);
}

/** Whether it is the same file as before, written on. */
function hasGrown(before: Fingerprint, next: Fingerprint): boolean {
  const inodeOf = ({ text }: Fingerprint): string | undefined => text.split(':').at(-1);
  return before.size < next.size && inodeOf(before) === inodeOf(next);
}

/** What waits for long is inspected less often; after a while it is read again, as what it waits for may be another file. */
export function waitOf({ changedAt }: Pending, now: number): number {
  return Math.min(Math.max((now - changedAt) / 4, waitingMs.min), waitingMs.max);
}

/** What was saved under this path before is kept while it is written again: a path that is saved repeatedly belongs to a run. */
export function savedBefore({ model, version, run, writtenAt, writer }: ArtifactRow): Partial<ArtifactRow> {
  return version === null && run === null ? {} : { model, version, run, writtenAt, writer };
}
