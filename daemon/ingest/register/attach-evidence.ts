import { basename, dirname, sep } from 'node:path';
import { artifactAt, artifactPathsBelow, artifactsOfRun, type ArtifactRow } from '../../db/artifacts.ts';
import { RegistryError } from '../../errors.ts';
import { addEvidence } from '../../registry/versions/register.ts';
import { claimsOf, nothingOwn, stepOf } from './evidence.ts';
import { watcherCaller } from './register-artifact.ts';
import { databaseName, isMlflowRun, runMeta } from '../runs/mlflow-run.ts';
import { notesNear } from '../run-logs/locate.ts';
import { sourceName } from '../run-logs/source-name.ts';
import type { IngestState } from '../state.ts';
import { stampOf, unitAtPath, type Unit } from '../artifact/files.ts';

/** What MLflow tells of a run is waited for this long after its model was logged. */
const lateMs = 24 * 60 * 60_000;
const maxLogged = 50;

/** A notes file was written: the versions that it speaks of get it as evidence, unless their own files changed since. */
export async function addLateEvidence(state: IngestState, root: string, notesPath: string): Promise<void> {
  const rows = isOfMlflow(notesPath) ? logged(state, notesPath) : concerned(state, root, dirname(notesPath));
  for (const row of rows) {
    const unit = unitAtPath(state.disk, root, row.path);
    if (!unit || stampOf(unit)?.text !== row.stamp) continue;
    const told = notesNear(state.disk, unit, row.run ?? undefined);
    const mine = told.find((path) => path === notesPath || path.startsWith(notesPath + sep));
    if (mine !== undefined) await addTo(state, row, unit, mine);
  }
}

function isOfMlflow(path: string): boolean {
  return [databaseName, runMeta].includes(basename(path));
}

/** Models that were logged to an MLflow store of late, whose run may have gone on since: those of its experiment or database. */
function logged(state: IngestState, notesPath: string): ArtifactRow[] {
  const folder = basename(notesPath) === runMeta ? dirname(dirname(notesPath)) : dirname(notesPath);
  const since = state.ctx.now() - lateMs;
  return artifactPathsBelow(state.ctx.db, folder)
    .filter((path) => basename(path) === 'MLmodel')
    .map((path) => artifactAt(state.ctx.db, path))
    .filter((row) => row !== undefined && row.state === 'registered' && row.writtenAt >= since)
    .slice(-maxLogged) as ArtifactRow[];
}

/** Registered units beside the file, just below it, or of the run that it lies in. */
function concerned(state: IngestState, root: string, folder: string): ArtifactRow[] {
  const near = artifactPathsBelow(state.ctx.db, folder)
    .filter((path) => path.slice(folder.length + 1).split('/').length <= 3)
    .map((path) => artifactAt(state.ctx.db, path));
  const ofRuns: ArtifactRow[] = [];
  for (let at = folder; at.length >= root.length; at = dirname(at)) ofRuns.push(...artifactsOfRun(state.ctx.db, at));
  const rows = [...near, ...ofRuns].filter((row) => row?.state === 'registered');
  return [...new Map(rows.map((row) => [row?.path, row])).values()].filter((row) => row !== undefined);
}

async function addTo(state: IngestState, row: ArtifactRow, unit: Unit, path: string): Promise<void> {
  if (row.model === null || row.version === null) return;
  const base = row.run ?? dirname(row.path);
  const notes = await state.inspector.notes(unit.root, base, [path]);
  if (isMlflowRun(path) && notes.some((one) => one.notes.status === 'running')) return;
  const found = await state.inspector.inspect(unit);
  const step = 'facts' in found ? stepOf(unit, found.facts, notes) : null;
  const claim = claimsOf({ ...nothingOwn, step }, notes, base).find((one) => one.source === sourceName(base, path));
  if (!claim) return;
  try {
    await addEvidence(state.ctx, watcherCaller, row.model, String(row.version), claim);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    state.ctx.log.info('evidence came for a version that cannot take it', { path, reason: error.message });
  }
}
