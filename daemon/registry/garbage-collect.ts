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

/** Blobs younger than this are kept whatever names them: their row may be on its way. */
export const graceMs = 24 * 3600 * 1000;
/** The bytes of a run's other saves are kept this long after the run was decided upon; their rows until the sweep after that. */
const keepDecidedMs = 24 * 3600 * 1000;

/**
 * Gives up the bytes of versions whose time to undo is over, then deletes blobs that nothing names. Refuses, with the reason,
 * where the registry may be the wrong one for these blobs.
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
  // No `await` from here on: whoever is about to name one of these blobs looks for it in its own transaction.
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

/** Every digest that a kept version or evidence names; undefined when one manifest cannot be read, for then nothing may be deleted. */
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
