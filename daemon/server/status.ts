import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import { newestRuns, runView } from '../db/artifacts.ts';
import { candidateTotals } from '../db/saves.ts';
import { head } from '../db/log.ts';
import { countModels } from '../db/models.ts';
import { countLiveVersions } from '../db/versions.ts';
import type { Ingest } from '../ingest/service.ts';
import { protocolVersion } from '../protocol/handshake.ts';
import type { Status } from '../protocol/routes/system.ts';

/** Returns the status of the service. */
export function statusOf(
  ctx: Context,
  ingest: Ingest,
  config: Config,
  startedAt: number,
  readOnly: string | null,
  warnings: string[],
): Status {
  let blobs = 0;
  let bytes = 0;
  for (const blob of ctx.blobs.list()) {
    blobs += 1;
    bytes += blob.size;
  }
  return {
    version: config.version,
    protocol: protocolVersion,
    pid: process.pid,
    startedAt,
    dataFolder: config.dataFolder,
    logId: ctx.db.logId,
    seq: head(ctx.db).seq,
    models: countModels(ctx.db),
    versions: countLiveVersions(ctx.db),
    blobs: { count: blobs, bytes },
    candidates: candidateTotals(ctx.db),
    roots: ingest.roots(),
    runs: newestRuns(ctx.db, ['running'], 100).map(runView),
    busy: ingest.busy(),
    isIdle: ingest.isIdle(),
    memoryBytes: process.memoryUsage.rss(),
    readOnly,
    warnings,
  };
}
