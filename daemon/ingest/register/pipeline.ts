import type { Caller, Context } from '../../context.ts';
import type { RegistryError } from '../../errors.ts';
import type { ManifestFile, Version, VersionSource } from '../../protocol/model.ts';
import type { Registered } from '../../protocol/routes/versions.ts';
import { registerVersion, type NewEvidence } from '../../registry/versions/register.ts';
import type { Inspector } from '../artifact/inspector.ts';
import type { SettledArtifact } from '../artifact/types.ts';
import type { Lineages } from '../lineage/lineage.ts';
import { locateRunLogs } from '../run-logs/locate.ts';
import type { Disk } from '../watch/folder-cache.ts';
import { collectEvidence, stepOf } from './evidence.ts';
import { storeFiles } from './store-files.ts';

/** What the pipeline works with. */
export interface Pipeline {
  readonly ctx: Context;
  readonly inspector: Pick<Inspector, 'readRunLogs'>;
  readonly disk: Disk;
  readonly lineages: Pick<Lineages, 'take'>;
}

/** One artifact on its way to a version, and how its origin differs from the others. */
export interface Registration {
  caller: Caller;
  /** With the facts that were read from its headers. */
  artifact: SettledArtifact;
  /** Its files, where their bytes are owned already. */
  stored?: ManifestFile[];
  model: string;
  kind: VersionSource['kind'];
  /** Where it was found, where that is not its primary file. */
  path?: string;
  /** Folder of its run, where there is one. */
  run?: string | undefined;
  /** What is known of it from elsewhere. Absent: the run logs near it are read. */
  evidence?: NewEvidence[];
  /** Of a version that another registry made: where it came from, and its number there. */
  imported?: VersionSource['imported'];
  number?: number;
  /** Registers bytes once more that are a version already. */
  force?: boolean;
  /** Makes the refusal of bytes that are a version already; without it they are answered with that version. */
  refuseDuplicate?: (version: Version) => RegistryError;
  /** Where its lineage is looked for, and when its run last wrote. Absent: nowhere. */
  lineage?: { root: string; lastWriteAt: number };
}

/**
 * Makes a version of an artifact, wherever it came from: stores its files, collects evidence, registers the version, and has
 * its lineage captured in the background. Rejects with code CHANGED where the files were written meanwhile.
 */
export async function registerArtifact(
  pipeline: Pipeline,
  registration: Registration,
): Promise<Registered & { evidence: NewEvidence[] }> {
  const { caller, artifact, run, lineage } = registration;
  const { files, facts, fingerprint } = artifact;
  const stored = registration.stored ?? (await storeFiles(pipeline.ctx, artifact));
  const evidence = registration.evidence ?? (await evidenceNear(pipeline, artifact, run));
  const { version, created } = await registerVersion(pipeline.ctx, caller, {
    model: registration.model,
    files: stored,
    primary: files.group.primary,
    wholeFolder: files.group.wholeFolder,
    facts,
    source: sourceOf(registration, registration.path ?? files.path, fingerprint.writtenAt),
    evidence,
    again: registration.force ?? false,
    ...(registration.number === undefined ? {} : { number: registration.number }),
    ...(registration.refuseDuplicate && { refuseTwin: registration.refuseDuplicate }),
  });
  if (created && lineage) pipeline.lineages.take(caller, version, lineage.root, lineage.lastWriteAt);
  return { version, created, evidence };
}

function sourceOf({ kind, run, imported }: Registration, path: string, writtenAt: number): VersionSource {
  const source = { kind, path, run: run ?? null, writtenAt };
  return imported ? { ...source, imported } : source;
}

/** What the artifact itself and the run logs near it say, where the artifact was saved. */
async function evidenceNear(
  { inspector, disk }: Pipeline,
  { files, facts }: SettledArtifact,
  run: string | undefined,
): Promise<NewEvidence[]> {
  const base = run ?? files.folder;
  const logs = await inspector.readRunLogs(files.root, base, locateRunLogs(disk, files, run));
  return collectEvidence({ ...facts, step: stepOf(files, facts, logs) }, logs, base);
}
