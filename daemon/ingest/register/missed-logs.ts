import { versionsSavedSince } from '../../db/artifacts.ts';
import type { Database } from '../../db/database.ts';
import { evidenceUses } from '../../db/log-writes.ts';
import { folderOfRun } from '../../shared/runs/run-id.ts';
import { artifactAtPath } from '../artifact/files.ts';
import { locateRunLogs } from '../run-logs/locate.ts';
import type { Disk } from '../disk/folder-cache.ts';
import { stateOf } from './known-writer.ts';

const recentMs = 24 * 60 * 60_000;
const maxVersions = 200;

/**
 * Returns the run logs near a root's latest versions whose present state was not judged: their writer was still at work when the
 * service stopped, or they were written while it was stopped.
 */
export function unjudgedLogs(ctx: { db: Database; now(): number }, disk: Disk, root: string): string[] {
  const rows = versionsSavedSince(ctx.db, root, ctx.now() - recentMs, maxVersions);
  const paths = rows.flatMap(({ path, run }) => {
    const files = artifactAtPath(disk, root, path);
    return files ? locateRunLogs(disk, files, folderOfRun(run) ?? undefined) : [];
  });
  return [...new Set(paths)].filter((path) => !isUsed(ctx.db, path));
}

function isUsed(db: Database, path: string): boolean {
  const state = stateOf(path);
  return evidenceUses(db, path).some((use) => use.writtenAt === state?.writtenAt && use.size === state.size);
}
