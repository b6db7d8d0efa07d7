import { runAt } from '../../db/artifacts.ts';
import { RegistryError } from '../../errors.ts';
import type { SaidEvidence } from '../../registry/versions/register.ts';
import { collectEvidence, nothingOwn } from './evidence.ts';
import { locateLogsOfRun } from '../run-logs/locate.ts';
import type { Database } from '../../db/database.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { Disk } from '../disk/folder-cache.ts';

/** Reads the current run logs of a run, series included. Throws `not-found` for a run that was not seen below a root. */
export async function runEvidence(
  { db, inspector, disk }: { db: Database; inspector: Pick<Inspector, 'readRunLogs'>; disk: Disk },
  folder: string,
): Promise<SaidEvidence[]> {
  const run = runAt(db, folder);
  if (!run)
    throw new RegistryError('not-found', `There is no known run in ${folder}. List the runs with: plinth status`);
  const logs = await inspector.readRunLogs(run.root, folder, locateLogsOfRun(disk, folder));
  return collectEvidence(nothingOwn, logs, folder);
}
