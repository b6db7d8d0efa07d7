import { statfsSync } from 'node:fs';
import type { Caller } from '../../context.ts';
import type { ArtifactRow } from '../../db/artifacts.ts';
import { RegistryError, messageOf, systemCode } from '../../errors.ts';
import { registerVersion } from '../../registry/versions/register.ts';
import { claimsOf, merged, plain, stepOf } from './evidence.ts';
import { nameOf } from '../artifact/naming.ts';
import { notesNear } from '../run-logs/locate.ts';
import { owned } from './store-files.ts';
import { putBack, rowOf, type Finished } from '../settle/settler.ts';
import { record, type IngestState } from '../state.ts';
import type { Stamp, Unit } from '../artifact/files.ts';
import { shellWord } from '../../shared/format.ts';
import { referenceTo } from '../../shared/references.ts';

export const watcherCaller: Caller = { actor: 'watcher' };

/** The row of a finished unit, named and described, before its fate is known. */
export function describe(state: IngestState, { unit, stamp, facts }: Finished): ArtifactRow {
  return {
    ...rowOf(state, unit, stamp),
    framework: facts.framework,
    format: facts.format,
    model: nameOf(state, unit),
    metrics: plain(facts.metrics),
  };
}

/** The row of a unit that was there when its root was first watched, and is too much to take in unasked. */
export function describeFound(state: IngestState, unit: Unit, stamp: Stamp, count: number, total: number): ArtifactRow {
  const gigabytes = (total / (1 << 30)).toFixed(1);
  const reason = `found with ${count - 1} others, ${gigabytes} GiB in all; register them with: plinth register --found ${shellWord(unit.root)}`;
  return { ...rowOf(state, unit, stamp), state: 'found', reason, model: nameOf(state, unit) };
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
    const result: ArtifactRow = {
      ...row,
      state: created ? 'registered' : 'duplicate',
      reason,
      run: run ?? null,
      model: version.model,
      version: version.number,
      metrics: merged(claims).metrics,
    };
    record(state, result);
    return result;
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
  record(state, { ...rowOf(state, unit, stamp), state: 'waiting', reason: messageOf(error) });
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
