import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import type { ArtifactRow } from '../../db/artifacts.ts';
import type { ArtifactState } from '../../protocol/model.ts';
import { inTurn, type Turns } from '../../runtime/keyed-queue.ts';
import type { Timing } from '../../runtime/timing.ts';
import { artifactAtPath, artifactsIn } from '../artifact/files.ts';
import { mayBeCompanion } from '../artifact/companions.ts';
import { fingerprintOf } from '../artifact/fingerprint.ts';
import { loadRank } from '../artifact/file-types.ts';
import type { Inspected } from '../artifact/inspect-worker.ts';
import type { Inspector } from '../artifact/inspector.ts';
import { completed } from '../artifact/named-files.ts';
import { guessName, type Naming } from '../artifact/naming.ts';
import { siblingsOf } from '../artifact/siblings.ts';
import {
  byWriteOrder,
  type ArtifactFiles,
  type Fingerprint,
  type SeenArtifact,
  type SettledArtifact,
} from '../artifact/types.ts';
import { detailsOf, type Artifacts } from './artifact-state.ts';

/** An artifact on its way from its first byte to being finished. */
interface Pending extends SeenArtifact {
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
}

export interface SettlerParts extends Naming {
  readonly ctx: Pick<Context, 'log' | 'now'>;
  readonly timing: Pick<Timing, 'quietMs' | 'unmarkedQuietMs' | 'companionMs'>;
  readonly inspector: Pick<Inspector, 'inspect'>;
  readonly artifacts: Artifacts;
  /** Is told of every file that begins to be written. */
  readonly lineages: { notice(path: string, root: string, writtenAt: number): void };
  readonly signal: AbortSignal;
}

/** Decides what becomes of a settled artifact. `retryMs`: it is inspected again after that time. */
export type OnSettled = (artifact: SettledArtifact) => Promise<{ retryMs?: number }>;

/** Artifacts that are inspected and stored at the same time. */
const maxAtOnce = 32;
/** An artifact that waits for more bytes is inspected this often at first, and ever less often. */
const waitingMs = { min: 1000, readAgain: 5000, max: 60_000 };
const retryMs = 5000;
/** Soon: an artifact that has to come first is not there yet. */
const turnMs = 50;
/** Files of one folder that were written this close together may belong together. */
const neighbourMs = 5000;
const lonely =
  'It prepares the input of a model: it becomes part of one that is saved beside it, or a version of its own after a while.';
/** However long a process keeps a file open, a structure that is whole and was still for this long is taken as it is. */
const openQuietMs = 30_000;

type States = ReadonlySet<ArtifactState>;
const none: States = new Set();

/** Holds the artifacts that are not known to be finished, and inspects each when it has been quiet for long enough. */
export class Settler {
  readonly #parts: SettlerParts;
  readonly #onSettled: OnSettled;
  /** By path. */
  readonly #pending = new Map<string, Pending>();
  /** Decisions in work, by model: its versions are numbered in the order in which their files were written. */
  readonly #turns: Turns = new Map();

  constructor(parts: SettlerParts, onSettled: OnSettled) {
    this.#parts = parts;
    this.#onSettled = onSettled;
  }

  get size(): number {
    return this.#pending.size;
  }

  /**
   * The artifact's fingerprint where it is not known as it is; undefined where there is nothing to inspect. Cheap. An
   * artifact in one of `retryStates` counts as not known.
   */
  changedFingerprint(files: ArtifactFiles, retryStates: States = none): Fingerprint | undefined {
    const fingerprint = fingerprintOf(files);
    if (!fingerprint) return undefined;
    const pending = this.#pending.get(files.path);
    if (pending) return pending.fingerprint.text === fingerprint.text ? undefined : fingerprint;
    const known = this.#parts.artifacts.seenAt(files.path);
    const isKnown = known?.fingerprint === fingerprint.text && known.state !== 'waiting';
    return isKnown && !retryStates.has(known.state) ? undefined : fingerprint;
  }

  /** Debounces an artifact: it is inspected after `quietMs` without changes. Does nothing where it is known as it is. */
  enqueue(files: ArtifactFiles, retryStates: States = none): void {
    const fingerprint = this.changedFingerprint(files, retryStates);
    if (!fingerprint) return;
    const now = this.#parts.ctx.now();
    const dueAt = now + this.#parts.timing.quietMs;
    this.#forgetParts(files);
    const pending = this.#pending.get(files.path);
    if (pending) Object.assign(pending, { files, fingerprint, changedAt: now, dueAt, inspected: false });
    else {
      this.#parts.lineages.notice(files.path, files.root, fingerprint.writtenAt);
      this.#add({ files, fingerprint }, Math.min(now, fingerprint.writtenAt), dueAt);
    }
  }

  /** Enqueues a settled artifact again: its bytes changed under the copy, or there was no room for them. */
  requeue({ files, fingerprint }: SeenArtifact, ms: number): void {
    const now = this.#parts.ctx.now();
    this.#add({ files, fingerprint }, now, now + ms);
  }

  /** Inspects the artifacts that are due, the oldest first. Called often; does nothing where none is due. */
  inspectDue(): void {
    const now = this.#parts.ctx.now();
    const all = [...this.#pending.values()];
    const free = maxAtOnce - all.filter((pending) => pending.busy).length;
    const due = free > 0 ? all.filter((pending) => !pending.busy && pending.dueAt <= now) : [];
    if (this.#parts.signal.aborted) return;
    for (const pending of due.toSorted(byWriteOrder).slice(0, free)) this.#inspectIfQuiet(pending, now);
  }

  /** Whether anything below a folder that was written before `before` may still become a finished artifact soon. */
  hasUnsettled(folder: string, before = Infinity): boolean {
    return [...this.#pending.values()].some(
      ({ incomplete, files, fingerprint }) =>
        incomplete === undefined && files.path.startsWith(`${folder}/`) && fingerprint.writtenAt <= before,
    );
  }

  /** Whether anything is to be inspected that does not wait for files that are still to come. */
  hasWork(): boolean {
    return [...this.#pending.values()].some(({ busy, incomplete }) => busy || incomplete === undefined);
  }

  /** Whether it is still to be decided what becomes of an artifact. */
  isPending(path: string): boolean {
    return this.#pending.has(path);
  }

  /** The clock was set: what is waited for is as far away as before. */
  onClockStep(ms: number): void {
    for (const pending of this.#pending.values()) {
      pending.changedAt += ms;
      pending.dueAt += ms;
    }
  }

  /** The file is gone. */
  forget(path: string): void {
    this.#pending.delete(path);
    this.#parts.artifacts.forget(path);
  }

  /** A root is no longer watched: what is pending below it is dropped. */
  dropBelow(root: string): void {
    for (const path of this.#pending.keys()) if (path.startsWith(`${root}/`)) this.#pending.delete(path);
  }

  #add(seen: SeenArtifact, changedAt: number, dueAt: number): void {
    const rest = { changedAt, dueAt, busy: false, inspected: false, known: undefined, incomplete: undefined };
    this.#pending.set(seen.files.path, { ...seen, ...rest });
  }

  #inspectIfQuiet(pending: Pending, now: number): void {
    const fingerprint = fingerprintOf(pending.files);
    if (!fingerprint) return this.#lostFile(pending);
    if (fingerprint.text !== pending.fingerprint.text) {
      Object.assign(pending, { fingerprint, changedAt: now, dueAt: now + this.#parts.timing.quietMs });
      return;
    }
    const waits = pending.incomplete === fingerprint.text && waitOf(pending, now) < waitingMs.readAgain;
    pending.dueAt = now + (waits ? waitOf(pending, now) : turnMs);
    if (waits || this.#hasEarlierSave(pending)) return;
    pending.inspected = true;
    if (this.#hasBetterSibling(pending)) return;
    pending.busy = true;
    this.#inspect(pending, fingerprint).catch((error: unknown) => {
      if (this.#parts.signal.aborted) return;
      const { log, now: clock } = this.#parts.ctx;
      log.error('an artifact could not be taken in', { path: pending.files.path, error: String(error) });
      pending.dueAt = clock() + retryMs;
      pending.busy = false;
    });
  }

  /** Files that belong to an artifact are no artifacts of their own, whatever was thought of them before. */
  #forgetParts({ folder, group }: ArtifactFiles): void {
    for (const file of group.files) {
      const path = join(folder, file);
      if (file !== group.primary && (this.#pending.has(path) || this.#parts.artifacts.seenAt(path))) this.forget(path);
    }
  }

  /** One of its files is gone: with the primary all is forgotten, else its folder tells what it is now. */
  #lostFile({ files }: Pending): void {
    this.#pending.delete(files.path);
    if (!existsSync(files.path)) return this.forget(files.path);
    const now = artifactAtPath(this.#parts.disk, files.root, files.path);
    if (now) this.enqueue(now);
  }

  /** The same model is being saved in a format that stands for it better: that one goes first. */
  #hasBetterSibling({ files }: Pending): boolean {
    return siblingsOf(this.#parts.disk, files).some((other) => {
      const pending = this.#pending.get(other.path);
      return pending !== undefined && pending.incomplete === undefined && loadRank(other.path) < loadRank(files.path);
    });
  }

  /** An earlier save of the same model in another folder, noticed later, has yet to be inspected: it goes first. */
  #hasEarlierSave(pending: Pending): boolean {
    const { folder } = pending.files;
    const earlier = [...this.#pending.values()].filter(
      (other) => !other.inspected && other.files.folder !== folder && byWriteOrder(other, pending) < 0,
    );
    return earlier.some((other) => guessName(this.#parts, other.files) === guessName(this.#parts, pending.files));
  }

  /** Artifacts are inspected in parallel; what becomes of those of one model is decided in the order in which they were due. */
  async #inspect(pending: Pending, fingerprint: Fingerprint): Promise<void> {
    const inspecting = this.#parts.inspector.inspect(pending.files);
    inspecting.catch(() => undefined);
    await inTurn(this.#turns, guessName(this.#parts, pending.files), async () =>
      this.#decide(pending, fingerprint, await inspecting),
    );
  }

  async #decide(pending: Pending, fingerprint: Fingerprint, found: Inspected): Promise<void> {
    const { files } = pending;
    if (this.#pending.get(files.path) !== pending) return;
    if (this.#parts.artifacts.isDecided(files.path, fingerprint.text)) return void this.#done(pending, fingerprint);
    pending.known = fingerprint.text;
    const whole = completed(this.#parts.disk, files, found);
    if (whole) return this.#inspectWhole(pending, whole);
    if (found.state === 'partial') return this.#keepWaiting(pending, fingerprint, found.reason);
    if (found.state === 'foreign') return this.#offerToOthers(pending, fingerprint, found);
    if (found.state === 'unreadable') return this.#close({ files, fingerprint }, 'unreadable', found.reason);
    if (!this.#isWritten(pending, found)) {
      if (found.writer === 'open')
        this.#recordWaiting({ files, fingerprint }, 'a process has it open and may still be writing');
      return this.#later(pending, 250);
    }
    if (fingerprintOf(files)?.text !== fingerprint.text) return this.#later(pending, 0);
    const isCompanion = found.companion === true;
    if (isCompanion ? this.#joinsModel(pending) : this.#hasUnknownNeighbour(pending)) return;
    if (this.#awaits(pending, fingerprint, isCompanion ? lonely : files.group.awaits)) return;
    const settled = { files, fingerprint, facts: found.facts, hasEndMarker: found.state === 'whole' };
    const { retryMs: again } = await this.#onSettled(settled);
    const isCurrent = this.#done(pending, fingerprint);
    if (again !== undefined && isCurrent) this.requeue(settled, again);
  }

  /** Its headers name files that its names did not tell of: it is inspected again with them. */
  #inspectWhole(pending: Pending, files: ArtifactFiles): void {
    this.#forgetParts(files);
    Object.assign(pending, { files, fingerprint: fingerprintOf(files) ?? pending.fingerprint });
    this.#later(pending, turnMs);
  }

  /** A scaler or encoder belongs to the models beside it, which are inspected again with it. */
  #joinsModel({ files: { root, folder, path, group } }: Pending): boolean {
    const { disk } = this.#parts;
    disk.noteCompanion(path);
    const models = artifactsIn(disk, root, folder).filter(
      (other) => other.path !== path && other.group.files.includes(group.primary),
    );
    for (const model of models) this.enqueue(model);
    if (models.length > 0) this.forget(path);
    return models.length > 0;
  }

  /** What perhaps belongs to an artifact that is still to come waits for it a while. */
  #awaits(pending: Pending, fingerprint: Fingerprint, reason: string | undefined): boolean {
    const { ctx, timing } = this.#parts;
    const left = timing.companionMs - (ctx.now() - pending.changedAt);
    if (reason === undefined || left <= 0) return false;
    this.#recordWaiting({ files: pending.files, fingerprint }, reason);
    pending.incomplete = reason;
    this.#later(pending, left);
    return true;
  }

  /** A file beside it that is still unknown may be a companion: it is inspected first. One that waits for another format of itself is none. */
  #hasUnknownNeighbour(pending: Pending): boolean {
    const { files, fingerprint } = pending;
    const isUnknown = (other: Pending): boolean =>
      other.files.folder === files.folder &&
      other.files.path !== files.path &&
      mayBeCompanion(other.files) &&
      siblingsOf(this.#parts.disk, other.files).length === 0 &&
      other.known !== other.fingerprint.text &&
      other.fingerprint.writtenAt <= fingerprint.writtenAt + neighbourMs;
    if (![...this.#pending.values()].some(isUnknown)) return false;
    this.#later(pending, turnMs);
    return true;
  }

  /** Nothing more is to be done for these bytes; what was written meanwhile stays pending. Tells whether they are the current ones. */
  #done(pending: Pending, fingerprint: Fingerprint): boolean {
    const { path } = pending.files;
    pending.busy = false;
    const isCurrent = this.#pending.get(path) === pending && pending.fingerprint.text === fingerprint.text;
    if (isCurrent) this.#pending.delete(path);
    return isCurrent;
  }

  #later(pending: Pending, ms: number): void {
    pending.busy = false;
    pending.dueAt = this.#parts.ctx.now() + ms;
  }

  /**
   * Nobody is writing it any more. A whole structure is not enough while a process has the file open: some writers give it
   * its full size first. Without an end marker, and where open files cannot be seen, quiet time must tell.
   */
  #isWritten({ changedAt }: Pending, found: Inspected): boolean {
    const { unmarkedQuietMs } = this.#parts.timing;
    const quiet = this.#parts.ctx.now() - changedAt;
    if (found.writer === 'open') return quiet >= Math.max(openQuietMs, unmarkedQuietMs);
    return found.state === 'whole' || found.writer === 'none' || quiet >= unmarkedQuietMs;
  }

  #keepWaiting(pending: Pending, fingerprint: Fingerprint, reason: string): void {
    pending.incomplete = fingerprint.text;
    this.#later(pending, waitOf(pending, this.#parts.ctx.now()));
    this.#recordWaiting({ files: pending.files, fingerprint }, reason);
  }

  #recordWaiting(seen: SeenArtifact, reason: string): void {
    const { path } = seen.files;
    const before = this.#parts.artifacts.get(path);
    if (before?.state === 'waiting' && before.fingerprint === seen.fingerprint.text) return;
    const details = detailsOf(seen);
    this.#parts.artifacts.transition(
      path,
      'waiting',
      reason,
      before ? { ...details, ...savedBefore(before) } : details,
    );
  }

  /** Not of its recogniser's kind: the next one that recognises its files gets them; only where none does, they are ignored. */
  #offerToOthers(pending: Pending, fingerprint: Fingerprint, found: Inspected & { state: 'foreign' }): void {
    const { files } = pending;
    const { disk, ctx } = this.#parts;
    disk.refuse(files.recogniser, files.path);
    if (found.content !== undefined) disk.noteContent(files.path, found.content, false);
    this.#pending.delete(files.path);
    const paths = new Set(files.group.files.map((file) => join(files.folder, file)));
    const next = artifactsIn(disk, files.root, files.folder).filter((other) => paths.has(other.path));
    if (!next.some((other) => other.path === files.path)) this.#close({ files, fingerprint }, 'ignored', found.reason);
    for (const other of next) {
      const fresh = fingerprintOf(other);
      if (fresh && !this.#pending.has(other.path))
        this.#add({ files: other, fingerprint: fresh }, pending.changedAt, ctx.now());
    }
  }

  #close(seen: SeenArtifact, state: ArtifactState, reason: string): void {
    this.#pending.delete(seen.files.path);
    this.#parts.artifacts.transition(seen.files.path, state, reason, detailsOf(seen));
  }
}

/** What waits for long is inspected less often; after a while it is read again, as what it waits for may be another file. */
function waitOf({ changedAt }: Pending, now: number): number {
  return Math.min(Math.max((now - changedAt) / 4, waitingMs.min), waitingMs.max);
}

/** What was saved under this path before is kept while it is written again: a path that is saved repeatedly belongs to a run. */
function savedBefore({ model, version, run, writtenAt, writer }: ArtifactRow): Partial<ArtifactRow> {
  return version === null && run === null ? {} : { model, version, run, writtenAt, writer };
}
