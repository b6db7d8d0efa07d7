import { dirname } from 'node:path';
import { artifactAt, artifactPathsBelow, type ArtifactRow } from '../db/artifacts.ts';
import type { ArtifactState } from '../protocol/model.ts';
import { noteRun } from './live-runs.ts';
import { describe, makeVersion } from './make.ts';
import { stemOf } from './notes-near.ts';
import { runFolderOf } from './run.ts';
import type { Finished } from './settle.ts';
import { record, type IngestState } from './state.ts';

/** Another format of the same model, saved this close to it, is no version of its own. */
const twinMs = 60_000;

/** States of a unit whose bytes have been decided upon. */
const hasFate = new Set<ArtifactState>(['registered', 'duplicate', 'candidate']);

/** Decides what a finished unit is: a candidate of a run, another form of a version, or a version. */
export async function finish(state: IngestState, finished: Finished): Promise<void> {
  const { unit, stamp } = finished;
  const before = artifactAt(state.ctx.db, unit.path);
  if (before?.stamp === stamp.text && hasFate.has(before.state)) return;
  const run = runOf(state, finished, before);
  if (run !== undefined) return becomeCandidate(state, finished, run);
  const twin = twinOf(state, finished);
  if (twin) {
    const reason = `another format of ${twin.model}@${twin.version}, saved with it`;
    return record(state, {
      ...describe(state, finished),
      state: 'duplicate',
      reason,
      model: twin.model,
      version: twin.version,
    });
  }
  await makeVersion(state, finished);
}

/** The run that wrote it: one that left signs, or a path that is saved again and again. */
function runOf(state: IngestState, { unit, stamp }: Finished, before: ArtifactRow | undefined): string | undefined {
  const run = runFolderOf(unit.root, unit.folder, stamp.writtenAt, state.timing.sameRunMs);
  if (run !== undefined || !before || before.stamp === stamp.text) return run;
  const recent = stamp.writtenAt - before.writtenAt < state.timing.sameRunMs;
  const saved = before.state === 'registered' || before.state === 'duplicate' || before.state === 'candidate';
  return recent && saved ? (before.run ?? unit.folder) : undefined;
}

function becomeCandidate(state: IngestState, finished: Finished, run: string): void {
  const row = describe(state, finished);
  const reason = 'saved by a run that is going on; a version is made when the run ends, or now with: plinth register';
  record(state, { ...row, state: 'candidate', run, reason });
  noteRun(state, run, finished.unit.root, finished.stamp.writtenAt, row.seenAt);
}

/** A registered save of the same stem in the same folder, in another format, written within a minute of this one. */
function twinOf(state: IngestState, { unit, stamp }: Finished): ArtifactRow | undefined {
  return artifactPathsBelow(state.ctx.db, unit.folder)
    .filter((path) => path !== unit.path && dirname(path) === dirname(unit.path) && stemOf(path) === stemOf(unit.path))
    .map((path) => artifactAt(state.ctx.db, path))
    .find((row) => row?.state === 'registered' && Math.abs(row.writtenAt - stamp.writtenAt) < twinMs);
}
