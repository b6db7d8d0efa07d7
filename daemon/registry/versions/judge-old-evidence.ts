import { basename, dirname } from 'node:path';
import type { Context } from '../../context.ts';
import { evidenceOf, noteEvidenceJudged, versionsToJudge } from '../../db/evidence.ts';
import { everyVersion, versionOf, type VersionRow } from '../../db/versions.ts';
import type { NewEvent } from '../../protocol/events.ts';
import type { Evidence, EvidenceOrigin } from '../../protocol/evidence.ts';

const batch = 100;

/** A registered save, with its path. */
type Saved = Pick<VersionRow, 'model' | 'number' | 'createdAt'> & Pick<VersionRow['body'], 'source'>;

/** Facts about a version that help to judge its evidence. */
export interface OldVersion {
  version: Saved;
  /** Versions of earlier saves of the same path, in order, with their evidence. */
  earlier: readonly { evidence: readonly Evidence[] }[];
  next: Saved | undefined;
  /** True if versions of other paths lie in its folder or its run. */
  hasNeighbours: boolean;
}

/**
 * Determines the origin of evidence by earlier programs, once, from the registry alone; otherwise it stays unknown. Returns the
 * number of versions for which it was determined.
 */
export async function judgeOldEvidence(ctx: Context, signal: AbortSignal): Promise<number> {
  const keys = versionsToJudge(ctx.db);
  const byFolder = keys.length === 0 ? new Map<string, Saved[]>() : savesByFolder(ctx);
  let judged = 0;
  for (let at = 0; at < keys.length; at += batch) {
    if (signal.aborted) return judged;
    const events = keys.slice(at, at + batch).flatMap((key) => judgedEvents(ctx, byFolder, key));
    judged += events.length;
    if (events.length > 0) await ctx.commit({ actor: 'watcher' }, () => ({ events, result: () => null }));
  }
  noteEvidenceJudged(ctx.db);
  return judged;
}

function savesByFolder(ctx: Context): Map<string, Saved[]> {
  const saves = everyVersion(ctx.db)
    .filter(({ body }) => body.source.kind !== 'move')
    .map(({ model, number, createdAt, body: { source } }) => ({ model, number, createdAt, source }));
  return Map.groupBy(saves, ({ source }) => dirname(source.path));
}

function judgedEvents(
  ctx: Context,
  byFolder: ReadonlyMap<string, Saved[]>,
  key: { model: string; number: number },
): NewEvent[] {
  const row = versionOf(ctx.db, key.model, key.number);
  if (!row) return [];
  const version: Saved = { ...key, createdAt: row.createdAt, source: row.body.source };
  const around = byFolder.get(dirname(version.source.path)) ?? [];
  const saves = around
    .filter(({ source }) => source.path === version.source.path)
    .toSorted((a, b) => savedAt(a) - savedAt(b));
  const known: OldVersion = {
    version,
    earlier: saves
      .filter((one) => savedAt(one) < savedAt(version))
      .map((one) => ({ evidence: evidenceOf(ctx.db, one.model, one.number) })),
    next: saves.find((one) => savedAt(one) > savedAt(version)),
    hasNeighbours: around.some(({ source }) => source.path !== version.source.path),
  };
  const judged = evidenceOf(ctx.db, key.model, key.number).flatMap((one) => {
    const origin = one.origin === undefined ? originOfOld(known, one) : undefined;
    return origin ? [{ seq: one.seq, origin }] : [];
  });
  return judged.length === 0 ? [] : [{ type: 'version.evidence-judged/1', body: { ...key, judged } }];
}

function savedAt({ source, createdAt }: Saved): number {
  return source.writtenAt ?? createdAt;
}

/** Returns the origin of evidence by times and sources; undefined if they do not show it. Pure. */
export function originOfOld(known: OldVersion, evidence: Evidence): EvidenceOrigin | undefined {
  const { version } = known;
  const { source, at, actor } = evidence;
  if (source === 'artifact') return { rule: 'inside', reason: 'the artifact holds it' };
  if (source.startsWith('mlflow run ') || ['meta.yaml', 'mlflow.db'].includes(basename(source)))
    return { rule: 'given', reason: 'MLflow keeps it of the run that logged the model' };
  // Evidence of a moved version has the time and actor of the move.
  if (version.source.kind !== 'watch' && version.source.kind !== 'hand') return undefined;
  if (actor !== 'watcher' && at !== version.createdAt)
    return { rule: 'given', reason: 'it was attached to this version' };
  return byTimes(known, evidence);
}

/** Returns the origin of a run log in the folder of a single artifact, read before the next save; undefined for others. */
function byTimes(
  { earlier, next, hasNeighbours }: OldVersion,
  { source, digest, at }: Evidence,
): EvidenceOrigin | undefined {
  if (source.startsWith('..') || hasNeighbours || (next && at > savedAt(next))) return undefined;
  const before = earlier.flatMap(({ evidence }) => evidence.filter((one) => one.source === source));
  if (before.some((one) => one.digest === digest)) return undefined;
  if (before.length > 0)
    return { rule: 'beside', reason: 'it is beside the artifact and was written after the previous save' };
  return { rule: 'by-place', reason: 'it is beside the artifact, and Plinth did not see who wrote them' };
}
