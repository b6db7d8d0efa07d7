import type { Context } from '../context.ts';
import { readManifest } from '../blobs/manifest.ts';
import { evidenceDigests } from '../db/evidence.ts';
import { everyVersion, expiredDeletions } from '../db/versions.ts';
import { cardDigests } from '../db/cards.ts';
import { deploymentDigests } from '../db/policy/deployments.ts';
import { giveUpKept, keptSaves, pruneSaves } from '../db/saves.ts';
import { lineageDigests } from '../db/lineage.ts';
import { digestsBeforeCompletion } from '../db/log.ts';
import { uploadDigests } from '../db/tracking/uploads.ts';
import { RegistryError } from '../errors.ts';
import type { NewEvent } from '../protocol/events.ts';
import { announceRuns } from './announce-runs.ts';
import { backupAhead, judgeOrphans } from './orphans.ts';
import { deleteUnnamed, seriesCacheFolder } from './series/series-cache.ts';

/** Younger blobs are kept in any case, as the row that names them may still be written. */
export const graceMs = 24 * 3600 * 1000;
/** Time for which a run's other saves keep their bytes after the run was decided. Their rows stay until the sweep after that. */
const keepDecidedMs = 24 * 3600 * 1000;

/**
 * Deletes the bytes of versions that can no longer be undeleted, then the blobs that nothing names. Refuses, with the reason, if
 * this may be the wrong registry for these blobs.
 */
export async function sweep(ctx: Context): Promise<{ blobs: number; bytes: number; refusal?: string }> {
  const swept = { blobs: 0, bytes: 0 };
  const suspicion = backupAhead(ctx);
  if (suspicion !== undefined) return { ...swept, refusal: suspicion };
  await purgeExpired(ctx);
  const decidedBefore = ctx.now() - keepDecidedMs;
  announceRuns(ctx, pruneSaves(ctx.db, decidedBefore));
  announceRuns(ctx, giveUpKept(ctx.db, decidedBefore));
  const named = namedDigests(ctx);
  if (!named) return swept;
  const limit = ctx.now() - graceMs;
  // No `await` from here on: a command that is about to name one of these blobs checks in its own transaction that it exists.
  const blobs = [...ctx.blobs.list()];
  const orphans = blobs.filter((blob) => !named.has(blob.digest));
  const digests = orphans.map(({ digest }) => digest);
  const { refusal, kept } = judgeOrphans(ctx, digests, blobs.length);
  if (refusal !== undefined) return { ...swept, refusal };
  for (const blob of orphans) {
    if (blob.madeAt > limit || kept.has(blob.digest)) continue;
    ctx.blobs.remove(blob.digest);
    swept.blobs += 1;
    swept.bytes += blob.size;
  }
  deleteUnnamed(seriesCacheFolder(ctx.blobs.folder), named);
  if (swept.blobs > 0) ctx.log.info('swept blobs that nothing names', swept);
  return swept;
}

async function purgeExpired(ctx: Context): Promise<void> {
  await ctx.commit({ actor: 'sweep' }, () => {
    const expired = expiredDeletions(ctx.db, ctx.now());
    const events = expired.map(({ model, number }): NewEvent => ({
      type: 'version.purged/1',
      body: { model, number },
    }));
    return { events, result: () => null };
  });
}

/** Returns every digest that a kept version or evidence names; undefined if a manifest cannot be read, as nothing may be deleted then. */
function namedDigests(ctx: Context): Set<string> | undefined {
  const named = new Set([
    ...evidenceDigests(ctx.db),
    ...lineageDigests(ctx.db),
    ...cardDigests(ctx.db),
    ...uploadDigests(ctx.db),
    ...deploymentDigests(ctx.db),
    ...digestsBeforeCompletion(ctx.db),
    ...keptSaves(ctx.db).flatMap(({ kept }) => [
      kept?.facts ?? '',
      ...(kept?.files ?? []).map(({ sha256 }) => `sha256:${sha256}`),
    ]),
  ]);
  for (const version of everyVersion(ctx.db)) {
    named.add(version.body.facts);
    if (version.state === 'moved' || version.deletedUntil === 0) continue;
    named.add(version.body.digest);
    try {
      for (const file of readManifest(ctx.blobs, version.body.digest)) named.add(`sha256:${file.sha256}`);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      ctx.log.warn('sweep left out: a manifest cannot be read', { digest: version.body.digest });
      return undefined;
    }
  }
  return named;
}
