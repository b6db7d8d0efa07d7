import type { Context } from '../../context.ts';
import type { ArtifactRow } from '../../db/artifacts.ts';
import { addSave, recordDecision, savesOfExecution, savesOfRun } from '../../db/saves.ts';
import type { Timing } from '../../runtime/timing.ts';
import { shellWord } from '../../shared/format.ts';
import { nameOf, type Naming } from '../artifact/naming.ts';
import { siblingsOf } from '../artifact/siblings.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { SettledArtifact } from '../artifact/types.ts';
import { unseenGapMs, type Executions, type SaveWriter } from '../executions/executions.ts';
import { describe, writerId, type Outcome, type Registrar } from '../register/register-artifact.ts';
import { findGrownSave } from '../register/grown-version.ts';
import { hasFirstResult, hasNewResult, logRestart } from '../runs/another-training.ts';
import { hasCheckpointMark } from '../artifact/checkpoint-names.ts';
import { folderAboveCheckpoints, runFolderOf } from '../run-logs/run-folder.ts';
import type { SaveKeeper } from '../runs/keep-saves.ts';
import type { LiveRun } from '../runs/live-run.ts';
import { findResumedRun, type Resumed } from '../runs/resumption.ts';
import type { RunTracker } from '../runs/run-tracker.ts';
import { describeBest } from '../runs/select-checkpoint.ts';
import type { Artifacts } from '../artifact/artifact-state.ts';

export interface FinishParts extends Naming {
  readonly ctx: Pick<Context, 'db' | 'now'>;
  readonly timing: Pick<Timing, 'sameRunMs'>;
  readonly artifacts: Pick<Artifacts, 'get' | 'transition'>;
  readonly executions: Pick<Executions, 'isAlive' | 'writerOf'>;
  readonly inspector: Pick<Inspector, 'readRunLogs'>;
  readonly registrar: Pick<Registrar, 'register' | 'complete'>;
  readonly runs: Pick<RunTracker, 'has' | 'note' | 'unseenRunOf'>;
  readonly keeper: Pick<SaveKeeper, 'add' | 'addLost'>;
  isWatched(root: string): boolean;
}

/** Files of one stem in two formats that were written this close together are one version. */
const siblingMs = 60_000;

/** Decides what a settled artifact is: a candidate of a run, another format of a version, or a version. */
export async function finish(parts: FinishParts, artifact: SettledArtifact): Promise<Outcome> {
  const { path, root } = artifact.files;
  const { writtenAt } = artifact.fingerprint;
  if (!parts.isWatched(root)) return {};
  const matched = parts.rules.matchRule(path, root);
  if (matched?.rule.register === 'manual') return { row: leaveToPerson(parts, artifact) };
  await listOverwritten(parts, artifact);
  const writer = await parts.executions.writerOf(path, root, writtenAt);
  const tracked = matched?.run ?? trackedRun(parts, artifact);
  const place = tracked ?? folderOfCheckpoint(artifact.files) ?? artifact.files.folder;
  const began = writer.kind === 'unknown' ? await newTraining(parts, artifact, place) : undefined;
  const resumed = await resumedRun(parts, artifact, place, writer, began);
  const folder = tracked ?? (await untrackedRun(parts, artifact, writer, resumed));
  const noted = folder ?? (writer.kind === 'execution' ? place : undefined);
  const how = { isTracked: tracked !== undefined, began, resumed };
  const run = noted === undefined ? undefined : parts.runs.note(noted, root, writtenAt, writer, how);
  const grown = findGrownSave(parts, artifact, writer);
  const completed = grown && (await parts.registrar.complete(artifact, grown, writer));
  if (completed) return completed;
  const isHeld = folder !== undefined && matched?.rule.register !== 'every';
  if (run && isHeld) return { row: await becomeCandidate(parts, artifact, run, writer) };
  const sibling = matched?.rule.register === 'every' ? undefined : registeredSibling(parts, artifact);
  if (sibling) return { row: becomeDuplicate(parts, artifact, sibling) };
  const saving =
    folder === undefined || !run ? undefined : { id: run.id, folder: run.folder, lastWriteAt: run.writtenAt };
  return parts.registrar.register(artifact, saving, '', writer, (row) => {
    if (run) noteVersion(parts, artifact, run, row);
  });
}

/** Lists saves at this path that were overwritten before they were registered, each with its run. */
async function listOverwritten(parts: FinishParts, artifact: SettledArtifact): Promise<void> {
  const { files, facts } = artifact;
  for (const fingerprint of artifact.overwritten ?? []) {
    const earlier = { files, fingerprint, facts, hasEndMarker: artifact.hasEndMarker };
    const writer = await parts.executions.writerOf(files.path, files.root, fingerprint.writtenAt);
    const tracked = trackedRun(parts, earlier);
    const folder = tracked ?? folderOfCheckpoint(files) ?? (writer.kind === 'mover' ? undefined : files.folder);
    if (folder === undefined) continue;
    const resumed = await resumedRun(parts, earlier, folder, writer, undefined);
    const noted = { isTracked: tracked !== undefined, began: undefined, resumed };
    const { id } = parts.runs.note(folder, files.root, fingerprint.writtenAt, writer, noted);
    parts.keeper.addLost(id, nameOf(parts, files), earlier);
  }
}

/** Returns the folder of the run that a tracker left signs of; undefined if there is none. */
function trackedRun({ disk, timing }: FinishParts, { files, fingerprint }: SettledArtifact): string | undefined {
  return runFolderOf(disk, files.root, files.folder, fingerprint.writtenAt, timing.sameRunMs);
}

/**
 * Returns the folder of an untracked run: the save's name marks it as a checkpoint, or the same execution saves the path again.
 * Undefined if neither holds.
 */
async function untrackedRun(
  parts: FinishParts,
  artifact: SettledArtifact,
  writer: SaveWriter,
  resumed: Resumed | undefined,
): Promise<string | undefined> {
  const { files } = artifact;
  const marked = folderOfCheckpoint(files);
  if (marked !== undefined) return marked;
  const isAgain = resumed
    ? savesOfRun(parts.ctx.db, resumed.run.id).some(({ path }) => path === files.path)
    : await isSavedAgain(parts, artifact, writer);
  return isAgain ? files.folder : undefined;
}

/** Returns the earlier run that a save continues, if it is the first of its process in this folder. */
async function resumedRun(
  parts: FinishParts,
  { files, fingerprint }: SettledArtifact,
  folder: string,
  writer: SaveWriter,
  began: number | undefined,
): Promise<Resumed | undefined> {
  if (began === undefined && parts.runs.has(folder, fingerprint.writtenAt, writer)) return undefined;
  return findResumedRun(parts, folder, files.path, writer);
}

/** Returns the run's folder of a save that is named as a checkpoint; undefined for other names. */
function folderOfCheckpoint({ root, folder, path, group }: SettledArtifact['files']): string | undefined {
  return hasCheckpointMark(group.wholeFolder ? folder : path) ? folderAboveCheckpoints(root, folder) : undefined;
}

/** Returns true if the execution that saved this path has saved it before: then one training goes on. */
async function isSavedAgain(parts: FinishParts, artifact: SettledArtifact, writer: SaveWriter): Promise<boolean> {
  const { files, fingerprint } = artifact;
  const before = parts.artifacts.get(files.path);
  if (!before || before.fingerprint === fingerprint.text || (before.version === null && before.run === null))
    return false;
  const gap = fingerprint.writtenAt - before.writtenAt;
  switch (writer.kind) {
    case 'execution': {
      const { id, kind, startedAt } = writer.execution;
      // Another execution may have saved over the path meanwhile, so only saves of this execution count.
      const own = savesOfExecution(parts.ctx.db, id).findLast(({ path }) => path === files.path)?.writtenAt;
      const isUnseen = before.writer === null && startedAt !== null && startedAt <= before.writtenAt;
      const savedAt = own ?? (before.writer === id || isUnseen ? before.writtenAt : undefined);
      return savedAt !== undefined && !(kind === 'kernel' && hasNewResult(parts, files.folder, savedAt));
    }
    case 'ended':
      return before.writer === null && gap < unseenGapMs;
    case 'mover':
      return false;
    case 'unknown':
      if (gap >= parts.timing.sameRunMs || hasNewResult(parts, files.folder, before.writtenAt)) return false;
      return (await logRestart(parts, files.root, files.folder, before.writtenAt)) === undefined;
  }
}

/**
 * Returns the time at which another training began in a run's folder, judged by the files that it wrote, where executions cannot
 * be told apart. Undefined if the files do not show one.
 */
async function newTraining(
  parts: FinishParts,
  { files, fingerprint }: SettledArtifact,
  folder: string,
): Promise<number | undefined> {
  const run = parts.runs.unseenRunOf(folder);
  if (!run) return undefined;
  const saved = { from: run.firstSavedAt, to: run.savedAt };
  if (run.interval > 0 && hasFirstResult(parts, folder, saved)) return fingerprint.writtenAt;
  return logRestart(parts, files.root, folder, run.savedAt);
}

function leaveToPerson(parts: FinishParts, artifact: SettledArtifact): ArtifactRow {
  const { path } = artifact.files;
  const reason = `plinth.yaml leaves it to a person; register it with: plinth register ${shellWord(path)}`;
  return parts.artifacts.transition(path, 'found', reason, describe(parts, artifact));
}

async function becomeCandidate(
  parts: FinishParts,
  artifact: SettledArtifact,
  run: LiveRun,
  writer: SaveWriter,
): Promise<ArtifactRow> {
  const { path } = artifact.files;
  const described = describe(parts, artifact);
  await parts.keeper.add(run.id, described.model, described.metrics ?? {}, artifact);
  const reason = `saved by a run that is going on; a version is made when the run ends, or now with: plinth register ${shellWord(path)}`;
  const details = { ...described, run: run.id, writer: writerId(writer) };
  return parts.artifacts.transition(path, 'candidate', reason, details);
}

function becomeDuplicate(parts: FinishParts, artifact: SettledArtifact, { model, version }: ArtifactRow): ArtifactRow {
  const reason = `another format of ${model}@${version}, saved with it`;
  const details = { ...describe(parts, artifact), model, version };
  return parts.artifacts.transition(artifact.files.path, 'duplicate', reason, details);
}

/** Adds a version that was made while its run goes on to the saves of the run. */
function noteVersion({ ctx }: FinishParts, artifact: SettledArtifact, run: LiveRun, row: ArtifactRow): void {
  if (row.model === null || row.version === null) return;
  const { files, fingerprint, facts } = artifact;
  const { path, root } = files;
  const { text, size, writtenAt } = fingerprint;
  const { model, metrics, version } = row;
  const best = describeBest(facts);
  const save = addSave(ctx.db, { run: run.id, path, root, fingerprint: text, size, writtenAt, model, metrics, best });
  recordDecision(ctx.db, save.id, ctx.now(), version);
}

/**
 * Returns a version of the same stem and folder in another format, written within a minute of this artifact; undefined if there
 * is none.
 */
function registeredSibling({ disk, artifacts }: FinishParts, artifact: SettledArtifact): ArtifactRow | undefined {
  const { files, fingerprint } = artifact;
  return siblingsOf(disk, files)
    .map(({ path }) => artifacts.get(path))
    .find((row) => row && isVersion(row) && Math.abs(row.writtenAt - fingerprint.writtenAt) < siblingMs);
}

/** True for an artifact that became a version or holds the bytes of one. */
function isVersion(row: ArtifactRow): boolean {
  return (row.state === 'registered' || row.state === 'duplicate') && row.version !== null;
}
