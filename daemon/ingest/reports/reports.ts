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
  readonly lineages: Pick<Lineages, 'looked'>;
}

/** Versions that a change in a folder may concern: the newest ones. */
const maxVersions = 20;
/** How often it is looked whether a process that may still write reports has ended. */
const waitMs = 1000;
const maxWaiting = 200;
/** How long a report may take to be read. */
const readLimitMs = 30_000;

/** Keeps the pictures and reports that a run wrote about its model: as soon as there is a version, and what comes later. */
export class Reports {
  readonly #parts: ReportParts;
  readonly #thread = workerThread<ReportOperations>(workerScript(import.meta.url, './report-worker.ts'), readLimitMs);
  /** One version after another: a report is in memory while it is kept. */
  #queue: Promise<void> = Promise.resolve();
  /** Versions whose process goes on, by model and number. */
  readonly #waiting = new Map<string, { save: VersionSave; model: string; execution: string }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /** Looks for the reports of a version, and once more when the process that saved it has ended. */
  take(model: string, save: VersionSave): Promise<void> {
    const { writer } = save.observed;
    if (writer.kind === 'execution' && !writer.isKernel && this.#parts.executions.isAlive(writer.id))
      this.#wait(model, save, writer.id);
    return this.#keepAfterLook(model, save);
  }

  /** A report in a folder was written: the versions that it may be of get it, unless their own files changed since. */
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

  /** Whoever reads a version waits for its lineage: reports do not come before what was seen around it. */
  async #keepAfterLook(model: string, save: VersionSave): Promise<void> {
    await this.#parts.lineages.looked(model, save.version.number);
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

  /** Never rejects: a version is none the less for its reports. */
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
