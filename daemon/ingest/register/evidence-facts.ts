import { basename, dirname, join, relative, sep } from 'node:path';
import { artifactAt, executionsOfRun } from '../../db/artifacts.ts';
import { evidenceFrom } from '../../db/evidence.ts';
import {
  evidenceUses,
  logWrites,
  newestSavesBelow,
  savesAt,
  savesSince,
  type LogState,
  type ModelSave,
} from '../../db/log-writes.ts';
import { modelById } from '../../db/models.ts';
import { versionOf } from '../../db/versions.ts';
import type { Context } from '../../context.ts';
import { isCounted } from '../../shared/evidence.ts';
import { referenceTo } from '../../shared/references.ts';
import { statAt } from '../../runtime/file-reader.ts';
import { artifactStem, stemsIn } from '../artifact/siblings.ts';
import { fingerprintOf } from '../artifact/fingerprint.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { isGeneric } from '../disk/name-words.ts';
import type { ArtifactFiles, SettledArtifact } from '../artifact/types.ts';
import type { Executions } from '../executions/executions.ts';
import type { RunLog } from '../run-logs/cache.ts';
import { isGivenName } from '../run-logs/file-names.ts';
import { sourceName } from '../run-logs/source-name.ts';
import { hasCheckpointMark } from '../artifact/checkpoint-names.ts';
import { isCheckpoint } from '../run-logs/run-folder.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { Listing } from '../disk/list-folder.ts';
import { isStageInput } from './dvc-stages.ts';
import type { KnownWriter, LogPlace, ObservedLog, ObservedSave } from './evidence-rule.ts';
import { isNoTraining, writerFrom, writerOf, writerOfLog, type WriterParts } from './known-writer.ts';

export interface FactParts extends WriterParts {
  readonly ctx: Pick<Context, 'db' | 'now'>;
  readonly disk: Disk;
  readonly inspector: Pick<Inspector, 'inspect'>;
  readonly executions: Pick<Executions, 'since' | 'writerOf' | 'isAlive' | 'hasRead'>;
}

/** A version, under its model's id. */
export interface VersionKey {
  model: string;
  number: number;
}

/** A save, with the facts that evidence is looked for by. */
export interface SaveAtHand {
  files: ArtifactFiles;
  /** Folder of its run; undefined outside a run. */
  run: string | undefined;
  runId: string | null;
  /** The version made of the save; null for none. */
  version: VersionKey | null;
  observed: ObservedSave;
  /** Returns other models in its folder, and when they were saved. Looks at the folder at the first call, as few saves have anything to judge. */
  others: () => { files: ArtifactFiles; writtenAt: number }[];
}

/** A save that is a version. */
export type VersionSave = SaveAtHand & { version: VersionKey };

type Saved = Pick<SettledArtifact, 'files' | 'facts' | 'fingerprint'>;

const maxOthers = 50;
const maxInspected = 10;
const maxSaves = 200;
/** Models whose writers were not seen count as one script's if they were saved this close together. */
const togetherMs = 10_000;
/** A notebook that has saved nothing for this long after it wrote a file is not expected to save the file's model. */
const kernelMs = 10_000;

/** Collects the facts about a save that decide about its evidence. `seen`: its writer, if it is known already. */
export async function observeSave(
  parts: FactParts,
  { files, facts, fingerprint }: Saved,
  { folder: run, id: runId = null }: { folder?: string | undefined; id?: string | null | undefined },
  version: VersionKey | null,
  seen?: KnownWriter,
): Promise<SaveAtHand> {
  const { db } = parts.ctx;
  const { writtenAt } = fingerprint;
  const saves = savesAt(db, files.path);
  const noted = saves.find((one) => one.writtenAt === writtenAt)?.writer;
  const writer =
    seen ?? (noted === undefined ? await writerOf(parts, files.path, files.root, writtenAt) : writerFrom(noted));
  const stem = artifactStem(files);
  const before = saves.findLast((one) => one.writtenAt < writtenAt)?.writtenAt ?? earlierRow(parts, files, writtenAt);
  const previous = once(() =>
    writer.kind === 'execution' ? previousSave(parts, files, run ?? files.folder, writer.id, writtenAt, version) : null,
  );
  const observed: ObservedSave = {
    writtenAt,
    writer,
    stem,
    isGeneric: isGeneric(stem),
    isTransformer: isTransformer(facts.modelClass),
    get previousOfWriter() {
      return previous();
    },
    previousAtPath: before,
    nextAtPath: saves.find((one) => one.writtenAt > writtenAt)?.writtenAt ?? null,
    oldestOfRun: run === undefined || writer.kind === 'execution' ? null : oldestBelow(parts.disk.list(run), 3),
  };
  return { files, run, runId, version, observed, others: once(() => othersIn(parts, files, run)) };
}

/** Returns a function that computes a value at its first call. */
function once<T>(compute: () => T): () => T {
  let found: { value: T } | undefined;
  return () => (found ??= { value: compute() }).value;
}

/** Returns the time of an earlier version of this path that was registered before saves were recorded; null for none. */
function earlierRow({ ctx }: FactParts, { path }: ArtifactFiles, writtenAt: number): number | null {
  const row = artifactAt(ctx.db, path);
  return row && row.version !== null && row.writtenAt < writtenAt ? row.writtenAt : null;
}

function previousSave(
  { ctx }: FactParts,
  { root, folder }: ArtifactFiles,
  run: string,
  id: string,
  writtenAt: number,
  version: VersionKey | null,
): number | null {
  const ids = executionsOfRun(ctx.db, run, id);
  const isOwn = (one: ModelSave): boolean => ids.has(executionOf(one) ?? '');
  const own = newestSavesBelow(ctx.db, root, folder, maxSaves).filter(
    (one) => one.writtenAt < writtenAt && dirname(one.path) === folder && !isOf(one, version) && isOwn(one),
  );
  return own.at(-1)?.writtenAt ?? null;
}

function isBy(save: ModelSave, id: string): boolean {
  return executionOf(save) === id;
}

function executionOf({ writer }: ModelSave): string | undefined {
  const by = writerFrom(writer);
  return by.kind === 'execution' ? by.id : undefined;
}

function isOf(one: VersionKey, version: VersionKey | null): boolean {
  return one.model === version?.model && one.number === version.number;
}

/**
 * Returns the artifacts with other stems in an artifact's folder, without checkpoints of its run and, for a product, without all
 * files named as checkpoints.
 */
function othersIn(
  { disk }: FactParts,
  files: ArtifactFiles,
  run: string | undefined,
): ReturnType<SaveAtHand['others']> {
  const own = artifactStem(files);
  const isProduct = !hasCheckpointMark(files.path);
  const isLeftOut = (path: string): boolean =>
    (run !== undefined && isCheckpoint(run, path)) || (isProduct && hasCheckpointMark(path));
  const firsts = [...stemsIn(disk, files.root, files.folder)].flatMap(([stem, [first]]) =>
    stem === own || stem === '' || !first || isLeftOut(first.path) ? [] : [first],
  );
  return firsts.slice(0, maxOthers).flatMap((one) => {
    const writtenAt = fingerprintOf(one)?.writtenAt;
    return writtenAt === undefined ? [] : [{ files: one, writtenAt }];
  });
}

/** Class names of estimators that prepare data and have no `predict`. */
const transformers =
  /(Scaler|Encoder|Vectorizer|Transformer|Imputer|Binarizer|Normalizer|Discretizer|PolynomialFeatures|PCA|TruncatedSVD|VarianceThreshold|SelectKBest|SelectFromModel|SelectPercentile)$/;

function isTransformer(modelClass: string | null): boolean {
  return modelClass !== null && transformers.test(modelClass);
}

function oldestBelow(listing: Listing | undefined, levels: number): number | null {
  if (!listing || levels === 0) return null;
  const own = [...listing.files].slice(0, 1000).map((name) => statAt(join(listing.path, name))?.mtimeMs ?? Infinity);
  const inner = [...listing.folders]
    .slice(0, 100)
    .map((name) => oldestBelow(listing.child(name), levels - 1) ?? Infinity);
  const oldest = Math.min(...own, ...inner);
  return Number.isFinite(oldest) ? Math.round(oldest) : null;
}

/**
 * Collects the facts about one state of a run log that decide whether it is evidence of a save. With `seen`, its writer, no
 * writer is recorded.
 */
export async function observeLog(
  parts: FactParts,
  save: SaveAtHand,
  log: RunLog,
  state: LogState,
  digest: string,
  seen?: KnownWriter,
): Promise<ObservedLog> {
  const { db } = parts.ctx;
  const { files, version, observed } = save;
  const writer = seen ?? (await writerOfLog(parts, state, files.root));
  const uses = evidenceUses(db, state.path);
  const recordedAt = recordedSince(parts, save, log);
  const before = logWrites(db, state.path).findLast((one) => one.writtenAt < state.writtenAt)?.writtenAt ?? 0;
  const near = await neighboursOf(parts, save, state, writer);
  return {
    writtenAt: state.writtenAt,
    writer,
    isByResumed: isByResumed(parts, save, writer),
    place: placeOf(save, state.path),
    usedBy: usedBy(parts, save, state, writer, digest),
    isOfRun: Object.keys(log.values.metrics).length === 0,
    isInput: isInput(parts.disk, log, writer),
    isHeldFromBefore: uses.some((one) => isOf(one, version) && one.writtenAt <= observed.writtenAt),
    recordedAt,
    canHaveRead: canHaveRead(parts, save, state.path, writer),
    isOnlySave: isOnlySave(parts, save, before, state.writtenAt),
    isWriterAtWork: isAtWork(parts, writer, state.writtenAt),
    savedByWriterAfter: savedAfter(parts, save, writer, state.writtenAt),
    keys: keysOf(log),
    ...near,
  };
}

/** Returns true if another process of the run wrote a file: it resumed the process that saved, or was resumed by it. */
function isByResumed({ ctx }: FactParts, { run, files, observed }: SaveAtHand, writer: KnownWriter): boolean {
  const saver = observed.writer;
  if (saver.kind !== 'execution' || writer.kind !== 'execution' || saver.id === writer.id) return false;
  return executionsOfRun(ctx.db, run ?? files.folder, saver.id).has(writer.id);
}

/** Returns true for a file of params that a person keeps with the code, as opposed to one that a training wrote. */
function isInput(disk: Disk, { path, values }: RunLog, writer: KnownWriter): boolean {
  if (!isGivenName(basename(path)) || !isNoTraining(writer)) return false;
  if (Object.keys(values.metrics).length > 0 || Object.keys(values.series).length > 0) return false;
  const listing = disk.list(dirname(path));
  return listing !== undefined && (listing.folders.has('.git') || [...listing.files].some((name) => code.test(name)));
}

const code = /^(dvc\.yaml|makefile)$|\.(py|ipynb|jl|r)$/i;

function placeOf({ files, run }: SaveAtHand, path: string): LogPlace {
  const name = basename(path);
  const stem = artifactStem(files);
  const isNamed = stem !== '' && name.startsWith(stem) && /^[-_.]/.test(name.slice(stem.length));
  if ((isNamed && !isGeneric(stem)) || (files.group.wholeFolder && path.startsWith(files.folder + sep))) return 'own';
  if (dirname(path) === files.folder) return 'folder';
  return run !== undefined && path.startsWith(run + sep) ? 'run' : 'near';
}

function usedBy(
  { ctx }: FactParts,
  { version, runId, files, observed }: SaveAtHand,
  state: LogState,
  writer: KnownWriter,
  digest: string,
): ObservedLog['usedBy'] {
  const uses = evidenceUses(ctx.db, state.path).filter((one) => !isOf(one, version));
  const isSame = (one: (typeof uses)[number]): boolean => one.writtenAt === state.writtenAt && one.size === state.size;
  const use = uses.find(isSame) ?? (writer.kind === 'mover' ? uses.find((one) => one.digest === digest) : undefined);
  if (!use) return null;
  const { source } = versionOf(ctx.db, use.model, use.number)?.body ?? {};
  const saved = source && savesAt(ctx.db, source.path).find((one) => isOf(one, use));
  const isByWriter = writer.kind === 'execution' && saved !== undefined && isBy(saved, writer.id);
  const isTogether =
    saved !== undefined &&
    saved.path !== files.path &&
    observed.writer.kind === 'ended' &&
    writerFrom(saved.writer).kind === 'ended' &&
    Math.abs(saved.writtenAt - observed.writtenAt) < togetherMs;
  const isOfSameRun = isByWriter || isTogether || (runId !== null && saved?.run === runId);
  return { label: labelOf(ctx, use), isOfSameRun };
}

function labelOf({ db }: FactParts['ctx'], { model, number }: VersionKey): string {
  return referenceTo(modelById(db, model)?.name ?? 'a model', number);
}

function recordedSince({ ctx }: FactParts, { version, observed, run, files }: SaveAtHand, log: RunLog): number | null {
  if (version === null) return null;
  const source = sourceName(run ?? files.folder, log.path);
  const recorded = evidenceFrom(ctx.db, version.model, version.number, source).findLast(
    (one) => isCounted(one) && one.isDetached !== true && one.at >= observed.writtenAt,
  );
  return recorded ? (recorded.origin?.writtenAt ?? 0) : null;
}

/** Returns true if dvc.yaml, the writer's command or an observed read shows that the writer of a log may have read the model. */
function canHaveRead(
  { executions }: FactParts,
  { files, others }: SaveAtHand,
  log: string,
  writer: KnownWriter,
): boolean {
  if (isStageInput(files, log)) return true;
  if (writer.kind !== 'execution') return false;
  const { group, folder, path, root } = files;
  const model = group.wholeFolder ? folder : path;
  if (executions.hasRead(writer.id, model)) return true;
  const stem = artifactStem(files);
  const inside = others().length === 0 ? [relative(root, folder)] : [];
  const names = [relative(root, model), basename(model), ...inside, ...(isGeneric(stem) ? [] : [stem])];
  const said = `${writer.command} ${writer.script ?? ''}`;
  return names.some((name) => name.length > 1 && !isGeneric(name) && isNamed(said, name)) || said.includes(model);
}

/** Returns true if a text contains a name as a whole word. */
function isNamed(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1))
    if (!/\w/.test(text[at - 1] ?? ' ') && !/\w/.test(text[at + name.length] ?? ' ')) return true;
  return false;
}

function isOnlySave({ ctx }: FactParts, { files }: SaveAtHand, since: number, until: number): boolean {
  const saves = savesSince(ctx.db, files.root, since, maxSaves).filter((one) => one.writtenAt <= until);
  return saves.length > 0 && saves.every(({ path }) => path === files.path);
}

function isAtWork({ ctx, executions }: FactParts, writer: KnownWriter, writtenAt: number): boolean {
  if (writer.kind !== 'execution' || !executions.isAlive(writer.id)) return false;
  return !writer.isKernel || ctx.now() - writtenAt < kernelMs;
}

function savedAfter(
  { ctx }: FactParts,
  { files, version }: SaveAtHand,
  writer: KnownWriter,
  at: number,
): string | null {
  if (writer.kind !== 'execution') return null;
  const next = savesSince(ctx.db, files.root, at, maxSaves).find((one) => isBy(one, writer.id) && !isOf(one, version));
  return next ? labelOf(ctx, next) : null;
}

/** Returns the groups of a log's metrics: `rf` for `rf/auc`. */
function keysOf({ values }: RunLog): string[] {
  const names = [...Object.keys(values.metrics), ...Object.keys(values.series)];
  return [...new Set(names.flatMap((name) => (name.includes('/') ? [name.slice(0, name.indexOf('/'))] : [])))];
}

/**
 * Returns the other models that a run log may be of, because they were saved together with this one, and the file name of a model
 * that was saved between this one and the log.
 */
async function neighboursOf(
  parts: FactParts,
  { files, observed, others }: SaveAtHand,
  { path, writtenAt }: LogState,
  writer: KnownWriter,
): Promise<Pick<ObservedLog, 'neighbours' | 'laterSave'>> {
  const own = observed.writtenAt;
  const isByOne =
    writer.kind === 'execution' && observed.writer.kind === 'execution' && writer.id === observed.writer.id;
  if (writtenAt < own) {
    const together = others().filter((one) => one.writtenAt >= writtenAt && one.writtenAt <= own + togetherMs);
    return { neighbours: await modelsAmong(parts, files, together), laterSave: null };
  }
  const saved = others().filter((one) => one.writtenAt <= writtenAt);
  const latest = saved.reduce((last, one) => (one.writtenAt > last.writtenAt ? one : last), { files, writtenAt: own });
  const start = isByOne ? 0 : latest.writtenAt - togetherMs;
  const writes = logWrites(parts.ctx.db, path).map((one) => one.writtenAt);
  const since = Math.max(start, writes.findLast((at) => at < latest.writtenAt) ?? 0);
  const group = await modelsAmong(
    parts,
    files,
    saved.filter((one) => one.writtenAt > since),
  );
  const isLater = own <= since && latest.files !== files;
  return { neighbours: group, laterSave: isLater ? basename(latest.files.path) : null };
}

/** Returns those artifacts that are models with another name; preprocessing objects are left out. */
async function modelsAmong(
  { inspector }: FactParts,
  files: ArtifactFiles,
  some: readonly { files: ArtifactFiles }[],
): Promise<{ stem: string; isGeneric: boolean }[]> {
  const family = (one: ArtifactFiles): string => artifactStem(one).replaceAll(/\d+/g, '');
  const named = some.filter((one) => family(one.files) !== family(files)).slice(0, maxInspected);
  const found: { stem: string; isGeneric: boolean }[] = [];
  for (const { files: other } of named) {
    const inspected = await inspector.inspect(other);
    if ('facts' in inspected && !isTransformer(inspected.facts.modelClass))
      found.push({ stem: artifactStem(other), isGeneric: isGeneric(artifactStem(other)) });
  }
  return found;
}
