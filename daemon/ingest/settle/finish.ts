import type { ArtifactRow } from '../../db/artifacts.ts';
import type { Timing } from '../../runtime/timing.ts';
import { shellWord } from '../../shared/format.ts';
import type { Naming } from '../artifact/naming.ts';
import { siblingsOf } from '../artifact/siblings.ts';
import type { SettledArtifact } from '../artifact/types.ts';
import { describe, type Outcome, type Registrar } from '../register/register-artifact.ts';
import { runFolderOf } from '../runs/detect.ts';
import type { RunTracker } from '../runs/run-tracker.ts';
import type { Artifacts } from './artifact-state.ts';

export interface FinishParts extends Naming {
  readonly timing: Pick<Timing, 'sameRunMs'>;
  readonly artifacts: Pick<Artifacts, 'get' | 'transition'>;
  readonly registrar: Pick<Registrar, 'register'>;
  readonly runs: Pick<RunTracker, 'note' | 'savingRun'>;
  isWatched(root: string): boolean;
}

/** Another format of the same model, saved this close to it, is no version of its own. */
const siblingMs = 60_000;

/** Decides what a settled artifact is: a candidate of a run, another format of a version, or a version. */
export async function finish(parts: FinishParts, artifact: SettledArtifact): Promise<Outcome> {
  const { path, root } = artifact.files;
  if (!parts.isWatched(root)) return {};
  const matched = parts.rules.matchRule(path, root);
  if (matched?.rule.register === 'manual') return { row: leaveToPerson(parts, artifact) };
  const run = matched?.run ?? runOf(parts, artifact, parts.artifacts.get(path));
  const saving = run === undefined ? undefined : parts.runs.savingRun(run);
  if (matched?.rule.register === 'every') return parts.registrar.register(artifact, saving);
  if (run !== undefined) return { row: becomeCandidate(parts, artifact, run) };
  const sibling = registeredSibling(parts, artifact);
  if (!sibling) return parts.registrar.register(artifact);
  const { model, version } = sibling;
  const reason = `another format of ${model}@${version}, saved with it`;
  const details = { ...describe(parts, artifact), model, version };
  return { row: parts.artifacts.transition(path, 'duplicate', reason, details) };
}

/** The run that wrote it: one that left signs, or a path that is saved again and again. */
function runOf(
  { disk, timing }: FinishParts,
  { files, fingerprint }: SettledArtifact,
  before: ArtifactRow | undefined,
): string | undefined {
  const run = runFolderOf(disk, files.root, files.folder, fingerprint.writtenAt, timing.sameRunMs);
  if (run !== undefined || !before || before.fingerprint === fingerprint.text) return run;
  const isRecent = fingerprint.writtenAt - before.writtenAt < timing.sameRunMs;
  const isSaved = before.version !== null || before.run !== null;
  return isRecent && isSaved ? (before.run ?? files.folder) : undefined;
}

function leaveToPerson(parts: FinishParts, artifact: SettledArtifact): ArtifactRow {
  const { path } = artifact.files;
  const reason = `plinth.yaml leaves it to a person; register it with: plinth register ${shellWord(path)}`;
  return parts.artifacts.transition(path, 'found', reason, describe(parts, artifact));
}

function becomeCandidate(parts: FinishParts, artifact: SettledArtifact, run: string): ArtifactRow {
  const { path, root } = artifact.files;
  const reason = `saved by a run that is going on; a version is made when the run ends, or now with: plinth register ${shellWord(path)}`;
  parts.runs.note(run, root, artifact.fingerprint.writtenAt);
  return parts.artifacts.transition(path, 'candidate', reason, { ...describe(parts, artifact), run });
}

/** A save of the same stem in the same folder that is a version, in another format, written within a minute of this one. */
function registeredSibling({ disk, artifacts }: FinishParts, artifact: SettledArtifact): ArtifactRow | undefined {
  const { files, fingerprint } = artifact;
  return siblingsOf(disk, files)
    .map(({ path }) => artifacts.get(path))
    .find((row) => row && isVersion(row) && Math.abs(row.writtenAt - fingerprint.writtenAt) < siblingMs);
}

/** Made one, or found to be the bytes of one. */
function isVersion(row: ArtifactRow): boolean {
  return (row.state === 'registered' || row.state === 'duplicate') && row.version !== null;
}
