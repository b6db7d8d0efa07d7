import type { Context } from '../context.ts';
import { statSync } from 'node:fs';
import { readManifest } from '../blobs/manifest.ts';
import { isContained } from '../db/backup/backup.ts';
import { readableBackups } from '../db/backup/backup-files.ts';
import { digestsInLog, head } from '../db/log.ts';
import { bornAt, commandOn, fileTimeSlackMs } from '../db/backup/presence.ts';
import { ownsBlobsSince, takenOverAt } from '../db/backup/take-over.ts';
import { everyVersion } from '../db/versions.ts';
import { RegistryError } from '../errors.ts';

/** Unexplained files, in number and as a share, above which the registry counts as the wrong one for its blobs. */
const maxUnexplained = 10;
const maxUnexplainedShare = 0.01;

/** A decision about blobs that no row names. */
export interface OrphanDecision {
  /** Why none of them may be deleted; undefined if they may. */
  refusal: string | undefined;
  /** Digests that are kept, because nothing explains why no row names them. */
  kept: Set<string>;
}

/**
 * Decides which orphans (of `total` blobs) this registry may delete: those that it wrote itself (a candidate or upload that was
 * given up, a registration that a crash interrupted), and those in its log (a purged version, a replaced card). Other orphans
 * belong to a registry that is gone: they are kept, and if there are many nothing is deleted.
 */
export function judgeOrphans(ctx: Context, orphans: readonly string[], total: number): OrphanDecision {
  const since = ownsBlobsSince(ctx.db) - fileTimeSlackMs;
  const older = orphans.filter((digest) => bornAt(ctx.blobs.pathOf(digest)) < since);
  const known = older.length === 0 ? new Set<string>() : digestsOfLog(ctx);
  const kept = new Set(older.filter((digest) => !known.has(digest)));
  return { refusal: tooMany(ctx, kept.size, total), kept };
}

/** Returns every digest in an event, and the files of those manifests that still exist. */
function digestsOfLog(ctx: Context): Set<string> {
  const known = digestsInLog(ctx.db);
  for (const { body } of everyVersion(ctx.db)) {
    for (const file of filesOf(ctx, body.digest)) known.add(`sha256:${file.sha256}`);
  }
  return known;
}

function filesOf(ctx: Context, digest: string): { sha256: string }[] {
  try {
    return readManifest(ctx.blobs, digest);
  } catch (error) {
    if (error instanceof RegistryError) return [];
    throw error;
  }
}

function tooMany(ctx: Context, unexplained: number, total: number): string | undefined {
  if (takenOverAt(ctx.db) !== undefined) return undefined;
  if (unexplained <= maxUnexplained && unexplained <= total * maxUnexplainedShare) return undefined;
  const { folder } = ctx.blobs;
  const what = `${unexplained} of ${total} stored files are older than this registry and not referenced by it, so none is deleted`;
  return `${what}: if it is the wrong registry, put the right one back with: ${commandOn(folder, 'restore-backup')}; if it is the right one, say so with: ${commandOn(folder, 'serve --new-registry')}`;
}

/** Returns a sentence if a backup has events that the registry lacks: then the registry is an older one, or another. Undefined otherwise. */
export function backupAhead(ctx: Context): string | undefined {
  const { seq } = head(ctx.db);
  const { folder } = ctx.blobs;
  const chosen = takenOverAt(ctx.db) ?? -Infinity;
  const ahead = readableBackups(folder).find(
    (one) => one.seq > seq && !isContained(ctx.db, one) && statSync(one.path).mtimeMs > chosen,
  );
  if (!ahead) return undefined;
  const what = `The backup ${ahead.path} contains ${ahead.seq} events, but the registry has ${seq}, so no stored file is deleted`;
  return `${what}: put it back with: ${commandOn(folder, `restore-backup ${ahead.path}`)}; or say that this registry is the right one with: ${commandOn(folder, 'serve --new-registry')}`;
}
