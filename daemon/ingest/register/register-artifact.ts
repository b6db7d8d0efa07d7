import type { Caller } from '../../context.ts';
import type { ArtifactRow } from '../../db/artifacts.ts';
import type { ModelSave } from '../../db/log-writes.ts';
import type { KeptSave, SaveRow } from '../../db/saves.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { Version } from '../../protocol/model.ts';
import type { NewEvidence } from '../../registry/versions/register.ts';
import type { SaveWriter } from '../executions/executions.ts';
import { RegistryError, messageOf, systemCode } from '../../errors.ts';
import type { Timing } from '../../runtime/timing.ts';
import { referenceTo } from '../../shared/references.ts';
import { folderOfRun } from '../../shared/runs/run-id.ts';
import { givenName, guessName, nameOf, originOf, type Naming } from '../artifact/naming.ts';
import type { ArtifactFiles, SettledArtifact } from '../artifact/types.ts';
import { detailsOf, type ArtifactDetails, type Artifacts, type Transition } from '../artifact/artifact-state.ts';
import { mergeEvidence, plain } from './evidence.ts';
import { completeArtifact, registerArtifact, type Pipeline } from './pipeline.ts';
import { assertRoom } from './store-files.ts';

export const watcherCaller: Caller = { actor: 'watcher' };

/** Result of an attempt to register. `retryMs`: it failed for now and is tried again after this time. */
export interface Outcome {
  row?: ArtifactRow;
  retryMs?: number;
}

/** A version made of a run's save. */
export interface MadeVersion {
  model: string;
  version: number;
  /** Path of the save. */
  path: string;
}

/** The run that saved an artifact, and the time of its last write. */
export interface SavingRun {
  id: string;
  folder: string;
  lastWriteAt: number;
  /** Files written from this time on belong to another training; absent if unknown. */
  endedAt?: number;
}

export interface RegistrarParts extends Pipeline, Naming {
  readonly artifacts: Artifacts;
  readonly timing: Pick<Timing, 'quietMs'>;
  readonly signal: AbortSignal;
}

const retryMs = 5000;
/** If more artifacts than these are registered at once, their commands wait for each other and share a transaction. */
const crowd = 8;

/** Registers artifacts of watched folders and records the outcome. */
export class Registrar {
  readonly #parts: RegistrarParts;
  /** Registrations in progress, by path. */
  readonly #busy = new Map<string, string>();

  constructor(parts: RegistrarParts) {
    this.#parts = parts;
  }

  busy(): { path: string; doing: string }[] {
    return [...this.#busy].map(([path, doing]) => ({ path, doing }));
  }

  /**
   * Registers an artifact. `why` is added to the reason of a new version; `writer` saved the artifact. `note` writes further rows
   * about it, for a new version in the same transaction.
   */
  async register(
    artifact: SettledArtifact,
    run?: SavingRun,
    why = '',
    writer?: SaveWriter,
    note: (row: ArtifactRow) => void = () => undefined,
  ): Promise<Outcome> {
    return this.#attempt(artifact, async () => ({ row: await this.#makeVersion(artifact, run, why, writer, note) }));
  }

  /**
   * Adds the files that a run has saved since to the version of its earlier save. Undefined if there is no such version or it may
   * not change.
   */
  async complete(artifact: SettledArtifact, before: ModelSave, writer: SaveWriter): Promise<Outcome | undefined> {
    return this.#attempt(artifact, () => this.#completeVersion(artifact, before, writer));
  }

  async #attempt<T>(artifact: SettledArtifact, act: () => Promise<T>): Promise<T | Outcome> {
    const { path } = artifact.files;
    try {
      assertRoom(this.#parts.ctx.blobs, artifact.fingerprint.size);
      this.#busy.set(path, 'copying');
      return await act();
    } catch (error) {
      return this.#postpone(artifact, error);
    } finally {
      this.#busy.delete(path);
    }
  }

  async #completeVersion(
    artifact: SettledArtifact,
    before: ModelSave,
    writer: SaveWriter,
  ): Promise<Outcome | undefined> {
    const details = describe(this.#parts, artifact);
    const done = await completeArtifact(
      this.#parts,
      {
        caller: watcherCaller,
        artifact,
        model: details.model,
        kind: 'watch',
        run: folderOfRun(before.run) ?? undefined,
        runId: before.run ?? undefined,
        writer,
      },
      before,
    );
    if (!done) return undefined;
    const { version, evidence } = done;
    const reason = `registered as ${referenceTo(version.model, version.number)}, which its run has completed since`;
    const row = this.#parts.artifacts.transition(artifact.files.path, 'registered', reason, {
      ...details,
      run: before.run,
      writer: writerId(writer),
      model: version.model,
      version: version.number,
      metrics: mergeEvidence(evidence).metrics,
    });
    return { row };
  }

  async #makeVersion(
    artifact: SettledArtifact,
    run: SavingRun | undefined,
    why: string,
    writer: SaveWriter | undefined,
    note: (row: ArtifactRow) => void,
  ): Promise<ArtifactRow> {
    const { files } = artifact;
    const named = givenName(this.#parts, files);
    const details = describeAs(named.model, artifact);
    const { artifacts } = this.#parts;
    const transition = (version: Version, evidence: readonly NewEvidence[], created: boolean): Transition => ({
      path: files.path,
      state: created ? 'registered' : 'duplicate',
      reason: created ? this.#reasonFor(files, version, why) : `seen again: these bytes are ${labelOf(version)}`,
      details: {
        ...details,
        run: run?.id ?? null,
        writer: writer ? writerId(writer) : (artifacts.get(files.path)?.writer ?? null),
        model: version.model,
        version: version.number,
        metrics: mergeEvidence(evidence).metrics,
      },
    });
    const written: ArtifactRow[] = [];
    const { version, created, evidence } = await registerArtifact(this.#parts, {
      caller: this.#busy.size > crowd ? { ...watcherCaller, isBackground: true } : watcherCaller,
      artifact,
      model: details.model,
      named: named.origin,
      kind: 'watch',
      run: run?.folder,
      runId: run?.id,
      ...(run?.endedAt === undefined ? {} : { endedAt: run.endedAt }),
      ...(writer && { writer }),
      lineage: { root: files.root, lastWriteAt: run?.lastWriteAt ?? 0 },
      alongside: (made, itsEvidence) => {
        const row = artifacts.write(transition(made, itsEvidence, true));
        note(row);
        written.push(row);
      },
    });
    // The transaction may have been repeated, because another command in it was refused.
    const row = created ? written.at(-1) : undefined;
    if (row) return artifacts.announce(row);
    const known = artifacts.transitionTo(transition(version, evidence, created));
    note(known);
    return known;
  }

  #reasonFor(files: ArtifactFiles, version: Version, why: string): string {
    const qualification = version.number === 1 ? this.#qualification(files, version.model) : '';
    return [`registered as ${labelOf(version)}`, why, qualification].filter((one) => one !== '').join(', ');
  }

  /** Explains why a new model's name differs from the one guessed from its file; empty if it does not. */
  #qualification(files: ArtifactFiles, model: string): string {
    const guess = guessName(this.#parts, files);
    return model.endsWith(`-${guess}`) || model.startsWith(`${guess}-`) ? `as ${guess} is another project's model` : '';
  }

  /** Makes a version of a save whose bytes are in the blob store, whatever is at its path now. */
  async registerKept(
    { save, kept }: { save: SaveRow; kept: KeptSave },
    run: SavingRun,
    why: string,
  ): Promise<MadeVersion> {
    const artifact = settledOf(save, kept, this.#parts.ctx.blobs.read(kept.facts).toString('utf8'));
    const { version, created, evidence } = await registerArtifact(this.#parts, {
      caller: watcherCaller,
      artifact,
      stored: kept.files,
      model: save.model ?? 'model',
      named: originOf(this.#parts, artifact.files, save.model ?? 'model'),
      kind: 'watch',
      run: run.folder,
      runId: run.id,
      ...(run.endedAt === undefined ? {} : { endedAt: run.endedAt }),
      lineage: { root: save.root, lastWriteAt: run.lastWriteAt },
    });
    const label = referenceTo(version.model, version.number);
    const row = this.#parts.artifacts.get(save.path);
    if (row?.fingerprint === save.fingerprint) {
      const reason = created ? `registered as ${label}, ${why}` : `seen again: these bytes are ${label}`;
      const details = {
        ...row,
        model: version.model,
        version: version.number,
        metrics: mergeEvidence(evidence).metrics,
      };
      this.#parts.artifacts.transition(save.path, created ? 'registered' : 'duplicate', reason, details);
    }
    return { model: version.model, version: version.number, path: save.path };
  }

  /** Records the error that prevents storing an artifact as its reason to wait, and schedules another attempt. */
  #postpone(artifact: SettledArtifact, error: unknown): Outcome {
    const code = error instanceof RegistryError ? error.code : systemCode(error);
    if (code === 'ENOENT' || this.#parts.signal.aborted) return {};
    if (code === 'CHANGED') return { retryMs: this.#parts.timing.quietMs };
    if (code === undefined || code === 'internal') throw error;
    this.#parts.artifacts.transition(artifact.files.path, 'waiting', messageOf(error), detailsOf(artifact));
    return { retryMs };
  }
}

function labelOf({ model, number }: Version): string {
  return referenceTo(model, number);
}

/** Rebuilds the settled artifact of a save that was kept. */
function settledOf(save: SaveRow, kept: KeptSave, facts: string): SettledArtifact {
  const { folder, primary, recogniser, wholeFolder, files } = kept;
  const names = files.map(({ path }) => (path === '' ? primary : path));
  return {
    files: { root: save.root, folder, recogniser, path: save.path, group: { primary, files: names, wholeFolder } },
    fingerprint: { text: save.fingerprint, size: save.size, writtenAt: save.writtenAt },
    facts: JSON.parse(facts) as ModelFacts,
    hasEndMarker: true,
  };
}

/** Returns the id of the execution that wrote something; null if none was seen. */
export function writerId(writer: SaveWriter): string | null {
  return writer.kind === 'execution' ? writer.execution.id : null;
}

/** Returns the details of a settled artifact that are known before it is decided about. */
export function describe(naming: Naming, artifact: SettledArtifact): ArtifactDetails & { model: string } {
  return describeAs(nameOf(naming, artifact.files), artifact);
}

function describeAs(model: string, artifact: SettledArtifact): ArtifactDetails & { model: string } {
  const { framework, format, metrics } = artifact.facts;
  return { ...detailsOf(artifact), framework, format, model, metrics: plain(metrics) };
}
