import { basename, dirname, sep } from 'node:path';
import { artifactAt, artifactPathsBelow, artifactsOfRun, runAt, type ArtifactRow } from '../../db/artifacts.ts';
import type { Database } from '../../db/database.ts';
import { RegistryError } from '../../errors.ts';
import { putEvidenceUse } from '../../db/log-writes.ts';
import { modelByName } from '../../db/models.ts';
import { addEvidence, type NewEvidence } from '../../registry/versions/register.ts';
import { nothingOwn, stepOf } from './evidence.ts';
import { observeSave, type FactParts, type VersionSave } from './evidence-facts.ts';
import { judgeLogs } from './judge-evidence.ts';
import { stateOf } from './known-writer.ts';
import { watcherCaller } from './register-artifact.ts';
import { databaseName, isMlflowRun, runMeta } from '../run-logs/mlflow-run.ts';
import { locateRunLogs } from '../run-logs/locate.ts';
import { folderOfRun } from '../../shared/runs/run-id.ts';
import { isReportFolder } from '../run-logs/project-logs.ts';
import type { Context } from '../../context.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { artifactAtPath } from '../artifact/files.ts';
import { fingerprintOf } from '../artifact/fingerprint.ts';
import type { ArtifactFiles } from '../artifact/types.ts';

/** Dependencies for reading evidence of existing versions. */
export interface EvidenceParts extends FactParts {
  readonly ctx: Context;
  readonly inspector: Pick<Inspector, 'inspect' | 'readRunLogs'>;
  /** Schedules another judgement of a run log that cannot be decided about yet. */
  judgeLater(path: string): void;
}

/** Milliseconds after a model was logged to MLflow during which its run's values are still attached. */
const lateMs = 24 * 60 * 60_000;
const maxLogged = 50;

/** Attaches a run log that was just written to the versions that it is evidence of, unless their own files have changed since. */
export async function attachLateEvidence(parts: EvidenceParts, root: string, logPath: string): Promise<void> {
  const rows = isOfMlflow(logPath)
    ? modelsLoggedNear(parts, logPath)
    : versionsNear(parts.ctx.db, root, dirname(logPath));
  for (const row of rows) {
    const files = artifactAtPath(parts.disk, root, row.path);
    if (!files || fingerprintOf(files)?.text !== row.fingerprint) continue;
    const logs = locateRunLogs(parts.disk, files, folderOfRun(row.run) ?? undefined);
    const mine = logs.find((path) => path === logPath || path.startsWith(logPath + sep));
    if (mine !== undefined) await addTo(parts, row, files, mine);
  }
}

function isOfMlflow(path: string): boolean {
  return [databaseName, runMeta].includes(basename(path));
}

/** Returns the models that were logged lately to the experiment or database of a run that MLflow has changed. */
function modelsLoggedNear(parts: EvidenceParts, logPath: string): ArtifactRow[] {
  const folder = basename(logPath) === runMeta ? dirname(dirname(logPath)) : dirname(logPath);
  const since = parts.ctx.now() - lateMs;
  return artifactPathsBelow(parts.ctx.db, folder)
    .filter((path) => basename(path) === 'MLmodel')
    .map((path) => artifactAt(parts.ctx.db, path))
    .filter((row) => row !== undefined && row.state === 'registered' && row.writtenAt >= since)
    .slice(-maxLogged) as ArtifactRow[];
}

function topOf(root: string, folder: string): string {
  return isReportFolder(folder) && folder !== root ? dirname(folder) : folder;
}

/**
 * Yields the newest versions that a report in a folder may be of, if their own files are unchanged. `top`: the folder above those
 * versions.
 */
export async function* savedVersionsNear(
  parts: FactParts,
  root: string,
  folder: string,
  { top, maxVersions }: { top: string; maxVersions: number },
): AsyncGenerator<{ model: string; save: VersionSave }> {
  const rows = versionsNear(parts.ctx.db, root, folder, top).toSorted((a, b) => b.writtenAt - a.writtenAt);
  for (const row of rows.slice(0, maxVersions)) {
    const files = artifactAtPath(parts.disk, root, row.path);
    const fingerprint = files && fingerprintOf(files);
    const model = row.model === null ? undefined : modelByName(parts.ctx.db, row.model);
    if (!files || fingerprint?.text !== row.fingerprint || !model || row.version === null) continue;
    const found = await parts.inspector.inspect(files);
    if (!('facts' in found)) continue;
    const version = { model: model.id, number: row.version };
    const run = { folder: folderOfRun(row.run) ?? undefined, id: row.run };
    const save = await observeSave(parts, { files, facts: found.facts, fingerprint }, run, version);
    yield { model: model.name, save: { ...save, version } };
  }
}

/**
 * Returns the artifacts with a version near a run log or a folder of reports: in its folder, up to two levels below, or in the
 * run that it lies in.
 */
export function versionsNear(db: Database, root: string, folder: string, top = topOf(root, folder)): ArtifactRow[] {
  const near = artifactPathsBelow(db, top)
    .filter((path) => path.slice(top.length + 1).split('/').length <= 3)
    .map((path) => artifactAt(db, path));
  const ofRuns: ArtifactRow[] = [];
  for (let at = folder; at.length >= root.length; at = dirname(at))
    ofRuns.push(...artifactsOfRun(db, runAt(db, at)?.id ?? at));
  const rows = [...near, ...ofRuns].filter((row) => row?.state === 'registered' || row?.state === 'duplicate');
  return [...new Map(rows.map((row) => [row?.path, row])).values()].filter((row) => row !== undefined);
}

async function addTo(parts: EvidenceParts, row: ArtifactRow, files: ArtifactFiles, path: string): Promise<void> {
  const { ctx } = parts;
  const model = row.model === null ? undefined : modelByName(ctx.db, row.model);
  const fingerprint = fingerprintOf(files);
  if (!model || row.version === null || !fingerprint) return;
  const key = { model: model.id, number: row.version };
  const run = folderOfRun(row.run) ?? undefined;
  const state = stateOf(path);
  const logs = await parts.inspector.readRunLogs(files.root, run ?? files.folder, [path]);
  if (isMlflowRun(path) && logs.some((one) => one.values.status === 'running')) return;
  const found = await parts.inspector.inspect(files);
  if (!('facts' in found)) return;
  const { facts } = found;
  const save = await observeSave(parts, { files, facts, fingerprint }, { folder: run, id: row.run }, key);
  const own = { ...nothingOwn, step: stepOf(files, facts, logs) };
  const { evidence, uses, later } = await judgeLogs(parts, save, own, logs, state ? [state] : []);
  for (const one of evidence) await add(parts, row.model ?? '', row.version, one);
  for (const use of uses) putEvidenceUse(ctx.db, { ...use, ...key });
  for (const one of later) parts.judgeLater(one);
}

async function add({ ctx }: EvidenceParts, model: string, version: number, evidence: NewEvidence): Promise<void> {
  try {
    await addEvidence(ctx, watcherCaller, model, String(version), evidence);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    ctx.log.info('evidence came for a version that cannot take it', { source: evidence.source, reason: error.message });
  }
}
