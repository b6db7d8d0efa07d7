import { randomUUID } from 'node:crypto';
import type { Caller, Context } from '../../context.ts';
import { modelByFormerName, modelByName, type ModelRow } from '../../db/models.ts';
import { evidenceFrom, evidenceOf } from '../../db/evidence.ts';
import { versionOf, versionsByDigest, versionView, type VersionRow } from '../../db/versions.ts';
import { putManifest } from '../../blobs/manifest.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { EventBodies, EvidenceBody, NewEvent, VersionBody } from '../../protocol/events.ts';
import type { Json } from '../../protocol/json.ts';
import type { RegistryError } from '../../errors.ts';
import type { Evidence, EvidenceOrigin } from '../../protocol/evidence.ts';
import type { ManifestFile, NameOrigin, Version, VersionSource } from '../../protocol/model.ts';
import type { Registered } from '../../protocol/routes/versions.ts';
import { lineageOf } from '../../db/lineage.ts';
import { describedBody } from './described-body.ts';
import { checkForeignModelName, checkModelName } from './names.ts';
import { policyFileFor } from '../../policy/policy.ts';
import { assertNameFree, findModel, findVersion, usable } from './resolve.ts';
import { isCounted, isStrict } from '../../shared/evidence.ts';
import { healDamaged } from '../verify/version.ts';

/** What a source says: its name, and metrics and params as written. */
export interface SaidEvidence {
  source: string;
  metrics: Record<string, number | string>;
  params: Record<string, Json>;
  /** What kept its reader from reading more of it, a sentence each. */
  problems?: string[];
  /** Anything more that the blob should keep, such as whole series. */
  more?: Json;
}

/** Evidence to be added to a version. */
export interface NewEvidence extends SaidEvidence {
  /** Why it is of this version. */
  origin: EvidenceOrigin;
}

/** An artifact whose bytes are in the store. */
export interface StoredArtifact {
  model: string;
  /** What the name is from, for a model that is new. */
  named?: NameOrigin | undefined;
  files: ManifestFile[];
  primary: string;
  wholeFolder: boolean;
  facts: ModelFacts;
  source: VersionSource;
  evidence: NewEvidence[];
  /** Registers the same bytes once more instead of answering with the version they are. */
  again: boolean;
  /** The number it is to have, where that is still to come in its model. */
  number?: number;
  /** What is said of it from the beginning. */
  description?: string;
  tags?: Record<string, string>;
  /** Makes the refusal of bytes that are a version already; without it they are answered with that version. */
  refuseTwin?: (version: Version) => RegistryError;
}

/**
 * Records a stored artifact as the next version of its model (which is made where it is new). The same bytes in the
 * same model are answered with the version that they are, `created: false`.
 */
export async function registerVersion(ctx: Context, caller: Caller, artifact: StoredArtifact): Promise<Registered> {
  const name = nameFor(ctx, artifact);
  const digest = putManifest(ctx.blobs, artifact.files);
  const facts = ctx.blobs.put(Buffer.from(JSON.stringify(artifact.facts)));
  const evidence = artifact.evidence.map((one) => storeEvidence(ctx, one));
  const policy = modelByName(ctx.db, name) ? undefined : policyFileFor(ctx, artifact.source.path, name);
  await healDamaged(ctx, artifact.files);
  return ctx.commit<Registered>(caller, () => {
    const model = modelByName(ctx.db, name) ?? renamedFrom(ctx, name, artifact);
    if (!model) assertNameFree(ctx, name);
    const twin = model && twinOf(ctx, artifact, model, digest);
    if (twin && artifact.refuseTwin) throw artifact.refuseTwin(versionView(ctx.db, twin));
    if (twin) return { events: [], result: () => ({ version: versionView(ctx.db, twin), created: false }) };
    const id = model?.id ?? randomUUID();
    const next = (model?.lastNumber ?? 0) + 1;
    const number = Math.max(next, artifact.number ?? next);
    const body = {
      ...describedBody(artifact, id, number, digest, facts),
      source: artifact.source,
      stage: 'development',
    };
    const made: NewEvent[] = model ? [] : [{ type: 'model.created/1', body: createdBody(id, name, artifact.named) }];
    if (!model && policy) made.push({ type: 'model.policy/1', body: { model: id, ...policy } });
    const events: NewEvent[] = [
      ...made,
      { type: 'version.registered/1', body },
      ...evidence.map(evidenceEvent(id, number)),
      ...wordsOf(artifact, id, number),
    ];
    return { events, result: () => ({ version: versionView(ctx.db, versionOf(ctx.db, id, number)!), created: true }) };
  });
}

/** A model that there is keeps its name, and one that is imported brings it; a new one gets a name of ours. */
function nameFor(ctx: Context, { model, source }: StoredArtifact): string {
  const known = modelByName(ctx.db, model.normalize('NFC'));
  if (known) return known.name;
  return source.imported ? checkForeignModelName(model) : checkModelName(model);
}

function createdBody(model: string, name: string, named?: NameOrigin): EventBodies['model.created/1'] {
  return named ? { model, name, named } : { model, name };
}

function wordsOf({ description = '', tags = {} }: StoredArtifact, model: string, number: number): NewEvent[] {
  const tagged = Object.entries(tags).map(([key, value]): NewEvent => ({
    type: 'version.tagged/1',
    body: { model, number, key, value },
  }));
  if (description === '') return tagged;
  return [{ type: 'version.described/1', body: { model, number, description } }, ...tagged];
}

/** The version that these bytes are already; of an imported one, the version that came from the same place. */
function twinOf(ctx: Context, artifact: StoredArtifact, model: ModelRow, digest: string): VersionRow | undefined {
  const origin = artifact.source.imported?.origin;
  if (origin === undefined && artifact.again) return undefined;
  const same = versionsByDigest(ctx.db, digest, model.id);
  if (origin !== undefined) return same.find(({ body }) => body.source.imported?.origin === origin);
  return same[0];
}

/** A folder goes on feeding its model after the model was renamed. */
function renamedFrom(ctx: Context, name: string, artifact: StoredArtifact): ModelRow | undefined {
  return artifact.source.kind === 'watch' ? modelByFormerName(ctx.db, name) : undefined;
}

type StoredEvidence = Pick<EvidenceBody, 'source' | 'digest' | 'metrics' | 'params' | 'problems' | 'origin'>;

/** A body holds at most this many bytes of metrics and of params; the blob has all. */
const bodyShare = 6 * 1024;

function storeEvidence(ctx: Context, evidence: NewEvidence): StoredEvidence {
  const { origin, ...said } = evidence;
  const digest = ctx.blobs.put(Buffer.from(JSON.stringify(said)));
  const { source, metrics, params, problems = [] } = said;
  const stored = { source, digest, metrics: fitting(metrics), params: fitting(params), origin };
  if (problems.length === 0) return stored;
  return { ...stored, problems: problems.slice(0, maxProblemsOfSource).map((one) => one.slice(0, maxSentence)) };
}

const maxProblemsOfSource = 5;
const maxSentence = 300;

function fitting<T extends Json>(values: Record<string, T>): Record<string, T> {
  const kept: Record<string, T> = Object.create(null) as Record<string, T>;
  let room = bodyShare;
  for (const [key, value] of Object.entries(values)) {
    room -= Buffer.byteLength(JSON.stringify([key, value]));
    if (room > 0) kept[key] = value;
  }
  return kept;
}

function evidenceEvent(model: string, number: number): (evidence: StoredEvidence) => NewEvent {
  return (one) => ({ type: 'version.evidence/1', body: { model, number, ...one } });
}

/**
 * Adds evidence to a version. The same words from the same source, by the same rule, are not recorded twice; nor are words that were
 * detached, unless somebody gives them, and words that do not count beside some of that source that do.
 */
export async function addEvidence(
  ctx: Context,
  caller: Caller,
  model: string,
  version: string,
  evidence: NewEvidence,
): Promise<Evidence> {
  return recordEvidence(ctx, caller, model, version, storeEvidence(ctx, evidence));
}

/** Adds a file that is a blob already to a version's evidence, as it is: a report without metrics or params. */
export async function addReport(
  ctx: Context,
  caller: Caller,
  model: string,
  version: string,
  report: { source: string; digest: string; origin: EvidenceOrigin },
): Promise<Evidence> {
  return recordEvidence(ctx, caller, model, version, { ...report, metrics: {}, params: {} });
}

async function recordEvidence(
  ctx: Context,
  caller: Caller,
  name: string,
  version: string,
  stored: StoredEvidence,
): Promise<Evidence> {
  return ctx.commit<Evidence>(caller, () => {
    const row = usable(ctx, findVersion(ctx, findModel(ctx, name), version));
    const known = evidenceFrom(ctx.db, row.model, row.number, stored.source);
    const same = sameWords(known, stored);
    if (same) return { events: [], result: () => same };
    const hadProblems = row.body.problems.some(({ source }) => source === stored.source);
    return {
      events: [evidenceEvent(row.model, row.number)(hadProblems ? { problems: [], ...stored } : stored)],
      result: ([committed]) => ({ seq: committed!.seq, at: committed!.at, actor: committed!.actor, ...stored }),
    };
  });
}

/** What is known already and makes further words of its source needless. */
function sameWords(known: readonly Evidence[], stored: StoredEvidence): Evidence | undefined {
  const { digest, origin } = stored;
  const newest = known.at(-1);
  if (origin?.rule === 'not-used') return known.find(isCounted) ?? (newest?.digest === digest ? newest : undefined);
  if (newest && isSilent(stored) && !isSilent(newest)) return newest;
  if (newest?.digest !== digest) return undefined;
  if (newest.isDetached === true) return origin?.rule === 'given' ? undefined : newest;
  const isBetter = !isCounted(newest) || newest.origin === undefined || (isStrict(origin) && !isStrict(newest.origin));
  return isBetter ? undefined : newest;
}

/** True for a source that gives nothing at the moment: its writer may be at work, so nothing is taken back. */
function isSilent({ metrics, params }: Pick<Evidence, 'metrics' | 'params'>): boolean {
  return Object.keys(metrics).length === 0 && Object.keys(params).length === 0;
}

/**
 * Gives a version to another model, as that model's next number on the same blobs; the old number stays and points
 * there. Evidence goes along. A held version cannot be moved.
 */
export function movedEvents(
  ctx: Context,
  from: VersionBody & { stageNow: string },
  toModel: string,
  toNumber: number,
): NewEvent[] {
  const { stageNow, ...body } = from;
  const source: VersionSource = { ...body.source, kind: 'move' };
  const stage = stageNow === 'archived' ? 'archived' : 'development';
  const moved: VersionBody = { ...body, model: toModel, number: toNumber, source, stage };
  return [
    { type: 'version.registered/1', body: moved },
    ...copiedEvidence(ctx, from, toModel, toNumber),
    ...lineageEvents(ctx, from, toModel, toNumber),
    { type: 'version.moved/1', body: { model: from.model, number: from.number, toModel, toNumber } },
  ];
}

/** Copies evidence with its withdrawals. */
function copiedEvidence(
  ctx: Context,
  from: Pick<VersionBody, 'model' | 'number'>,
  model: string,
  number: number,
): NewEvent[] {
  const all = evidenceOf(ctx.db, from.model, from.number);
  const copy = ({ seq: _seq, at: _at, actor: _actor, isDetached: _isDetached, ...said }: Evidence): NewEvent =>
    evidenceEvent(model, number)(said);
  const withdrawn = all.filter(({ isDetached }) => isDetached === true);
  const sources = [...new Set(withdrawn.map(({ source }) => source))];
  const detached = sources.map((source): NewEvent => ({
    type: 'version.evidence-detached/1',
    body: { model, number, source, reason: '' },
  }));
  return [...withdrawn.map(copy), ...detached, ...all.filter(({ isDetached }) => isDetached !== true).map(copy)];
}

function lineageEvents(
  ctx: Context,
  from: Pick<VersionBody, 'model' | 'number'>,
  toModel: string,
  toNumber: number,
): NewEvent[] {
  const lineage = lineageOf(ctx.db, from.model, from.number);
  return lineage ? [{ type: 'version.lineage/1', body: { ...lineage, model: toModel, number: toNumber } }] : [];
}
