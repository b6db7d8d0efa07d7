import { statfsSync } from 'node:fs';
import type { Caller } from '../../context.ts';
import type { ArtifactRow } from '../../db/artifacts.ts';
import { RegistryError, messageOf, systemCode } from '../../errors.ts';
import { registerVersion } from '../../registry/versions/register.ts';
import { claimsOf, merged, plain, stepOf } from './evidence.ts';
import { nameOf } from '../artifact/naming.ts';
import { notesNear } from '../run-logs/locate.ts';
import { owned } from './store-files.ts';
import { detailsOf, putBack, type Finished } from '../settle/settler.ts';
import type { ArtifactDetails, Transition } from '../settle/artifact-state.ts';
import type { IngestState } from '../state.ts';
import type { Stamp, Unit } from '../artifact/files.ts';
import { referenceTo } from '../../shared/references.ts';

export const watcherCaller: Caller = { actor: 'watcher' };

/** The row of a finished unit, named and described, before its fate is known. */
export function describe(state: IngestState, { unit, stamp, facts }: Finished): ArtifactDetails {
  return {
    ...detailsOf(unit, stamp),
    framework: facts.framework,
    format: facts.format,
    model: nameOf(state, unit),
    metrics: plain(facts.metrics),
  };
}

/** The row of a unit that was there when its root was first watched, and is too much to take in unasked. */
export function describeFound(state: IngestState, unit: Unit, stamp: Stamp, count: number, total: number): Transition {
  const gigabytes = (total / (1 << 30)).toFixed(1);
  const reason = `found with ${count - 1} others, ${gigabytes} GiB in all; register them with: plinth register --found ${unit.root}`;
  const details = { ...detailsOf(unit, stamp), model: nameOf(state, unit) };
  return { path: unit.path, state: 'found', reason, details };
}

/** Owns the bytes and registers them, with all that the files beside them say. */
export async function makeVersion(
  state: IngestState,
  finished: Finished,
  run?: string,
  why = '',
): Promise<ArtifactRow | undefined> {
  const { unit, stamp, facts } = finished;
  const { ctx } = state;
  try {
    assertRoom(state, stamp.size);
    state.busy.set(unit.path, 'copying');
    const files = await owned(state, finished);
    const base = run ?? unit.folder;
    const notes = await state.inspector.notes(unit.root, base, notesNear(state.disk, unit, run));
    const claims = claimsOf({ ...facts, step: stepOf(unit, facts, notes) }, notes, base);
    const row = describe(state, finished);
    const { version, created } = await registerVersion(ctx, watcherCaller, {
      model: row.model ?? 'model',
      files,
      primary: unit.claim.primary,
      wholeFolder: unit.claim.wholeFolder,
      facts,
      source: { kind: 'watch', path: unit.path, run: run ?? null, writtenAt: stamp.writtenAt },
      claims,
      again: false,
    });
    if (created) state.lineages.take(state, watcherCaller, version, unit.root, lastWriteIn(state, run));
    const label = referenceTo(version.model, version.number);
    const reason = created ? `registered as ${label}${why}` : `seen again: these bytes are ${label}`;
    return state.artifacts.transition(unit.path, created ? 'registered' : 'duplicate', reason, {
      ...row,
      run: run ?? null,
      model: version.model,
      version: version.number,
      metrics: merged(claims).metrics,
    });
  } catch (error) {
    notNow(state, finished, error);
    return undefined;
  } finally {
    state.busy.delete(unit.path);
  }
}

function lastWriteIn(state: IngestState, run: string | undefined): number {
  return run === undefined ? 0 : (state.runs.get(run)?.writtenAt ?? 0);
}

/** What keeps a unit from being owned at this moment is told on it, and tried again. */
function notNow(state: IngestState, finished: Finished, error: unknown): void {
  const { unit, stamp } = finished;
  const code = error instanceof RegistryError ? error.code : systemCode(error);
  if (code === 'ENOENT' || state.closing) return;
  if (code === 'CHANGED') return putBack(state, finished, state.timing.quietMs);
  if (code === undefined || code === 'internal') throw error;
  state.artifacts.transition(unit.path, 'waiting', messageOf(error), detailsOf(unit, stamp));
  putBack(state, finished, 5000);
}

/** Ingest stops before the disk is full: 5 % of it, at most 1 GiB, stay free. */
function assertRoom(state: IngestState, size: number): void {
  const { bavail, blocks, bsize } = statfsSync(state.ctx.blobs.folder);
  const reserve = Math.min(blocks * bsize * 0.05, 1 << 30);
  if (bavail * bsize - size > reserve) return;
  throw new RegistryError(
    'disk-full',
    'the disk of the data folder is nearly full; free some room and it goes on by itself',
  );
}
