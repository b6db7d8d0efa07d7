import { basename, dirname } from 'node:path';
import { lstatSync } from 'node:fs';
import type { Caller, Context } from '../../context.ts';
import { RegistryError, systemCode } from '../../errors.ts';
import type { Evidence, EvidenceOrigin } from '../../protocol/evidence.ts';
import type { NameOrigin, Version } from '../../protocol/model.ts';
import type { Registered } from '../../protocol/routes/versions.ts';
import { addEvidence, addReport } from '../../registry/versions/register.ts';
import { folderOfRun } from '../../shared/runs/run-id.ts';
import { referenceTo } from '../../shared/references.ts';
import { filesAtPath, kindOf, settledAtPath } from '../inspect/explicit-path.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { givenName, type Naming } from '../artifact/naming.ts';
import type { ArtifactFiles, SeenArtifact } from '../artifact/types.ts';
import { readerOf } from '../run-logs/cache.ts';
import type { Artifacts } from '../artifact/artifact-state.ts';
import { collectEvidence, nothingOwn } from './evidence.ts';
import { registerArtifact, type Pipeline } from './pipeline.ts';

/** Dependencies for registering by path. */
export interface PathParts extends Pipeline, Naming {
  readonly inspector: Pick<Inspector, 'inspect' | 'firstBytes' | 'readRunLogs'>;
  readonly artifacts: Artifacts;
  /** Returns the watched folder that a path lies in; undefined outside all of them. */
  rootOf(path: string): string | undefined;
}

/** Registers a file or folder, watched or not. Throws `not-found`, `invalid-request` (still being written) or `already-registered`. */
export async function registerPath(
  parts: PathParts,
  caller: Caller,
  path: string,
  model?: string,
  force = false,
): Promise<Registered> {
  const kind = kindOf(path);
  const watched = parts.rootOf(path);
  const root = watched ?? (kind === 'folder' ? path : dirname(path));
  const artifact = await settledAtPath(parts, filesAtPath(parts.disk, root, path));
  const { files } = artifact;
  // A folder of several models that no recogniser takes as a whole is a model of its own, not its first file.
  const isAsSeen = kind === 'file' || files.recogniser !== '';
  const row = isAsSeen ? parts.artifacts.get(files.path) : undefined;
  // Outside all roots the name is searched in all folders above.
  const named = watched === undefined ? { ...files, root: dirname(root) } : files;
  const given = nameFor(parts, named, model, row?.model ?? undefined);
  const { version, created } = await registerArtifact(parts, {
    caller,
    artifact,
    ...given,
    kind: 'hand',
    ...(isAsSeen ? {} : { path }),
    run: folderOfRun(row?.run ?? null) ?? undefined,
    runId: row?.run ?? undefined,
    force,
    refuseDuplicate: (existing) => alreadyThere(path, existing),
    lineage: { root, lastWriteAt: 0 },
  }).catch((error: unknown) => refuseChanged(error, path));
  if (isAsSeen) recordVersion(parts.artifacts, artifact, version);
  return { version, created, ...(model === undefined && given.named ? { named: given.named } : {}) };
}

/** Returns the name for a registration by path: the one that the user gave, else the one that its row shows. */
function nameFor(
  parts: PathParts,
  files: ArtifactFiles,
  model: string | undefined,
  listed: string | undefined,
): { model: string; named: NameOrigin | undefined } {
  if (model !== undefined) return { model, named: { by: 'user', from: '' } };
  const given = givenName(parts, files);
  if (listed === undefined || listed === given.model) return { model: given.model, named: given.origin };
  return { model: listed, named: undefined };
}

function alreadyThere(path: string, version: Version): RegistryError {
  const label = referenceTo(version.model, version.number);
  const text = `${path} is already registered as ${label}. To register it as another version, add --again.`;
  return new RegistryError('already-registered', text, { version });
}

function recordVersion(artifacts: Artifacts, { files, fingerprint }: SeenArtifact, version: Version): void {
  const known = artifacts.get(files.path);
  if (!known) return;
  const reason = `registered as ${referenceTo(version.model, version.number)}`;
  artifacts.transition(files.path, 'registered', reason, {
    ...known,
    fingerprint: fingerprint.text,
    model: version.model,
    version: version.number,
  });
}

function refuseChanged(error: unknown, path: string): never {
  if (systemCode(error) !== 'CHANGED') throw error;
  throw new RegistryError('conflict', `${path} is still being written. Try again when the writer has finished.`);
}

/** Origin of evidence that a person attached to a version. */
const attached: EvidenceOrigin = { rule: 'given', reason: 'it was attached to this version' };

const maxReportBytes = 64 * 1024 * 1024;

/** Adds the values of a file to a version's evidence. A file without metrics or params is kept whole as a report. */
export async function attachFile(
  { ctx, inspector }: { ctx: Context; inspector: Pick<Inspector, 'readRunLogs'> },
  caller: Caller,
  model: string,
  version: string,
  path: string,
): Promise<Evidence> {
  if (kindOf(path) === 'folder') throw new RegistryError('invalid-request', `${path} is a folder. Attach a file.`);
  const name = basename(path);
  if (readerOf(name)) {
    const logs = await inspector.readRunLogs(dirname(path), dirname(path), [path]);
    const evidence = collectEvidence(nothingOwn, logs, dirname(path))[0];
    if (evidence) return addEvidence(ctx, caller, model, version, { ...evidence, origin: attached });
  }
  const size = lstatSync(path).size;
  if (size > maxReportBytes)
    throw new RegistryError('too-large', `${path} is larger than 64 MiB. Attach a summary of it.`);
  const { digest } = await ctx.blobs.own(path, dirname(path));
  return addReport(ctx, caller, model, version, { source: name, digest, origin: attached });
}
