import { basename, dirname } from 'node:path';
import type { Context } from '../../context.ts';
import { evidenceOf, isEvidenceJudged, noteEvidenceJudged } from '../../db/evidence.ts';
import { versionSaves, type VersionSave } from '../../db/versions.ts';
import type { NewEvent } from '../../protocol/events.ts';
import type { Evidence, EvidenceOrigin } from '../../protocol/evidence.ts';
import { breather } from '../../runtime/yield-to-event-loop.ts';

/** Events in one transaction. Each merges the evidence of its version again. */
const batch = 20;
const pageSize = 500;

/** Facts about a version that help to judge its evidence. */
export interface OldVersion {
  version: VersionSave;
  /** Digests of the evidence of earlier saves of the same path, by source. */
  earlier: ReadonlyMap<string, ReadonlySet<string>>;
  next: VersionSave | undefined;
  /** True if versions of other paths lie in its folder. */
  hasNeighbours: boolean;
}

/**
 * Determines the origin of evidence by earlier programs, once, from the registry alone; otherwise it stays unknown. Pauses for other
 * requests. Returns the number of versions for which it was determined.
 */
export async function judgeOldEvidence(ctx: Context, signal: AbortSignal): Promise<number> {
  if (isEvidenceJudged(ctx.db)) return 0;
  const breathe = breather();
  const saves = await allSaves(ctx, breathe, signal);
  const waiting: NewEvent[] = [];
  let judged = 0;
  const record = async (): Promise<void> => {
    const events = waiting.splice(0);
    judged += events.length;
    if (events.length > 0) await ctx.commit({ actor: 'watcher' }, () => ({ events, result: () => null }));
  };
  for (const around of Map.groupBy(saves, ({ source }) => dirname(source.path)).values()) {
    for (const event of judgedEvents(ctx, around)) {
      if (signal.aborted) return judged;
      if (event) waiting.push(event);
      if (waiting.length >= batch) await record();
      await breathe();
    }
  }
  if (signal.aborted) return judged;
  await record();
  noteEvidenceJudged(ctx.db);
  return judged;
}

async function allSaves(
  ctx: Context,
  breathe: () => Promise<void> | undefined,
  signal: AbortSignal,
): Promise<VersionSave[]> {
  const saves: VersionSave[] = [];
  let last: Pick<VersionSave, 'model' | 'number'> = { model: '', number: 0 };
  for (let isWhole = false; !isWhole && !signal.aborted;) {
    const page = versionSaves(ctx.db, last, pageSize);
    saves.push(...page);
    last = page.at(-1) ?? last;
    isWhole = page.length < pageSize;
    await breathe();
  }
  return saves;
}

/** Yields the judgement of each version in one folder, or undefined where there is none. */
function* judgedEvents(ctx: Context, around: readonly VersionSave[]): Generator<NewEvent | undefined> {
  const [moved, saved] = [true, false].map((isMoved) =>
    around.filter(({ source }) => (source.kind === 'move') === isMoved),
  );
  const none = { earlier: new Map<string, Set<string>>(), next: undefined, hasNeighbours: false };
  for (const version of moved ?? []) yield judgedEvent({ ...none, version }, evidenceOfSave(ctx, version));
  const byPath = Map.groupBy(saved ?? [], ({ source }) => source.path);
  for (const saves of byPath.values()) {
    const ordered = saves.toSorted((a, b) => savedAt(a) - savedAt(b));
    const earlier = new Map<string, Set<string>>();
    for (const [first, last] of sameTimes(ordered)) {
      const together = ordered
        .slice(first, last)
        .map((version) => ({ version, evidence: evidenceOfSave(ctx, version) }));
      const facts = { earlier, next: ordered[last], hasNeighbours: byPath.size > 1 };
      for (const { version, evidence } of together) yield judgedEvent({ ...facts, version }, evidence);
      for (const { source, digest } of together.flatMap(({ evidence }) => evidence))
        earlier.set(source, (earlier.get(source) ?? new Set()).add(digest));
    }
  }
}

function evidenceOfSave(ctx: Context, { model, number }: VersionSave): Evidence[] {
  return evidenceOf(ctx.db, model, number);
}

/** Yields the parts of an ordered list that were saved at the same time, as `[from, to[`. */
function* sameTimes(ordered: readonly VersionSave[]): Generator<[number, number]> {
  let from = 0;
  for (const [at, save] of ordered.entries()) {
    const next = ordered[at + 1];
    if (next && savedAt(next) === savedAt(save)) continue;
    yield [from, at + 1];
    from = at + 1;
  }
}

function judgedEvent(known: OldVersion, evidence: readonly Evidence[]): NewEvent | undefined {
  const { model, number } = known.version;
  const judged = evidence.flatMap((one) => {
    const origin = one.origin === undefined ? originOfOld(known, one) : undefined;
    return origin ? [{ seq: one.seq, origin }] : [];
  });
  return judged.length === 0 ? undefined : { type: 'version.evidence-judged/1', body: { model, number, judged } };
}

function savedAt({ source, createdAt }: VersionSave): number {
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
  const before = earlier.get(source);
  if (before?.has(digest)) return undefined;
  if (before) return { rule: 'beside', reason: 'it is beside the artifact and was written after the previous save' };
  return { rule: 'by-place', reason: 'it is beside the artifact, and Plinth did not see who wrote them' };
}
