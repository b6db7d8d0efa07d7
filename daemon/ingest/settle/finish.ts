import type { ArtifactRow } from '../../db/artifacts.ts';
import { twinsOf } from '../artifact/siblings.ts';
import { noteRun } from '../runs/run-tracker.ts';
import { describe, makeVersion } from '../register/register-artifact.ts';
import { runFolderOf } from '../runs/detect.ts';
import type { Finished } from './settler.ts';
import type { IngestState } from '../state.ts';

/** Another format of the same model, saved this close to it, is no version of its own. */
const twinMs = 60_000;

/** Decides what a finished unit is: a candidate of a run, another form of a version, or a version. */
export async function finish(state: IngestState, finished: Finished): Promise<void> {
  const { unit } = finished;
  if (!state.roots.has(unit.root)) return;
  const before = state.artifacts.get(unit.path);
  const ruling = state.rules.rulingFor(unit.path, unit.root);
  if (ruling?.rule.register === 'manual') return leaveToPerson(state, finished);
  const run = ruling?.run ?? runOf(state, finished, before);
  if (ruling?.rule.register === 'every') return void (await makeVersion(state, finished, run));
  if (run !== undefined) return becomeCandidate(state, finished, run);
  const twin = twinOf(state, finished);
  if (twin) {
    const reason = `another format of ${twin.model}@${twin.version}, saved with it`;
    const details = { ...describe(state, finished), model: twin.model, version: twin.version };
    return void state.artifacts.transition(unit.path, 'duplicate', reason, details);
  }
  await makeVersion(state, finished);
}

/** The run that wrote it: one that left signs, or a path that is saved again and again. */
function runOf(state: IngestState, { unit, stamp }: Finished, before: ArtifactRow | undefined): string | undefined {
  const run = runFolderOf(state.disk, unit.root, unit.folder, stamp.writtenAt, state.timing.sameRunMs);
  if (run !== undefined || !before || before.stamp === stamp.text) return run;
  const recent = stamp.writtenAt - before.writtenAt < state.timing.sameRunMs;
  const saved = before.version !== null || before.run !== null;
  return recent && saved ? (before.run ?? unit.folder) : undefined;
}

function leaveToPerson(state: IngestState, finished: Finished): void {
  const reason = `plinth.yaml leaves it to a person; register it with: plinth register ${finished.unit.path}`;
  state.artifacts.transition(finished.unit.path, 'found', reason, describe(state, finished));
}

function becomeCandidate(state: IngestState, finished: Finished, run: string): void {
  const reason = 'saved by a run that is going on; a version is made when the run ends, or now with: plinth register';
  noteRun(state, run, finished.unit.root, finished.stamp.writtenAt, state.ctx.now());
  state.artifacts.transition(finished.unit.path, 'candidate', reason, { ...describe(state, finished), run });
}

/** A save of the same stem in the same folder that is a version, in another format, written within a minute of this one. */
function twinOf(state: IngestState, { unit, stamp }: Finished): ArtifactRow | undefined {
  return twinsOf(state.disk, unit)
    .map(({ path }) => state.artifacts.get(path))
    .find((row) => row && isVersion(row) && Math.abs(row.writtenAt - stamp.writtenAt) < twinMs);
}

/** Made one, or found to be the bytes of one. */
function isVersion(row: ArtifactRow): boolean {
  return (row.state === 'registered' || row.state === 'duplicate') && row.version !== null;
}
