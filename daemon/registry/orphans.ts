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

/** So many files that nothing explains may lie beside a registry before it counts as the wrong one. */
const maxUnexplained = 10;
const maxUnexplainedShare = 0.01;

/** Decides about blobs that no row names. */
export interface OrphanDecision {
  /** Why none of them may be deleted. */
  refusal: string | undefined;
  /** Digests that stay because nothing explains why no row names them. */
  kept: Set<string>;
}

/**
 * Says which orphans (of `total` blobs) this registry may delete. One is explained when this registry wrote it (a candidate or
 * upload that was given up, a registration that a crash cut off) or when its log names it (a purged version, a replaced
 * card). Other orphans are the files of a registry that is gone: they stay, and where they are many nothing is deleted.
 */
export function judgeOrphans(ctx: Context, orphans: readonly string[], total: number): OrphanDecision {
  const since = ownsBlobsSince(ctx.db) - fileTimeSlackMs;
  const older = orphans.filter((digest) => bornAt(ctx.blobs.pathOf(digest)) < since);
  const known = older.length === 0 ? new Set<string>() : digestsOfLog(ctx);
  const kept = new Set(older.filter((digest) => !known.has(digest)));
  return { refusal: tooMany(ctx, kept.size, total), kept };
}

/** Every digest that an event names, with the files of the manifests among them that are still there. */
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
  const what = `${unexplained} of ${total} stored files are older than this registry and named by nothing in it, so none is deleted`;
  return `${what}: if it is the wrong registry, put the right one back with: ${commandOn(folder, 'restore-backup')}; if it is the right one, say so with: ${commandOn(folder, 'serve --new-registry')}`;
}

/** A backup that knows more than the registry means that the registry is older than it was, or another one. */
export function backupAhead(ctx: Context): string | undefined {
  const { seq } = head(ctx.db);
  const { folder } = ctx.blobs;
  const chosen = takenOverAt(ctx.db) ?? -Infinity;
  const ahead = readableBackups(folder).find(
    (one) => one.seq > seq && !isContained(ctx.db, one) && statSync(one.path).mtimeMs > chosen,
  );
  if (!ahead) return undefined;
  const what = `The backup ${ahead.path} holds ${ahead.seq} events where the registry has ${seq}, so no stored file is deleted`;
  return `${what}: put it back with: ${commandOn(folder, `restore-backup ${ahead.path}`)}; or say that this registry is the right one with: ${commandOn(folder, 'serve --new-registry')}`;
}
