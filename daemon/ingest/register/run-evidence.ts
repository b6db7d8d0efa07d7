import { runAt } from '../../db/artifacts.ts';
import { RegistryError } from '../../errors.ts';
import type { Claim } from '../../registry/versions/register.ts';
import { claimsOf, nothingOwn } from './evidence.ts';
import { notesOfRun } from '../run-logs/locate.ts';
import type { IngestState } from '../state.ts';

/** What the files of a run say as they stand now, series included. Only runs that were seen below a root are read. */
export async function runClaims(state: IngestState, folder: string): Promise<Claim[]> {
  const run = runAt(state.ctx.db, folder);
  if (!run) throw new RegistryError('not-found', `no run is known in ${folder}; list them with: plinth status`);
  const notes = await state.inspector.notes(run.root, folder, notesOfRun(state.disk, folder));
  return claimsOf(nothingOwn, notes, folder);
}
