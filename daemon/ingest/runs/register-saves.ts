import { basename, dirname, join, relative } from 'node:path';
import { artifactsOfRun } from '../../db/artifacts.ts';
import type { Database } from '../../db/database.ts';
import {
  recordBetter,
  recordDecision,
  recordLost,
  savesOfRun,
  undecidedSaves,
  type KeptSave,
  type SaveRow,
  savesOfExecution,
} from '../../db/saves.ts';
import { referenceTo } from '../../shared/references.ts';
import { folderOfRun } from '../../shared/runs/run-id.ts';
import { sharedName } from '../artifact/families.ts';
import { artifactAtPath } from '../artifact/files.ts';
import { fingerprintOf } from '../artifact/fingerprint.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { completeWithNamedFiles } from '../artifact/named-files.ts';
import type { Naming } from '../artifact/naming.ts';
import type { SeenArtifact, SettledArtifact } from '../artifact/types.ts';
import type { MadeVersion, Registrar, SavingRun } from '../register/register-artifact.ts';
import type { RunLog } from '../run-logs/cache.ts';
import { pointsOf, type Series } from '../run-logs/series.ts';
import type { Artifacts } from '../artifact/artifact-state.ts';
import { hasCheckpointMark } from '../artifact/checkpoint-names.ts';
import { runFolderOf } from '../run-logs/run-folder.ts';
import type { LiveRun } from './live-run.ts';
import {
  bestBy,
  betterCheckpoint,
  chooseUntracked,
  chooseVersions,
  type Candidate,
  type Choice,
  type Product,
  type RunRecord,
} from './select-checkpoint.ts';

export interface SavesParts extends Naming {
  readonly ctx: { readonly db: Database; now(): number };
  readonly inspector: Pick<Inspector, 'inspect'>;
  readonly artifacts: Pick<Artifacts, 'transition'>;
  readonly registrar: Pick<Registrar, 'register' | 'registerKept'>;
  /** Schedules another attempt for a save that could not be registered. */
  requeue(artifact: SeenArtifact, ms: number): void;
}

/** A save whose bytes are available: unchanged on disk, or kept in the blob store. */
interface PresentSave extends Candidate {
  save: SaveRow;
  model: string | null;
  source: { settled: SettledArtifact } | { kept: KeptSave };
}

/**
 * Makes a version of the run's final or best save; the others stay listed with the run. Resolves to false if more was saved
 * meanwhile: then the run goes on.
 */
export async function registerSaves(parts: SavesParts, run: LiveRun, logs: readonly RunLog[]): Promise<boolean> {
  const { db } = parts.ctx;
  const undecided = undecidedSaves(db, run.id);
  const saves = run.isRegistered ? savesOfRun(db, run.id) : undecided;
  if (saves.every(({ version }) => version !== null)) return true;
  const record = recordOf(logs, saves);
  const isTracked = isSigned(parts, run);
  const all = isTracked ? saves : [...saves, ...savesBeside(parts, run)];
  const present = await presentSaves(parts, all);
  const chosen = isTracked
    ? chooseSaves(parts, run, present, record)
    : chooseUntracked(present, record, productsOf(db, run));
  const versions: { save: SaveRow; made: MadeVersion }[] = [];
  for (const one of chosen.filter(({ save }) => save.run === run.id && save.version === null)) {
    const version = await registerChosen(parts, run, one);
    if (version) versions.push({ save: one.save, made: version });
  }
  const judged = new Set(saves.map(({ id }) => id));
  const isOver = undecidedSaves(db, run.id).every(({ id }) => judged.has(id));
  recordDecisions(
    parts,
    [...new Map([...undecided, ...versions.map(({ save }) => save)].map((one) => [one.id, one])).values()],
    versions,
  );
  noteBetter(parts, present, chosen, versions, record);
  explainOthers(
    parts,
    run,
    versions.map((one) => one.made),
    all,
  );
  return isOver;
}

/**
 * Returns the saves of the same execution elsewhere in the project. Without a tracker they are one run, such as trials in one
 * folder and the best of them above it. Folders whose names differ only by a number, such as `run1` and `run2`, are separate
 * trainings.
 */
function savesBeside(parts: SavesParts, { id, root, folder, execution, isKernel }: LiveRun): SaveRow[] {
  if (!execution) return [];
  const isParallel = (other: string): boolean =>
    dirname(other) === dirname(folder) && sharedName(basename(other)) === sharedName(basename(folder));
  const others = savesOfExecution(parts.ctx.db, execution.id).filter(
    (one) => one.run !== id && one.root === root && !isParallel(folderOfRun(one.run)),
  );
  const isSignedFolder = new Map<string, boolean>();
  for (const { run } of others) isSignedFolder.set(run, isSigned(parts, { root, folder: folderOfRun(run) }));
  // A kernel trains repeatedly, so only its saves since the last decision are of the same training.
  return others.filter(({ run, decidedAt }) => isSignedFolder.get(run) === false && !(isKernel && decidedAt !== null));
}

/** Returns the run's saves with a plain name that became versions while it went on. */
function productsOf(db: Database, run: LiveRun): Product[] {
  const saves = run.execution ? savesOfExecution(db, run.execution.id) : savesOfRun(db, run.id);
  return saves.filter(({ version, path }) => version !== null && !hasCheckpointMark(path));
}

/** Returns the newest save of each path whose bytes are available. */
async function presentSaves(parts: SavesParts, saves: readonly SaveRow[]): Promise<PresentSave[]> {
  const byPath = Map.groupBy(saves, ({ path }) => path);
  const found = await Promise.all([...byPath.values()].map((ofPath) => newestPresent(parts, ofPath)));
  return found.filter((one) => one !== undefined);
}

async function newestPresent(parts: SavesParts, ofPath: readonly SaveRow[]): Promise<PresentSave | undefined> {
  for (const save of ofPath.toReversed()) {
    const settled = save.kept ? undefined : await onDisk(parts, save);
    const source = save.kept ? { kept: save.kept } : settled && { settled };
    if (source) return { save, model: save.model, row: save, metrics: numbersOf(save), source };
    if (save.lost === null) recordLost(parts.ctx.db, save.id, 'It was overwritten or removed before it was kept.');
  }
  return undefined;
}

function numbersOf({ metrics }: SaveRow): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  );
}

/** Returns the save as it is on disk; undefined if it is gone or overwritten. */
async function onDisk(parts: SavesParts, save: SaveRow): Promise<SettledArtifact | undefined> {
  const { disk, inspector } = parts;
  const files = artifactAtPath(disk, save.root, save.path);
  const fingerprint = files && fingerprintOf(files);
  if (!files || !fingerprint) return undefined;
  const found = await inspector.inspect(files);
  if (completeWithNamedFiles(disk, files, found)) return onDisk(parts, save);
  if (fingerprint.text !== save.fingerprint) return undefined;
  if (found.state !== 'whole' && found.state !== 'unmarked') return undefined;
  return { files, fingerprint, facts: found.facts, hasEndMarker: found.state === 'whole' };
}

/** True if a rule names the folder as a run or trackers marked it. */
function isSigned({ rules, disk }: SavesParts, { root, folder }: Pick<LiveRun, 'root' | 'folder'>): boolean {
  if (rules.matchRule(join(folder, 'any'), root)?.run === folder) return true;
  return runFolderOf(disk, root, folder, 0, Infinity) === folder;
}

/** Chooses by the metric of the rule that names the run, else by `chooseVersions`. */
function chooseSaves(
  { rules }: SavesParts,
  { folder, root }: LiveRun,
  present: readonly PresentSave[],
  record: RunRecord,
): Choice<PresentSave>[] {
  const matched = rules.matchRule(join(folder, 'any'), root);
  const metric = matched?.rule.register === 'best' ? matched.rule.metric : null;
  if (metric === null) return chooseVersions(folder, present, record);
  const best = bestBy(metric, present, matched?.source.file.metrics[metric]);
  return best ? [best] : chooseVersions(folder, present, record);
}

function recordOf(logs: readonly RunLog[], saves: readonly SaveRow[]): RunRecord {
  const named = logs.flatMap((file) => Object.values(file.values.best).map((best) => `checkpoint-${best.step}`));
  const last = saves.findLast(({ best }) => best.path !== null)?.best;
  const found = Object.assign({}, ...(saves.length > 1 ? logs.map(({ values }) => values.series) : [])) as Record<
    string,
    Series
  >;
  const series = Object.fromEntries(Object.entries(found).map(([name, one]) => [name, pointsOf(one)]));
  return { bestNames: [...named, ...(last?.path ? [last.path] : [])], metric: last?.monitor ?? null, series };
}

async function registerChosen(
  parts: SavesParts,
  run: LiveRun,
  { save, source, why }: Choice<PresentSave>,
): Promise<MadeVersion | undefined> {
  const isFollowed = run.saver === 'unknown' && run.goneAt !== null;
  const saving: SavingRun = {
    id: run.id,
    folder: run.folder,
    // Of files that came from elsewhere, a change in the folder says nothing about when their training was.
    lastWriteAt: run.saver === 'mover' ? run.savedAt : run.writtenAt,
    ...(isFollowed && { endedAt: run.goneAt ?? Infinity }),
  };
  if ('kept' in source) return parts.registrar.registerKept({ save, kept: source.kept }, saving, why);
  const { row, retryMs } = await parts.registrar.register(source.settled, saving, why);
  if (retryMs !== undefined) parts.requeue(source.settled, retryMs);
  return row && row.model !== null && row.version !== null
    ? { model: row.model, version: row.version, path: row.path }
    : undefined;
}

/** Records a checkpoint for which the run's log has a better value than for the product that became the version. */
function noteBetter(
  { ctx }: SavesParts,
  present: readonly PresentSave[],
  chosen: readonly Choice<PresentSave>[],
  versions: readonly { save: SaveRow; made: MadeVersion }[],
  record: RunRecord,
): void {
  const products = versions.filter(({ save }) => !hasCheckpointMark(save.path));
  const [product, ...others] = products;
  if (!product || others.length > 0) return;
  const ids = new Set(chosen.map(({ save }) => save.id));
  const checkpoints = present.filter(({ save }) => !ids.has(save.id) && save.version === null);
  const better = betterCheckpoint(checkpoints, record);
  if (!better || isSameModel(better.save.save, product.save)) return;
  const { metric, value, atEnd } = better;
  recordBetter(ctx.db, better.save.save, { version: product.made.version, metric, value, atEnd });
}

/** Returns true if two kept saves share a file of weights: trainers load the best checkpoint at the end and save it again. */
function isSameModel({ kept: one }: SaveRow, { kept: other }: SaveRow): boolean {
  const hashes = new Set(one?.files.map(({ sha256 }) => sha256));
  return other?.files.some(({ sha256, size }) => hashes.has(sha256) && size > minWeightBytes) === true;
}

const minWeightBytes = 10_000;

function recordDecisions(
  { ctx }: SavesParts,
  saves: readonly SaveRow[],
  versions: readonly { save: SaveRow; made: MadeVersion }[],
): void {
  const numbers = new Map(versions.map(({ save, made: { version } }) => [save.id, version]));
  for (const { id } of saves) recordDecision(ctx.db, id, ctx.now(), numbers.get(id) ?? null);
}

function explainOthers(
  parts: SavesParts,
  { folder }: LiveRun,
  versions: readonly MadeVersion[],
  judged: readonly SaveRow[],
): void {
  const [first] = versions;
  if (!first) return;
  const paths = new Set(judged.map(({ path }) => path));
  const rows = [...new Set(judged.map(({ run }) => run))].flatMap((run) => artifactsOfRun(parts.ctx.db, run));
  for (const row of rows.filter(({ state, path }) => state === 'candidate' && paths.has(path))) {
    const { model, version, path } = versions.find((one) => one.model === row.model) ?? first;
    const reason = `a save of a run that ended; ${referenceTo(model, version)} was made of ${relative(dirname(folder), path)}`;
    parts.artifacts.transition(row.path, 'candidate', reason, row);
  }
}
