import { randomUUID } from 'node:crypto';
import type { Caller, Context } from '../../context.ts';
import { modelByFormerName, modelByName, type ModelRow } from '../../db/models.ts';
import { evidenceFrom, evidenceOf } from '../../db/evidence.ts';
import { versionOf, versionsByDigest, versionView, type VersionRow } from '../../db/versions.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { EventBodies, EvidenceBody, NewEvent, VersionBody } from '../../protocol/events.ts';
import type { Json } from '../../protocol/json.ts';
import type { RegistryError } from '../../errors.ts';
import type { Evidence, EvidenceOrigin } from '../../protocol/evidence.ts';
import type { ManifestFile, NameOrigin, Version, VersionSource } from '../../protocol/model.ts';
import type { Registered } from '../../protocol/routes/versions.ts';
import { lineageOf } from '../../db/lineage.ts';
import { describedBody, storeDescription, type StoredDescription } from './described-body.ts';
import { checkForeignModelName, checkModelName } from './names.ts';
import { policyFileFor } from '../../policy/policy.ts';
import { assertNameFree, findModel, findVersion, requireUsable } from './resolve.ts';
import { isCounted, isStrict } from '../../shared/evidence.ts';
import { inTurn, type Turns } from '../../runtime/keyed-queue.ts';
import { healDamaged } from '../verify/version.ts';

/** Metrics and params of one source, as written. */
export interface SaidEvidence {
  source: string;
  metrics: Record<string, number | string>;
  params: Record<string, Json>;
  /** Problems that kept its reader from reading more, one sentence each. */
  problems?: string[];
  /** Further data for the blob, such as whole series. */
  more?: Json;
}

/** Evidence to add to a version. */
export interface NewEvidence extends SaidEvidence {
  /** Why it belongs to this version. */
  origin: EvidenceOrigin;
}

/** An artifact whose bytes are in the store. */
export interface StoredArtifact {
  model: string;
  /** Origin of the name, for a new model. */
  named?: NameOrigin | undefined;
  files: ManifestFile[];
  primary: string;
  wholeFolder: boolean;
  facts: ModelFacts;
  source: VersionSource;
  evidence: NewEvidence[];
  /** True to register the same bytes again instead of returning their version. */
  again: boolean;
  /** Its number, if that is still free in its model. */
  number?: number;
  /** Initial description. */
  description?: string;
  tags?: Record<string, string>;
  /** Makes the error for bytes that are a version already. Absent: that version is returned. */
  refuseTwin?: (version: Version) => RegistryError;
  /** Digests of what describes its files, if that is stored already. */
  described?: StoredDescription | undefined;
  /** Writes rows about the new version in the transaction that registers it. */
  alongside?: (version: Version) => void;
}

/**
 * Registers a stored artifact as the next version of its model (created if new). For bytes that the model has already, returns
 * their version with `created: false`.
 */
export async function registerVersion(ctx: Context, caller: Caller, artifact: StoredArtifact): Promise<Registered> {
  const name = nameFor(ctx, artifact);
  const [{ manifest: digest, facts }, evidence] = await Promise.all([
    artifact.described ?? storeDescription(ctx, artifact),
    Promise.all(artifact.evidence.map((one) => storeEvidence(ctx, one))),
  ]);
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
    const result = (): Registered => {
      const version = versionView(ctx.db, versionOf(ctx.db, id, number)!);
      artifact.alongside?.(version);
      return { version, created: true };
    };
    return { events, result };
  });
}

/** Returns the model's name: an existing or imported one unchanged, a new one checked. */
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

/** Returns the version with these bytes; for an imported one, the version with the same origin. Undefined for none. */
function twinOf(ctx: Context, artifact: StoredArtifact, model: ModelRow, digest: string): VersionRow | undefined {
  const origin = artifact.source.imported?.origin;
  if (origin === undefined && artifact.again) return undefined;
  const same = versionsByDigest(ctx.db, digest, model.id);
  if (origin !== undefined) return same.find(({ body }) => body.source.imported?.origin === origin);
  return same[0];
}

/** Returns the model that had this name before it was renamed, for artifacts of watched folders; undefined for none. */
function renamedFrom(ctx: Context, name: string, artifact: StoredArtifact): ModelRow | undefined {
  return artifact.source.kind === 'watch' ? modelByFormerName(ctx.db, name) : undefined;
}

type StoredEvidence = Pick<EvidenceBody, 'source' | 'digest' | 'metrics' | 'params' | 'problems' | 'origin'>;

/** Bytes of metrics, and of params, in an event's body; the blob has all. */
const bodyShare = 6 * 1024;

async function storeEvidence(ctx: Context, evidence: NewEvidence): Promise<StoredEvidence> {
  const { origin, ...said } = evidence;
  const digest = await storeSaid(ctx, said);
  const { source, metrics, params, problems = [] } = said;
  const stored = { source, digest, metrics: fitting(metrics), params: fitting(params), origin };
  if (problems.length === 0) return stored;
  return { ...stored, problems: problems.slice(0, maxProblemsOfSource).map((one) => one.slice(0, maxSentence)) };
}

/** Evidence with whole series that is being stored, by data folder. */
const turns: Turns = new Map();

/** Stores everything that a source says. Whole series are several MB of JSON, so they are written one after another. */
async function storeSaid({ blobs }: Context, said: SaidEvidence): Promise<string> {
  if (said.more === undefined) return blobs.store(Buffer.from(JSON.stringify(said)));
  let digest = '';
  await inTurn(turns, blobs.folder, async () => {
    digest = await blobs.store(Buffer.from(JSON.stringify(said)));
  });
  return digest;
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
 * Adds evidence to a version, unless the same values from the same source and rule are recorded. Withdrawn values are not added
 * again unless a person attaches them, nor values that do not count if others of that source do.
 */
export async function addEvidence(
  ctx: Context,
  caller: Caller,
  model: string,
  version: string,
  evidence: NewEvidence,
): Promise<Evidence> {
  return recordEvidence(ctx, caller, model, version, await storeEvidence(ctx, evidence));
}

/** Adds a stored file as a report without metrics or params to a version's evidence. */
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
    const row = requireUsable(ctx, findVersion(ctx, findModel(ctx, name), version));
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

/** Returns recorded evidence that makes further evidence of its source unnecessary; undefined for none. */
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

/** True for a source without values: its writer may be at work, so nothing is withdrawn. */
function isSilent({ metrics, params }: Pick<Evidence, 'metrics' | 'params'>): boolean {
  return Object.keys(metrics).length === 0 && Object.keys(params).length === 0;
}

/**
 * Returns the events that move a version to another model, as its next number with the same blobs and evidence; the old number
 * points there. Throws for a version on a pointer.
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

/** Returns the events that copy evidence, withdrawals included. */
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
