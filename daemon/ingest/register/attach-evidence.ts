import { basename, dirname, sep } from 'node:path';
import { artifactAt, artifactPathsBelow, artifactsOfRun, type ArtifactRow } from '../../db/artifacts.ts';
import { RegistryError } from '../../errors.ts';
import { addEvidence } from '../../registry/versions/register.ts';
import { collectEvidence, nothingOwn, stepOf } from './evidence.ts';
import { watcherCaller } from './register-artifact.ts';
import { databaseName, isMlflowRun, runMeta } from '../runs/mlflow-run.ts';
import { locateRunLogs } from '../run-logs/locate.ts';
import { folderOfRun } from '../../shared/run-id.ts';
import { isReportFolder } from '../run-logs/project-logs.ts';
import { sourceName } from '../run-logs/source-name.ts';
import type { Context } from '../../context.ts';
import type { Inspector } from '../artifact/inspector.ts';
import type { Disk } from '../watch/folder-cache.ts';
import { artifactAtPath } from '../artifact/files.ts';
import { fingerprintOf } from '../artifact/fingerprint.ts';
import type { ArtifactFiles } from '../artifact/types.ts';

/** What reading evidence of known versions works with. */
export interface EvidenceParts {
  readonly ctx: Context;
  readonly inspector: Pick<Inspector, 'inspect' | 'readRunLogs'>;
  readonly disk: Disk;
}

/** What MLflow tells of a run is waited for this long after its model was logged. */
const lateMs = 24 * 60 * 60_000;
const maxLogged = 50;

/** A run log was written: the versions that it concerns get it as evidence, unless their own files changed since. */
export async function attachLateEvidence(parts: EvidenceParts, root: string, logPath: string): Promise<void> {
  const rows = isOfMlflow(logPath) ? logged(parts, logPath) : concerned(parts, root, dirname(logPath));
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

/** Models that were logged to an MLflow store of late, whose run may have gone on since: those of its experiment or database. */
function logged(parts: EvidenceParts, logPath: string): ArtifactRow[] {
  const folder = basename(logPath) === runMeta ? dirname(dirname(logPath)) : dirname(logPath);
  const since = parts.ctx.now() - lateMs;
  return artifactPathsBelow(parts.ctx.db, folder)
    .filter((path) => basename(path) === 'MLmodel')
    .map((path) => artifactAt(parts.ctx.db, path))
    .filter((row) => row !== undefined && row.state === 'registered' && row.writtenAt >= since)
    .slice(-maxLogged) as ArtifactRow[];
}

/** Registered artifacts beside the file or its folder of reports, just below it, or of the run that it lies in. */
function concerned(parts: EvidenceParts, root: string, folder: string): ArtifactRow[] {
  const top = isReportFolder(folder) && folder !== root ? dirname(folder) : folder;
  const near = artifactPathsBelow(parts.ctx.db, top)
    .filter((path) => path.slice(top.length + 1).split('/').length <= 3)
    .map((path) => artifactAt(parts.ctx.db, path));
  const ofRuns: ArtifactRow[] = [];
  for (let at = folder; at.length >= root.length; at = dirname(at)) ofRuns.push(...artifactsOfRun(parts.ctx.db, at));
  const rows = [...near, ...ofRuns].filter((row) => row?.state === 'registered');
  return [...new Map(rows.map((row) => [row?.path, row])).values()].filter((row) => row !== undefined);
}

async function addTo(parts: EvidenceParts, row: ArtifactRow, files: ArtifactFiles, path: string): Promise<void> {
  if (row.model === null || row.version === null) return;
  const base = folderOfRun(row.run) ?? dirname(row.path);
  const logs = await parts.inspector.readRunLogs(files.root, base, [path]);
  if (isMlflowRun(path) && logs.some((one) => one.values.status === 'running')) return;
  const found = await parts.inspector.inspect(files);
  const step = 'facts' in found ? stepOf(files, found.facts, logs) : null;
  const evidence = collectEvidence({ ...nothingOwn, step }, logs, base).find(
    (one) => one.source === sourceName(base, path),
  );
  if (!evidence) return;
  try {
    await addEvidence(parts.ctx, watcherCaller, row.model, String(row.version), evidence);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    parts.ctx.log.info('evidence came for a version that cannot take it', { path, reason: error.message });
  }
}
