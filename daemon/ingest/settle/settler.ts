import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import type { ArtifactState } from '../../protocol/model.ts';
import { inTurn, type Turns } from '../../runtime/keyed-queue.ts';
import type { Timing } from '../../runtime/timing.ts';
import { artifactAtPath, artifactsIn } from '../artifact/files.ts';
import { mayBeCompanion } from '../artifact/companions.ts';
import { fingerprintOf } from '../artifact/fingerprint.ts';
import { loadRank } from '../artifact/file-types.ts';
import type { Inspected } from '../inspect/inspect-worker.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { completeWithNamedFiles } from '../artifact/named-files.ts';
import { guessName, type Naming } from '../artifact/naming.ts';
import { siblingsOf } from '../artifact/siblings.ts';
import { type ArtifactFiles, type Fingerprint, type SeenArtifact, type SettledArtifact } from '../artifact/types.ts';
import { detailsOf, type Artifacts } from '../artifact/artifact-state.ts';
import { PendingArtifacts } from './pending-artifacts.ts';
import { InspectionSlots } from './inspection-slots.ts';
import {
  backoffMs,
  isWritten,
  noteOverwritten,
  lastSave,
  lonely,
  settledOf,
  waitingMs,
  type Finding,
  type OwnedArtifact,
  type Pending,
} from './pending.ts';

export interface SettlerParts extends Naming {
  readonly ctx: Pick<Context, 'log' | 'now'>;
  readonly timing: Pick<Timing, 'quietMs' | 'unmarkedQuietMs' | 'companionMs'>;
  readonly inspector: Pick<Inspector, 'inspect'>;
  readonly artifacts: Artifacts;
  /** Copies the bytes of a finished save into the blob store before the decision; undefined if it is left for later. */
  ownEarly(artifact: SettledArtifact): Promise<OwnedArtifact | undefined>;
  /** Receives every file that begins to be written. */
  readonly lineages: { notice(path: string, root: string, writtenAt: number): void };
  readonly signal: AbortSignal;
}

/** Decides about a settled artifact. `retryMs`: it is inspected again after that time. */
export type OnSettled = (artifact: SettledArtifact) => Promise<{ retryMs?: number }>;

/** Longest time in ms that beginning inspections may block the event loop before it yields. */
const stretchMs = 8;
const retryMs = 5000;
/** Delay for an artifact that another one has to precede. */
const turnMs = 50;
/** Incomplete saves of a model that are looked at before a later one is decided about. */
const maxRead = 16;
/** Files of one folder that were written this close together may belong together. */
const neighbourMs = 5000;

type States = ReadonlySet<ArtifactState>;
const none: States = new Set();

/** Holds the artifacts that may be unfinished, and inspects each after it has not changed for a while. */
export class Settler {
  readonly #parts: SettlerParts;
  readonly #onSettled: OnSettled;
  readonly #pending = new PendingArtifacts();
  readonly #slots = new InspectionSlots();
  #isRefilling = false;
  /** Decisions in progress, by model: versions are numbered in the order in which their files were written. */
  readonly #turns: Turns = new Map();

  constructor(parts: SettlerParts, onSettled: OnSettled) {
    this.#parts = parts;
    this.#onSettled = onSettled;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Returns the artifact's fingerprint if it must be inspected; undefined if it is gone or known as it is. Those in `retryStates` count as unknown. */
  changedFingerprint(files: ArtifactFiles, retryStates: States = none): Fingerprint | undefined {
    const fingerprint = fingerprintOf(files);
    if (!fingerprint) return undefined;
    const pending = this.#pending.get(files.path);
    if (pending) return pending.fingerprint.text === fingerprint.text ? undefined : fingerprint;
    const known = this.#parts.artifacts.seenAt(files.path);
    const isKnown = known?.fingerprint === fingerprint.text && known.state !== 'waiting';
    return isKnown && !retryStates.has(known.state) ? undefined : fingerprint;
  }

  /** Schedules an inspection `quietMs` after the artifact's last change. Does nothing if it is known as it is. */
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

  /** Schedules another inspection of a settled artifact: its bytes changed while they were copied, or the disk was full. */
  requeue({ files, fingerprint }: SeenArtifact, ms: number): void {
    const now = this.#parts.ctx.now();
    this.#add({ files, fingerprint }, now, now + ms);
  }

  /** Inspects artifacts that are due while there is room. Called often, and whenever there is room again; does nothing where none is due. */
  inspectDue(): void {
    const now = this.#parts.ctx.now();
    const until = performance.now() + stretchMs;
    while (!this.#parts.signal.aborted && this.#slots.isOpen) {
      const pending = this.#pending.takeDue(now);
      if (!pending) return;
      if (this.#slots.hasRoomFor(pending)) this.#inspectIfQuiet(pending, now);
      if (performance.now() > until) return this.#inspectSoon();
    }
  }

  #inspectSoon(): void {
    if (this.#isRefilling) return;
    this.#isRefilling = true;
    setImmediate(() => {
      this.#isRefilling = false;
      this.inspectDue();
    });
  }

  /** Returns true if an artifact below a folder, written no later than `before`, may still be finished soon. */
  hasUnsettled(folder: string, before = Infinity): boolean {
    for (const { incomplete, fingerprint } of this.#pending.below(folder))
      if (incomplete === undefined && fingerprint.writtenAt <= before) return true;
    return false;
  }

  /** Returns true while an artifact is due that does not wait for other files. */
  hasWork(): boolean {
    for (const { busy, incomplete } of this.#pending.all()) if (busy || incomplete === undefined) return true;
    return false;
  }

  /** Returns true until an artifact is decided about. */
  isPending(path: string): boolean {
    return this.#pending.has(path);
  }

  /** Shifts all times by `ms` after the clock was set. */
  onClockStep(ms: number): void {
    this.#pending.shiftTimes(ms);
  }

  /** Drops a file that is gone. */
  forget(path: string): void {
    this.#pending.delete(path);
    this.#parts.artifacts.forget(path);
  }

  /** Drops what is pending below a root that is no longer watched. */
  dropBelow(root: string): void {
    for (const { files } of this.#pending.below(root)) this.#pending.delete(files.path);
  }

  #add(seen: SeenArtifact, changedAt: number, dueAt: number): void {
    const rest = { changedAt, dueAt, busy: false, inspected: false, known: undefined, incomplete: undefined };
    this.#pending.add({ ...seen, ...rest, name: guessName(this.#parts, seen.files), overwritten: [] });
  }

  /** Restarts the wait of an artifact whose files were written again. */
  #replace(pending: Pending, next: SeenArtifact, now: number): void {
    // If only other files have joined the artifact, its bytes still stand as they were.
    const stands = fingerprintOf(pending.files)?.text === pending.fingerprint.text;
    if (!pending.busy && !stands) noteOverwritten(pending, pending.fingerprint, next.fingerprint);
    this.#pending.update(pending, { ...next, name: guessName(this.#parts, next.files) });
    Object.assign(pending, { changedAt: now, dueAt: now + this.#parts.timing.quietMs, inspected: false });
  }

  #inspectIfQuiet(pending: Pending, now: number): void {
    const fingerprint = fingerprintOf(pending.files);
    if (!fingerprint) return this.#lostFile(pending);
    if (fingerprint.text !== pending.fingerprint.text)
      return this.#replace(pending, { files: pending.files, fingerprint }, now);
    const waits = pending.incomplete === fingerprint.text && backoffMs(pending, now) < waitingMs.readAgain;
    pending.dueAt = now + (waits ? backoffMs(pending, now) : turnMs);
    if (waits || this.#hasEarlierSave(pending)) return;
    pending.inspected = true;
    if (this.#hasBetterSibling(pending)) return;
    pending.busy = true;
    this.#slots.take(pending);
    this.#inspect(pending, { files: pending.files, fingerprint })
      .catch((error: unknown) => {
        if (this.#parts.signal.aborted) return;
        const { log, now: clock } = this.#parts.ctx;
        log.error('an artifact could not be taken in', { path: pending.files.path, error: String(error) });
        pending.dueAt = clock() + retryMs;
        pending.busy = false;
      })
      .finally(() => {
        this.#slots.free(pending);
        this.#inspectSoon();
      });
  }

  /** Drops the files of an artifact that were pending or recorded as artifacts of their own. */
  #forgetParts({ folder, group }: ArtifactFiles): void {
    for (const file of group.files) {
      const path = join(folder, file);
      if (file !== group.primary && (this.#pending.has(path) || this.#parts.artifacts.seenAt(path))) this.forget(path);
    }
  }

  /** Handles the loss of one file: without its primary file the artifact is dropped, otherwise its folder is grouped again. */
  #lostFile({ files }: Pending): void {
    this.#pending.delete(files.path);
    if (!existsSync(files.path)) return this.forget(files.path);
    const now = artifactAtPath(this.#parts.disk, files.root, files.path);
    if (now) this.enqueue(now);
  }

  /** True if the same model is being saved in a format that loads more directly, which is registered first. */
  #hasBetterSibling({ files }: Pending): boolean {
    return siblingsOf(this.#parts.disk, files).some((other) => {
      const pending = this.#pending.get(other.path);
      return pending !== undefined && pending.incomplete === undefined && loadRank(other.path) < loadRank(files.path);
    });
  }

  /** True if an earlier save of the same model in another folder has not been inspected yet; it is registered first. */
  #hasEarlierSave(pending: Pending): boolean {
    const name = guessName(this.#parts, pending.files);
    if (name !== pending.name) this.#pending.update(pending, { name });
    for (const other of this.#pending.incompleteNamed(name, maxRead)) this.#readAgainIfChanged(other);
    return this.#pending.hasEarlier(pending);
  }

  /** Schedules an incomplete save whose files were written since, as its change may not have been reported yet. */
  #readAgainIfChanged(pending: Pending): void {
    const { files, fingerprint: before } = pending;
    const fingerprint = fingerprintOf(files);
    if (fingerprint && fingerprint.text !== before.text)
      this.#replace(pending, { files, fingerprint }, this.#parts.ctx.now());
  }

  /** Inspects in parallel, but decides about the artifacts of one model in the order in which they were due. */
  async #inspect(pending: Pending, seen: SeenArtifact): Promise<void> {
    const inspecting = this.#parts.inspector.inspect(seen.files).then((found) => this.#withBytes(pending, seen, found));
    inspecting.catch(() => undefined);
    await inTurn(this.#turns, pending.name, async () => this.#decide(pending, seen, await inspecting));
  }

  /** Copies the bytes of a finished save before it waits for its turn, as it may be overwritten meanwhile. */
  async #withBytes(pending: Pending, seen: SeenArtifact, found: Inspected): Promise<Finding> {
    const { artifacts, disk, ownEarly } = this.#parts;
    if ((found.state !== 'whole' && found.state !== 'unmarked') || !this.#isWritten(pending, found)) return { found };
    if (found.companion === true || seen.files.group.awaits !== undefined) return { found };
    if (artifacts.isDecided(seen.files.path, seen.fingerprint.text) || completeWithNamedFiles(disk, seen.files, found))
      return { found };
    const owned = await ownEarly(settledOf(seen, found));
    return owned ? { found, owned } : { found };
  }

  async #decide(pending: Pending, seen: SeenArtifact, { found, owned }: Finding): Promise<void> {
    const { files, fingerprint } = seen;
    if (this.#pending.get(files.path) !== pending) return;
    if (this.#parts.artifacts.isDecided(files.path, fingerprint.text)) return void this.#done(pending, fingerprint);
    pending.known = fingerprint.text;
    const whole = completeWithNamedFiles(this.#parts.disk, files, found);
    if (whole) return this.#inspectWhole(pending, whole);
    if (found.state === 'partial') return this.#keepWaiting(pending, fingerprint, found.reason);
    if (found.state === 'foreign') return this.#offerToOthers(pending, fingerprint, found);
    if (found.state === 'unreadable') return this.#close(seen, 'unreadable', found.reason);
    if (!owned && !this.#isWritten(pending, found)) {
      if (found.writer === 'open') this.#recordWaiting(seen, 'a process has it open and may still be writing');
      else pending.inspected = false; // Later saves of its model wait until it was left alone for long enough.
      return this.#later(pending, 250);
    }
    const present = fingerprintOf(files);
    const isPresent = present?.text === fingerprint.text;
    // Not overwritten, but other files have joined it.
    const hasJoined = isPresent && pending.fingerprint.text !== fingerprint.text;
    if (hasJoined || (!isPresent && !owned)) {
      if (present && !isPresent) noteOverwritten(pending, fingerprint, present);
      return this.#later(pending, 0);
    }
    if (isPresent && this.#waitsForOthers(pending, seen, found)) return;
    const overwritten = pending.overwritten.splice(0);
    const settled = { ...settledOf(seen, found), ...owned, overwritten };
    const { retryMs: again } = await this.#onSettled(settled);
    const isCurrent = this.#done(pending, fingerprint);
    if (again !== undefined && isCurrent) this.requeue(settled, again);
    else if (again !== undefined) noteOverwritten(pending, fingerprint, pending.fingerprint);
  }

  /** Schedules another inspection with the files that only the headers name. */
  #inspectWhole(pending: Pending, files: ArtifactFiles): void {
    this.#forgetParts(files);
    this.#pending.update(pending, { files, fingerprint: fingerprintOf(files) ?? pending.fingerprint });
    this.#later(pending, turnMs);
  }

  /** True if the decision is postponed, because other files must come first or may belong to the artifact. */
  #waitsForOthers(pending: Pending, { files, fingerprint }: SeenArtifact, { companion }: Inspected): boolean {
    if (companion === true ? this.#joinsModel(pending) : this.#hasUnknownNeighbour(pending)) return true;
    return this.#awaits(pending, fingerprint, companion === true ? lonely : files.group.awaits);
  }

  /** Records a scaler or encoder as a companion, and inspects the models of its folder again together with it. True if there are any. */
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

  /** Postpones an artifact for up to `companionMs` while a file that it may belong to can still be written. True if it was postponed. */
  #awaits(pending: Pending, fingerprint: Fingerprint, reason: string | undefined): boolean {
    const { ctx, timing } = this.#parts;
    const left = timing.companionMs - (ctx.now() - pending.changedAt);
    if (reason === undefined || left <= 0) return false;
    this.#recordWaiting({ files: pending.files, fingerprint }, reason);
    pending.incomplete = reason;
    this.#later(pending, left);
    return true;
  }

  /** True if a file of the same folder is still unknown and may be a companion, which is inspected first. A file that waits for its own sibling format is none. */
  #hasUnknownNeighbour(pending: Pending): boolean {
    const { files, fingerprint } = pending;
    const isUnknown = (other: Pending): boolean =>
      other.files.path !== files.path &&
      mayBeCompanion(other.files) &&
      siblingsOf(this.#parts.disk, other.files).length === 0 &&
      other.known !== other.fingerprint.text &&
      other.fingerprint.writtenAt <= fingerprint.writtenAt + neighbourMs;
    if (![...this.#pending.inFolder(files.folder)].some(isUnknown)) return false;
    this.#later(pending, turnMs);
    return true;
  }

  /** Ends the work on these bytes. Returns false if the files were written meanwhile: then they stay pending. */
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

  #isWritten({ changedAt }: Pending, found: Inspected): boolean {
    return isWritten(found, this.#parts.ctx.now() - changedAt, this.#parts.timing.unmarkedQuietMs);
  }

  #keepWaiting(pending: Pending, fingerprint: Fingerprint, reason: string): void {
    pending.incomplete = fingerprint.text;
    this.#later(pending, backoffMs(pending, this.#parts.ctx.now()));
    this.#recordWaiting({ files: pending.files, fingerprint }, reason);
  }

  #recordWaiting(seen: SeenArtifact, reason: string): void {
    const { path } = seen.files;
    const before = this.#parts.artifacts.get(path);
    if (before?.state === 'waiting' && before.fingerprint === seen.fingerprint.text) return;
    const details = detailsOf(seen);
    this.#parts.artifacts.transition(path, 'waiting', reason, before ? { ...details, ...lastSave(before) } : details);
  }

  /** Offers a file that is not of its recogniser's format to the next recogniser that claims it; records it as ignored if none does. */
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
