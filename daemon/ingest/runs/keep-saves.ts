import { statfsSync } from 'node:fs';
import type { Context } from '../../context.ts';
import { addSave, keptBytes, recordKept, recordLost, type SaveRow } from '../../db/saves.ts';
import { systemCode } from '../../errors.ts';
import { storeFiles } from '../register/store-files.ts';
import type { SeenArtifact, SettledArtifact } from '../artifact/types.ts';
import { describeBest } from './select-checkpoint.ts';

/** Saves up to this size are always kept; of larger ones, one a minute for each path. */
export const smallBytes = 4 << 20;
const keepEveryMs = 60_000;
const maxSaveBytes = 256 << 20;
const maxRunBytes = 2 * 2 ** 30;
/** Share of the disk's free space that kept saves may take. */
const maxFreeShare = 0.1;
const overwritten = 'It was overwritten before it was kept.';

export interface KeepParts {
  readonly ctx: Pick<Context, 'blobs' | 'db' | 'log' | 'now' | 'publish'>;
}

/**
 * Copies finished saves into the blob store while their run goes on, so that a version can be made even if its file was
 * overwritten before the run ended.
 */
export class SaveKeeper {
  readonly #parts: KeepParts;
  /** When a save of each path was last kept, epoch ms. */
  readonly #keptAt = new Map<string, number>();
  /** The newest save of each path that is due to be kept, and when. */
  readonly #due = new Map<string, { at: number; save: SaveRow; artifact: SettledArtifact }>();

  #isKeeping = false;

  constructor(parts: KeepParts) {
    this.#parts = parts;
  }

  /** Records a finished save of a run, and keeps its bytes now or a little later. */
  async add(run: string, model: string, metrics: SaveRow['metrics'], artifact: SettledArtifact): Promise<SaveRow> {
    const { files, fingerprint, facts } = artifact;
    const save = this.#addRow(run, model, artifact, { metrics, best: describeBest(facts) });
    this.#noteOverwritten(files.path, save);
    const at = (this.#keptAt.get(files.path) ?? -Infinity) + keepEveryMs;
    const isDue = fingerprint.size <= smallBytes || at <= this.#parts.ctx.now();
    if (isDue) await this.#keep(save, artifact);
    else this.#due.set(files.path, { at, save, artifact });
    return save;
  }

  /** Records a save that was overwritten before it was inspected. */
  addLost(run: string, model: string, save: SeenArtifact): void {
    const { id } = this.#addRow(run, model, save, { metrics: {}, best: { monitor: null, path: null } });
    recordLost(this.#parts.ctx.db, id, overwritten);
  }

  /** Shifts all times by `ms` after the clock was set. */
  onClockStep(ms: number): void {
    for (const [path, at] of this.#keptAt) this.#keptAt.set(path, at + ms);
    for (const due of this.#due.values()) due.at += ms;
  }

  /** Keeps in the background the saves that are due. */
  keepDueSoon(): void {
    if (this.#due.size === 0 || this.#isKeeping) return;
    this.#isKeeping = true;
    this.#keepDue()
      .catch((error: unknown) => this.#parts.ctx.log.warn('saves could not be kept', { error: String(error) }))
      .finally(() => (this.#isKeeping = false));
  }

  async #keepDue(): Promise<void> {
    const now = this.#parts.ctx.now();
    for (const [path, { at, save, artifact }] of this.#due) {
      if (at > now) continue;
      this.#due.delete(path);
      await this.#keep(save, artifact);
    }
  }

  #addRow(
    run: string,
    model: string,
    { files, fingerprint }: SeenArtifact,
    said: Pick<SaveRow, 'metrics' | 'best'>,
  ): SaveRow {
    const { path, root } = files;
    const { text, size, writtenAt } = fingerprint;
    return addSave(this.#parts.ctx.db, { run, path, root, fingerprint: text, size, writtenAt, model, ...said });
  }

  #noteOverwritten(path: string, { id }: SaveRow): void {
    const before = this.#due.get(path);
    if (!before || before.save.id === id) return;
    this.#due.delete(path);
    recordLost(this.#parts.ctx.db, before.save.id, overwritten);
  }

  async #keep(save: SaveRow, artifact: SettledArtifact): Promise<void> {
    const { ctx } = this.#parts;
    const refusal = this.#refusal(save);
    if (refusal !== undefined) return recordLost(ctx.db, save.id, refusal);
    try {
      const files = await storeFiles(ctx, artifact);
      const facts = await ctx.blobs.store(Buffer.from(JSON.stringify(artifact.facts)));
      const { group, recogniser, folder } = artifact.files;
      const { primary, wholeFolder } = group;
      recordKept(ctx.db, save.id, { files, facts, primary, wholeFolder, recogniser, folder });
      this.#keptAt.set(save.path, ctx.now());
    } catch (error) {
      const code = systemCode(error);
      if (code === 'CHANGED' || code === 'ENOENT') recordLost(ctx.db, save.id, overwritten);
      else ctx.log.warn('the bytes of a save could not be kept', { path: save.path, error: String(error) });
    }
  }

  #refusal({ run, size }: SaveRow): string | undefined {
    if (size > maxSaveBytes) return 'It is larger than 256 MiB and is not stored during its run.';
    if (keptBytes(this.#parts.ctx.db, run) + size > maxRunBytes)
      return 'Its run already has 2 GiB of stored candidates.';
    const { bavail, bsize } = statfsSync(this.#parts.ctx.blobs.folder);
    return size > bavail * bsize * maxFreeShare ? 'The disk of the data folder has too little room for it.' : undefined;
  }
}
