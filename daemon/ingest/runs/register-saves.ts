import { dirname, join } from 'node:path';
import { artifactsOfRun, type ArtifactRow } from '../../db/artifacts.ts';
import type { Database } from '../../db/database.ts';
import { artifactAtPath } from '../artifact/files.ts';
import { fingerprintOf } from '../artifact/fingerprint.ts';
import type { Inspector } from '../artifact/inspector.ts';
import type { Naming } from '../artifact/naming.ts';
import type { SeenArtifact, SettledArtifact } from '../artifact/types.ts';
import type { Registrar } from '../register/register-artifact.ts';
import type { RunLog } from '../run-logs/cache.ts';
import type { Artifacts } from '../settle/artifact-state.ts';
import { runFolderOf } from './detect.ts';
import type { LiveRun } from './run-tracker.ts';
import { bestBy, chooseVersions, type Candidate, type LoggedBest } from './select-checkpoint.ts';

export interface SavesParts extends Naming {
  readonly db: Database;
  readonly inspector: Pick<Inspector, 'inspect'>;
  readonly artifacts: Pick<Artifacts, 'transition'>;
  readonly registrar: Pick<Registrar, 'register'>;
  /** Enqueues a save that could not be registered now. */
  requeue(artifact: SeenArtifact, ms: number): void;
}

/**
 * The run's best save becomes a version; the others stay listed with it. False where more was saved meanwhile: the run is
 * not over.
 */
export async function registerSaves(parts: SavesParts, run: LiveRun, logs: readonly RunLog[]): Promise<boolean> {
  const rows = savesOf(parts.db, run);
  const candidates = await Promise.all(rows.map((row) => asCandidate(parts, run, row)));
  const present = candidates.filter((one) => one !== undefined);
  const chosen = isSigned(parts, run) ? choose(parts, run, present, loggedBestOf(logs, candidates)) : present;
  const versions = [];
  for (const one of chosen) versions.push(await registerChosen(parts, run, one));
  const weighed = new Set(rows.map(({ path }) => path));
  const isOver = savesOf(parts.db, run).every(({ path }) => weighed.has(path));
  const [version] = versions.filter((one) => one !== undefined);
  if (version) explainOthers(parts, run, version, weighed);
  return isOver;
}

/** What a run has saved and nobody has decided upon. */
function savesOf(db: Database, { folder, startedAt }: LiveRun): ArtifactRow[] {
  return artifactsOfRun(db, folder).filter((row) => row.state === 'candidate' && row.seenAt >= startedAt);
}

/** Whether a rule names it as a run, or trackers left signs of it. Without them it was noticed by paths that were saved again: each is a model of its own. */
function isSigned({ rules, disk }: SavesParts, { root, folder }: LiveRun): boolean {
  if (rules.matchRule(join(folder, 'any'), root)?.run === folder) return true;
  return runFolderOf(disk, root, folder, 0, Infinity) === folder;
}

/** By the rule that names the run, else by what trainers mean. */
function choose(
  { rules }: SavesParts,
  { folder, root }: LiveRun,
  present: readonly Candidate[],
  logged: LoggedBest,
): Candidate[] {
  const matched = rules.matchRule(join(folder, 'any'), root);
  const metric = matched?.rule.register === 'best' ? matched.rule.metric : null;
  if (metric === null) return chooseVersions(folder, present, logged);
  const best = bestBy(metric, present, matched?.source.file.metrics[metric]);
  return best ? [best] : chooseVersions(folder, present, logged);
}

interface InspectedSave extends Candidate {
  checkpoint: { monitor: string | null; best: string | null };
}

async function asCandidate(parts: SavesParts, run: LiveRun, row: ArtifactRow): Promise<InspectedSave | undefined> {
  const settled = await inspectSave(parts, run, row);
  if (!settled) return undefined;
  const recorded = settled.facts.metadata['checkpoint'];
  const text = (key: string): string | null => {
    const value =
      recorded !== null && typeof recorded === 'object' && !Array.isArray(recorded) ? recorded?.[key] : null;
    return typeof value === 'string' ? value : null;
  };
  const checkpoint = { monitor: text('monitor'), best: text('bestModelPath') };
  return { row, metrics: settled.facts.metrics, checkpoint };
}

/** Undefined where the save is not there any more, or is being written again. */
async function inspectSave(
  { disk, inspector }: SavesParts,
  { root }: LiveRun,
  { path }: ArtifactRow,
): Promise<SettledArtifact | undefined> {
  const files = artifactAtPath(disk, root, path);
  const fingerprint = files && fingerprintOf(files);
  if (!files || !fingerprint) return undefined;
  const found = await inspector.inspect(files);
  if (found.state !== 'whole' && found.state !== 'unmarked') return undefined;
  return { files, fingerprint, facts: found.facts, hasEndMarker: found.state === 'whole' };
}

function loggedBestOf(logs: readonly RunLog[], candidates: readonly (InspectedSave | undefined)[]): LoggedBest {
  const named = logs.flatMap((file) => Object.values(file.values.best).map((best) => `checkpoint-${best.step}`));
  const last = candidates.findLast((one) => one?.checkpoint.best);
  const names = [...named, ...(last?.checkpoint.best ? [last.checkpoint.best] : [])];
  return { bestNames: names, metric: last?.checkpoint.monitor ?? null };
}

async function registerChosen(parts: SavesParts, run: LiveRun, chosen: Candidate): Promise<ArtifactRow | undefined> {
  const settled = await inspectSave(parts, run, chosen.row);
  if (!settled) return undefined;
  const saving = { folder: run.folder, lastWriteAt: run.writtenAt };
  const { row, retryMs } = await parts.registrar.register(settled, saving, ', the best of its run');
  if (retryMs !== undefined) parts.requeue(settled, retryMs);
  return row;
}

function explainOthers(parts: SavesParts, run: LiveRun, version: ArtifactRow, weighed: ReadonlySet<string>): void {
  const from = version.path.slice(dirname(run.folder).length + 1);
  const reason = `a save of a run that ended; ${version.model}@${version.version} was made of ${from}`;
  for (const row of artifactsOfRun(parts.db, run.folder))
    if (row.state === 'candidate' && weighed.has(row.path))
      parts.artifacts.transition(row.path, 'candidate', reason, row);
}
