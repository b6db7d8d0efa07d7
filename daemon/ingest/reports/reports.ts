import { dirname } from 'node:path';
import { RegistryError, messageOf } from '../../errors.ts';
import { workerScript, workerThread } from '../../runtime/worker-thread.ts';
import type { Lineages } from '../lineage/lineage.ts';
import { savedVersionsNear } from '../register/attach-evidence.ts';
import type { VersionSave } from '../register/evidence-facts.ts';
import { keepReports, type KeepParts } from './keep-reports.ts';
import { isReportsFolder } from './locate-reports.ts';
import type { ReportOperations } from './report-worker.ts';

export interface ReportParts extends Omit<KeepParts, 'thread'> {
  readonly lineages: Pick<Lineages, 'whenCaptured'>;
}

/** Newest versions that are considered when a folder changes. */
const maxVersions = 20;
/** Milliseconds between two checks whether a process that may still write reports has ended. */
const waitMs = 1000;
const maxWaiting = 200;
/** Longest duration of reading one report. */
const readLimitMs = 30_000;

/** Keeps the pictures and reports that a run wrote about its model, when its version is made and whenever one is written later. */
export class Reports {
  readonly #parts: ReportParts;
  readonly #thread = workerThread<ReportOperations>(workerScript(import.meta.url, './report-worker.ts'), readLimitMs);
  /** Keeps reports of one version after another, so that one report at a time is in memory. */
  #queue: Promise<void> = Promise.resolve();
  /** Versions whose process still runs, by model and number. */
  readonly #waiting = new Map<string, { save: VersionSave; model: string; execution: string }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /** Finds the reports of a version, and again when the process that saved it has ended. */
  take(model: string, save: VersionSave): Promise<void> {
    const { writer } = save.observed;
    if (writer.kind === 'execution' && !writer.isKernel && this.#parts.executions.isAlive(writer.id))
      this.#wait(model, save, writer.id);
    return this.#keepAfterLook(model, save);
  }

  /** Attaches the reports of a folder that changed to the versions that they are of, unless their own files have changed since. */
  async attach(root: string, folder: string): Promise<void> {
    let top = folder;
    while (top !== root && isReportsFolder(top)) top = dirname(top);
    for await (const { save, model } of savedVersionsNear(this.#parts, root, folder, { top, maxVersions }))
      await this.take(model, save);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#thread.close();
    await this.#queue;
  }

  /** Keeps reports after the version's lineage was captured, as readers wait for the lineage. */
  async #keepAfterLook(model: string, save: VersionSave): Promise<void> {
    await this.#parts.lineages.whenCaptured(model, save.version.number);
    this.#queue = this.#queue.then(() => this.#keep(model, save));
    await this.#queue;
  }

  #wait(model: string, save: VersionSave, execution: string): void {
    this.#waiting.set(`${save.version.model} ${save.version.number}`, { save, model, execution });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > maxWaiting && oldest !== undefined) this.#waiting.delete(oldest);
    this.#timer ??= setInterval(() => this.#lookAgain(), waitMs).unref();
  }

  #lookAgain(): void {
    for (const [key, { save, model, execution }] of this.#waiting) {
      if (this.#parts.executions.isAlive(execution)) continue;
      this.#waiting.delete(key);
      void this.take(model, save);
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Keeps the reports of a version. Never rejects; an error is logged. */
  async #keep(model: string, save: VersionSave): Promise<void> {
    const { ctx, signal } = this.#parts;
    if (signal.aborted) return;
    try {
      await keepReports({ ...this.#parts, thread: this.#thread }, model, save);
    } catch (error) {
      if (signal.aborted) return;
      const facts = { model, error: messageOf(error) };
      if (error instanceof RegistryError) ctx.log.warn('the reports of a version were not kept', facts);
      else ctx.log.error('the reports of a version could not be kept', facts);
    }
  }
}
