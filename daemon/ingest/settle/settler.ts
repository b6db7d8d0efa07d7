import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import type { ArtifactState, ManifestFile } from '../../protocol/model.ts';
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
import { noteOverwritten, savedBefore, settledOf, waitingMs, waitOf, type Finding, type Pending } from './pending.ts';

export interface SettlerParts extends Naming {
  readonly ctx: Pick<Context, 'log' | 'now'>;
  readonly timing: Pick<Timing, 'quietMs' | 'unmarkedQuietMs' | 'companionMs'>;
  readonly inspector: Pick<Inspector, 'inspect'>;
  readonly artifacts: Artifacts;
  /** Owns the bytes of a finished save before it is decided what becomes of it; undefined where that is left for later. */
  ownEarly(artifact: SettledArtifact): Promise<ManifestFile[] | undefined>;
  /** Is told of every file that begins to be written. */
  readonly lineages: { notice(path: string, root: string, writtenAt: number): void };
  readonly signal: AbortSignal;
}

/** Decides what becomes of a settled artifact. `retryMs`: it is inspected again after that time. */
export type OnSettled = (artifact: SettledArtifact) => Promise<{ retryMs?: number }>;

/** Artifacts that are inspected and stored at the same time. */
const maxAtOnce = 32;
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
    if (pending) this.#replace(pending, { files, fingerprint }, now);
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
    this.#pending.set(seen.files.path, { ...seen, ...rest, overwritten: [] });
  }

  /** Its files were written again. */
  #replace(pending: Pending, next: SeenArtifact, now: number): void {
    // What others have joined stands as it was.
    const stands = fingerprintOf(pending.files)?.text === pending.fingerprint.text;
    if (!pending.busy && !stands) noteOverwritten(pending, pending.fingerprint, next.fingerprint);
    Object.assign(pending, { ...next, changedAt: now, dueAt: now + this.#parts.timing.quietMs, inspected: false });
  }

  #inspectIfQuiet(pending: Pending, now: number): void {
    const fingerprint = fingerprintOf(pending.files);
    if (!fingerprint) return this.#lostFile(pending);
    if (fingerprint.text !== pending.fingerprint.text)
      return this.#replace(pending, { files: pending.files, fingerprint }, now);
    const waits = pending.incomplete === fingerprint.text && waitOf(pending, now) < waitingMs.readAgain;
    pending.dueAt = now + (waits ? waitOf(pending, now) : turnMs);
    if (waits || this.#hasEarlierSave(pending)) return;
    pending.inspected = true;
    if (this.#hasBetterSibling(pending)) return;
    pending.busy = true;
    this.#inspect(pending, { files: pending.files, fingerprint }).catch((error: unknown) => {
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
  async #inspect(pending: Pending, seen: SeenArtifact): Promise<void> {
    const inspecting = this.#parts.inspector.inspect(seen.files).then((found) => this.#withBytes(pending, seen, found));
    inspecting.catch(() => undefined);
    await inTurn(this.#turns, guessName(this.#parts, seen.files), async () =>
      this.#decide(pending, seen, await inspecting),
    );
  }

  /** A finished save may be overwritten while its decision waits: for its turn, or for a look at who wrote it. */
  async #withBytes(pending: Pending, seen: SeenArtifact, found: Inspected): Promise<Finding> {
    const { artifacts, disk, ownEarly } = this.#parts;
    if ((found.state !== 'whole' && found.state !== 'unmarked') || !this.#isWritten(pending, found)) return { found };
    if (found.companion === true || seen.files.group.awaits !== undefined) return { found };
    if (artifacts.isDecided(seen.files.path, seen.fingerprint.text) || completed(disk, seen.files, found))
      return { found };
    const stored = await ownEarly(settledOf(seen, found));
    return stored ? { found, stored } : { found };
  }

  async #decide(pending: Pending, seen: SeenArtifact, { found, stored }: Finding): Promise<void> {
    const { files, fingerprint } = seen;
    if (this.#pending.get(files.path) !== pending) return;
    if (this.#parts.artifacts.isDecided(files.path, fingerprint.text)) return void this.#done(pending, fingerprint);
    pending.known = fingerprint.text;
    const whole = completed(this.#parts.disk, files, found);
    if (whole) return this.#inspectWhole(pending, whole);
    if (found.state === 'partial') return this.#keepWaiting(pending, fingerprint, found.reason);
    if (found.state === 'foreign') return this.#offerToOthers(pending, fingerprint, found);
    if (found.state === 'unreadable') return this.#close(seen, 'unreadable', found.reason);
    if (!stored && !this.#isWritten(pending, found)) {
      if (found.writer === 'open') this.#recordWaiting(seen, 'a process has it open and may still be writing');
      return this.#later(pending, 250);
    }
    const present = fingerprintOf(files);
    const isPresent = present?.text === fingerprint.text;
    // Nothing was overwritten, but other files have been found to belong to it.
    const hasJoined = isPresent && pending.fingerprint.text !== fingerprint.text;
    if (hasJoined || (!isPresent && !stored)) {
      if (present && !isPresent) noteOverwritten(pending, fingerprint, present);
      return this.#later(pending, 0);
    }
    if (isPresent && this.#waitsForOthers(pending, seen, found)) return;
    const overwritten = pending.overwritten.splice(0);
    const settled = { ...settledOf(seen, found), ...(stored && { stored }), overwritten };
    const { retryMs: again } = await this.#onSettled(settled);
    const isCurrent = this.#done(pending, fingerprint);
    if (again !== undefined && isCurrent) this.requeue(settled, again);
    else if (again !== undefined) noteOverwritten(pending, fingerprint, pending.fingerprint);
  }

  /** Its headers name files that its names did not tell of: it is inspected again with them. */
  #inspectWhole(pending: Pending, files: ArtifactFiles): void {
    this.#forgetParts(files);
    Object.assign(pending, { files, fingerprint: fingerprintOf(files) ?? pending.fingerprint });
    this.#later(pending, turnMs);
  }

  /** Other files have to come first, or perhaps belong to it. */
  #waitsForOthers(pending: Pending, { files, fingerprint }: SeenArtifact, { companion }: Inspected): boolean {
    if (companion === true ? this.#joinsModel(pending) : this.#hasUnknownNeighbour(pending)) return true;
    return this.#awaits(pending, fingerprint, companion === true ? lonely : files.group.awaits);
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
