import type { Caller, Context } from '../../context.ts';
import type { RegistryError } from '../../errors.ts';
import { putEvidenceUse, putModelSave, replaceModelSave, type ModelSave } from '../../db/log-writes.ts';
import { modelByName } from '../../db/models.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { ManifestFile, NameOrigin, Version, VersionSource } from '../../protocol/model.ts';
import type { Registered } from '../../protocol/routes/versions.ts';
import { completeVersion } from '../../registry/versions/complete.ts';
import { addEvidence, registerVersion, type NewEvidence } from '../../registry/versions/register.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { SettledArtifact } from '../artifact/types.ts';
import type { Executions, SaveWriter } from '../executions/executions.ts';
import type { Lineages } from '../lineage/lineage.ts';
import { locateRunLogs } from '../run-logs/locate.ts';
import { isCounted } from '../../shared/evidence.ts';
import { observeSave, type FactParts, type SaveAtHand, type VersionKey, type VersionSave } from './evidence-facts.ts';
import { stepOf } from './evidence.ts';
import { judgeLogs, ownEvidence, type JudgedLogs } from './judge-evidence.ts';
import { knownWriter, stateOf } from './known-writer.ts';
import { storeFiles } from './store-files.ts';

/** Dependencies of the pipeline. */
export interface Pipeline extends FactParts {
  readonly ctx: Context;
  readonly inspector: Pick<Inspector, 'inspect' | 'readRunLogs'>;
  readonly lineages: Pick<Lineages, 'capture'>;
  readonly reports: { take(model: string, save: VersionSave): unknown };
  readonly executions: FactParts['executions'] & Pick<Executions, 'get'>;
  /** Schedules another judgement of a run log that cannot be decided about yet. */
  judgeLater(path: string): void;
}

/** One artifact on its way to a version, with what depends on where it came from. */
export interface Registration {
  caller: Caller;
  /** The artifact, with the facts read from its headers. */
  artifact: SettledArtifact;
  /** Its files, if the blob store holds them already. */
  stored?: ManifestFile[];
  model: string;
  /** Origin of the name, for a new model. */
  named?: NameOrigin | undefined;
  kind: VersionSource['kind'];
  /** Path to record, if it is not the primary file. */
  path?: string;
  /** Folder and id of its run; absent outside a run. */
  run?: string | undefined;
  runId?: string | undefined;
  /** Run logs written from this time on belong to another training. */
  endedAt?: number;
  /** Its writer, if it is known already. */
  writer?: SaveWriter;
  /** Evidence from elsewhere. Absent: the run logs near it are read. */
  evidence?: NewEvidence[];
  /** Origin and number of a version that another registry made. */
  imported?: VersionSource['imported'];
  number?: number;
  /** True to register bytes again that are a version already. */
  force?: boolean;
  /** Makes the error for bytes that are a version already. Absent: that version is returned. */
  refuseDuplicate?: (version: Version) => RegistryError;
  /** Writes rows about a new version in the transaction that registers it. */
  alongside?: (version: Version, evidence: readonly NewEvidence[]) => void;
  /** Where to look for its lineage, and when its run last wrote. Absent: no lineage is captured. */
  lineage?: { root: string; lastWriteAt: number };
}

interface JudgedEvidence extends JudgedLogs {
  save: SaveAtHand;
}

/**
 * Makes a version of an artifact from any source: stores its files, collects evidence, registers the version, and starts
 * capturing its lineage. Rejects with code CHANGED if the files were written meanwhile.
 */
export async function registerArtifact(
  pipeline: Pipeline,
  registration: Registration,
): Promise<Registered & { evidence: NewEvidence[] }> {
  const { caller, artifact, lineage } = registration;
  const { files, facts, fingerprint } = artifact;
  const stored = registration.stored ?? (await storeFiles(pipeline.ctx, artifact));
  const judged = registration.evidence ? undefined : await evidenceNear(pipeline, registration);
  const evidence = registration.evidence ?? judged?.evidence ?? [];
  const { version, created } = await registerVersion(pipeline.ctx, caller, {
    model: registration.model,
    named: registration.named,
    files: stored,
    primary: files.group.primary,
    wholeFolder: files.group.wholeFolder,
    facts,
    source: sourceOf(registration, registration.path ?? files.path, fingerprint.writtenAt),
    evidence,
    again: registration.force ?? false,
    ...(registration.number === undefined ? {} : { number: registration.number }),
    ...(registration.refuseDuplicate && { refuseTwin: registration.refuseDuplicate }),
    described: artifact.described,
    alongside: (made) => {
      if (judged) recordSave(pipeline, registration, made, judged, undefined);
      registration.alongside?.(made, evidence);
    },
  });
  if (created && lineage) {
    const writer = judged?.save.observed.writer;
    const isOneOfSeveral = writer?.kind === 'unknown' && writer.isOneOfSeveral === true;
    const execution = writer?.kind === 'execution' ? pipeline.executions.get(writer.id) : undefined;
    const by = isOneOfSeveral ? 'one of several' : execution;
    pipeline.lineages.capture(caller, version, lineage.root, lineage.lastWriteAt, by);
  }
  if (judged) await keepEvidence(pipeline, registration, version, judged, created ? 'new' : 'known');
  return { version, created, evidence };
}

/**
 * Adds the files that an artifact has gained since its run saved the version before to that version. Undefined if the version's
 * own files have changed, or if it may not change any more.
 */
export async function completeArtifact(
  pipeline: Pipeline,
  registration: Registration,
  before: ModelSave,
): Promise<{ version: Version; evidence: NewEvidence[] } | undefined> {
  const { artifact, caller } = registration;
  const { group } = artifact.files;
  const stored = await storeFiles(pipeline.ctx, artifact);
  const whole = { files: stored, primary: group.primary, wholeFolder: group.wholeFolder, facts: artifact.facts };
  const version = await completeVersion(pipeline.ctx, caller, before, whole);
  if (!version) return undefined;
  const judged = await evidenceNear(pipeline, registration, before);
  await keepEvidence(pipeline, registration, version, judged, before);
  return { version, evidence: judged.evidence };
}

function sourceOf({ kind, run, imported }: Registration, path: string, writtenAt: number): VersionSource {
  const source = { kind, path, run: run ?? null, writtenAt };
  return imported ? { ...source, imported } : source;
}

/** Collects and judges the evidence of the artifact itself and of the run logs near it. */
async function evidenceNear(
  pipeline: Pipeline,
  { artifact, run, runId, writer, endedAt = Infinity }: Registration,
  version: VersionKey | null = null,
): Promise<JudgedEvidence> {
  const { files, facts } = artifact;
  const by = writer && knownWriter(writer);
  const save = await observeSave(pipeline, artifact, { folder: run, id: runId }, version, by);
  const base = run ?? files.folder;
  const paths = locateRunLogs(pipeline.disk, files, run);
  const states = paths.flatMap((path) => stateOf(path) ?? []).filter(({ writtenAt }) => writtenAt < endedAt);
  const read = paths.filter((path) => endedAt === Infinity || states.some((state) => state.path === path));
  const logs = await pipeline.inspector.readRunLogs(files.root, base, read);
  const own = { ...facts, step: stepOf(files, facts, logs) };
  const judged = await judgeLogs(pipeline, save, own, logs, states);
  return { ...judged, save, evidence: [...ownEvidence(own), ...judged.evidence] };
}

/**
 * Follows what was written with a version. Evidence of a training that gave the same bytes again is added to the version that has
 * them, and its save is recorded; a new version has both already. `known`: `new`, `known`, or the save that this one completes.
 */
async function keepEvidence(
  pipeline: Pipeline,
  registration: Registration,
  version: Version,
  judged: JudgedEvidence,
  known: 'new' | 'known' | ModelSave,
): Promise<void> {
  const { ctx } = pipeline;
  const { caller, artifact } = registration;
  const { save, evidence, later } = judged;
  const { files } = artifact;
  const isRetrained = files.path === version.source.path || save.observed.writer.kind === 'execution';
  if (known === 'known' && !isRetrained) return;
  const model = modelByName(ctx.db, version.model)?.id;
  if (model === undefined) return;
  if (known !== 'new') {
    for (const one of evidence.filter(isCounted))
      await addEvidence(ctx, caller, version.model, String(version.number), one);
    recordSave(pipeline, registration, version, judged, typeof known === 'object' ? known : undefined);
  }
  for (const path of later) pipeline.judgeLater(path);
  pipeline.reports.take(version.model, { ...save, version: { model, number: version.number } });
}

/** Records the save of a version, instead of the one that it completes, and the states of run logs that are its evidence. */
function recordSave(
  { ctx }: Pick<Pipeline, 'ctx'>,
  { artifact }: Pick<Registration, 'artifact'>,
  version: Version,
  { save, uses }: JudgedEvidence,
  completed: ModelSave | undefined,
): void {
  const model = modelByName(ctx.db, version.model)?.id;
  if (model === undefined) return;
  const { files, fingerprint } = artifact;
  const { number } = version;
  const { path, root } = files;
  const writer = JSON.stringify(save.observed.writer);
  const noted = { path, root, writer, writtenAt: fingerprint.writtenAt, model, number, run: save.runId };
  inTransaction(ctx.db, () => {
    if (completed) replaceModelSave(ctx.db, completed, noted);
    else putModelSave(ctx.db, noted);
    for (const use of uses) putEvidenceUse(ctx.db, { ...use, model, number });
  });
}
