import type { Model, ModelDetail, PointerRef } from '../../daemon/protocol/model.ts';
import type { ThinEvent } from '../../daemon/protocol/events.ts';
import { RegistryError, messageOf } from '../../daemon/errors.ts';
import type { ComparableVersion, ComparedModel, PageLocation, SiblingMetrics, VersionView, View } from '../protocol.ts';
import type { IdentifyReply } from '../../daemon/protocol/identify.ts';
import type { GateReport } from '../../daemon/protocol/policy.ts';
import type { ReplyOf, RequestOf, Route } from '../../daemon/protocol/routes.ts';
import { changedLines } from './changed-lines.ts';
import type { VersionDetail } from '../../daemon/protocol/routes/versions.ts';
import { readAllPages } from '../../daemon/shared/paging.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';
import { referenceTo, splitReference } from '../../daemon/shared/references.ts';

/** Sends requests to the service. The extension's connection and a browser's both can. */
export type Call = <R extends Route>(route: R, request: RequestOf<R>) => Promise<ReplyOf<R>>;

const maxVersions = 500;
const maxHistory = 200;
const maxMoves = 2000;
const maxHistoryEvents = 3000;
const maxNewestMoves = 20;
/** Versions that the table of a model lists; it says so when there are more. */
const maxTableVersions = 2000;
const maxPlaces = 8;
/** Versions whose metrics sparklines show. */
const maxSiblings = 500;
const maxRuns = 500;
/** Versions of a file's own model that it can be compared with. */
const maxComparable = 100;

/** Reads everything that a page shows, in its current state. When that fails, returns a view with the reason. */
export async function loadView(call: Call, pageLocation: PageLocation): Promise<View> {
  try {
    return await load(call, pageLocation);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { page: 'problem', message: messageOf(error) };
  }
}

async function load(call: Call, pageLocation: PageLocation): Promise<View> {
  switch (pageLocation.page) {
    case 'models':
      return modelsView(call, pageLocation.model);
    case 'compare':
      return compareView(call, pageLocation.versions);
    case 'version':
      return versionView(call, pageLocation.model, pageLocation.version);
    case 'model':
      return modelView(call, pageLocation.model);
    case 'history':
      return historyView(call, pageLocation.model);
    case 'lineage':
      return lineageView(call, pageLocation);
    case 'run':
      return { page: 'run', run: await call('GET /mlflow/runs/:run', { run: pageLocation.run }) };
    case 'runs':
      return { ...pageLocation, runs: (await call('GET /runs', { limit: maxRuns })).runs };
    case 'inspect':
      return inspectView(call, pageLocation.path);
  }
}

/** Files up to this size are looked up by their checksum at once. */
const maxIdentified = 64_000_000;

/**
 * Reads the headers of a file. Whether it is registered is known at once from a watched folder, else from its checksum, which
 * takes long for a large file: that needs `isWanted`.
 */
async function inspectView(call: Call, path: string, isWanted = false): Promise<View> {
  const [{ registered, model, ...inspected }, { items: models }] = await Promise.all([
    call('GET /inspect', { path }),
    call('GET /models', { limit: maxVersions }),
  ]);
  const isRead = registered === null && (isWanted || inspected.size <= maxIdentified);
  const reading = isRead ? call('GET /identify', { path }) : undefined;
  const found = await (isWanted ? reading : reading?.catch(unlessRefused));
  const known = registered === null ? (found ? identical(found) : null) : [registered];
  const like = known?.[0] ?? found?.matches[0]?.reference;
  const own = model ?? (like === undefined ? null : splitReference(like).model);
  const comparable = await comparableVersions(call, own, models);
  return { page: 'inspect', path, ...inspected, known, comparable };
}

/** Looks up by its checksum whether a file is registered, however large it is. Throws the refusal to do so. */
export function identifiedView(call: Call, path: string): Promise<View> {
  return inspectView(call, path, true);
}

/** Returns the versions that a file or all of a folder belongs to. A folder that only shares a file with a version is not one of them. */
function identical({ digest, matches }: IdentifyReply): string[] {
  return matches.filter(({ as }) => as === 'whole' || digest !== null).map(({ reference }) => reference);
}

/** Returns the versions of a file's own model, production and the newest first, then one of each other model. */
async function comparableVersions(
  call: Call,
  own: string | null,
  models: readonly Model[],
): Promise<ComparableVersion[]> {
  const versions =
    own === null
      ? undefined
      : await call('GET /models/:model/versions', { model: own, limit: maxComparable }).catch(unlessRefused);
  const first = models.find(({ name }) => name === own)?.current?.number;
  const numbers = (versions?.items ?? []).map(({ number }) => number);
  const ordered = [...(first === undefined ? [] : [first]), ...numbers.filter((number) => number !== first)];
  return [
    ...ordered.map((number) => comparableVersion(models, own ?? '', number)),
    ...models.flatMap(({ name, current }) =>
      current && name !== own ? [comparableVersion(models, name, current.number)] : [],
    ),
  ];
}

function comparableVersion(models: readonly Model[], name: string, number: number): ComparableVersion {
  const pointers = models.find((model) => model.name === name)?.pointers ?? [];
  const held = pointers.filter(({ holder }) => holder === number);
  return { reference: referenceTo(name, number), holds: held.map(pointerText).join(', ') };
}

async function modelsView(call: Call, asked: string | undefined): Promise<View> {
  const [{ items: models }, { requests }] = await Promise.all([
    call('GET /models', { limit: maxVersions }),
    call('GET /approvals', {}),
  ]);
  const name = models.some((model) => model.name === asked) ? asked : models[0]?.name;
  if (name === undefined) return { page: 'models', models, requests };
  const [model, versions, moves] = await Promise.all([
    call('GET /models/:model', { model: name }),
    readAllPages((page) => call('GET /models/:model/versions', { model: name, ...page }), maxTableVersions),
    call('GET /audit', { model: name, action: 'pointer.moved', limit: maxNewestMoves }),
  ]);
  return { page: 'models', models, requests, chosen: { model, versions: versions.items, moves: moves.items } };
}

async function compareView(call: Call, references: readonly string[]): Promise<View> {
  const versions = references.join(',');
  const [comparison, series] = await Promise.all([
    call('GET /compare', { versions }),
    call('GET /series', { versions }),
  ]);
  const name = comparison.columns.find(({ model }) => model !== null)?.model ?? null;
  const model = name === null ? undefined : await comparedModel(call, name).catch(unlessRefused);
  return { page: 'compare', comparison, series, model: model ?? null };
}

async function comparedModel(call: Call, name: string): Promise<ComparedModel> {
  const [{ primaryMetric, pinnedMetrics, pointers }, history] = await Promise.all([
    call('GET /models/:model', { model: name }),
    call('GET /models/:model/metrics', { model: name }),
  ]);
  const production = pointers.find((one) => one.kind === 'stage' && one.name === 'production')?.holder ?? null;
  return { name, primaryMetric: primaryMetric?.name ?? null, pinnedMetrics, production, history };
}

async function versionView(call: Call, name: string, version: string): Promise<View> {
  const [detail, model, all] = await Promise.all([
    call('GET /models/:model/versions/:version', { model: name, version }),
    call('GET /models/:model', { model: name }),
    readAllPages((page) => call('GET /models/:model/versions', { model: name, ...page }), maxSiblings),
  ]);
  const { number } = detail.version;
  const siblings = all.items.map(({ number: one, metrics }) => ({ number: one, metrics })).toReversed();
  const baseline = baselineOf(model, number, siblings);
  const versions = [number, ...(baseline ? [baseline.number] : [])].map((one) => referenceTo(name, one));
  const [series, history, comparison, gateReports] = await Promise.all([
    call('GET /series', { versions: versions.join(',') }),
    call('GET /models/:model/history', { model: name, limit: maxHistory }),
    baseline ? call('GET /compare', { versions: versions.toReversed().join(',') }).catch(unlessRefused) : undefined,
    gateReportsOf(call, model, number),
  ]);
  const own = history.items.filter((event) => isAbout(event, number));
  const compared = { comparison: comparison ?? null, baseline: comparison ? baseline : null };
  return { page: 'version', detail, model, ...compared, siblings, series, history: own, gateReports };
}

async function lineageView(call: Call, at: PageLocation & { page: 'lineage' }): Promise<View> {
  const [detail, model, all] = await Promise.all([
    call('GET /models/:model/versions/:version', { model: at.model, version: at.version }),
    call('GET /models/:model', { model: at.model }),
    readAllPages((page) => call('GET /models/:model/versions', { model: at.model, ...page }), maxSiblings),
  ]);
  const { number } = detail.version;
  const siblings = all.items.map(({ number: one, metrics }) => ({ number: one, metrics })).toReversed();
  const chosen = at.against === undefined ? (baselineOf(model, number, siblings)?.number ?? null) : Number(at.against);
  const against = chosen !== null && siblings.some((one) => one.number === chosen) ? chosen : null;
  const versions = [against, number].map((one) => referenceTo(model.name, one ?? 0)).join(',');
  const comparison =
    against === null ? null : ((await call('GET /compare', { versions }).catch(unlessRefused)) ?? null);
  const others = siblings.flatMap((one) => (one.number === number ? [] : [one.number])).toReversed();
  const uncommittedLines = await uncommittedIn(call, detail);
  return { page: 'lineage', detail, model, comparison, against: comparison ? against : null, others, uncommittedLines };
}

/** Counts the lines that the uncommitted changes of a version add or remove; null if they were not kept. */
async function uncommittedIn(call: Call, { version, lineage }: VersionDetail): Promise<number | null> {
  const path = 'uncommitted.diff';
  if (!lineage?.captured.some((file) => file.path === path)) return null;
  const of = { model: version.model, version: String(version.number), path };
  const read = await call('GET /models/:model/versions/:version/captured', of).catch(unlessRefused);
  return read ? changedLines(read.text) : null;
}

/** Returns what a version is compared with: production; for production itself its previous version; else the version before it. */
function baselineOf(
  { pointers }: ModelDetail,
  number: number,
  siblings: readonly SiblingMetrics[],
): VersionView['baseline'] {
  const exists = (one: number | null | undefined): one is number => siblings.some((sibling) => sibling.number === one);
  const production = pointers.find(({ kind, name }) => kind === 'stage' && name === 'production');
  if (exists(production?.holder) && production.holder !== number)
    return { number: production.holder, isProduction: true };
  const previous = production?.holder === number ? production.previous.findLast((one) => one !== number) : undefined;
  const before = exists(previous) ? previous : siblings.findLast((one) => one.number < number)?.number;
  return before === undefined ? null : { number: before, isProduction: false };
}

/** Reads the gate report of a stage or alias; nothing when it has no gates. */
async function readGateReport(
  call: Call,
  model: string,
  number: number,
  { kind, name }: PointerRef,
): Promise<GateReport[]> {
  const request = { model, version: String(number), [kind]: name };
  const report = await call('GET /models/:model/versions/:version/gates', request).catch(unlessRefused);
  return report && report.gates.length > 0 ? [report] : [];
}

/** Returns undefined for a refusal, since the version may be gone by now. */
function unlessRefused(error: unknown): undefined {
  if (!(error instanceof RegistryError)) throw error;
}

/** True for events of the version itself, and for the moves by which it came to a stage or alias or left one. */
function isAbout({ number, type, body }: ThinEvent, version: number): boolean {
  if (number === version) return true;
  const { before } = body;
  const holder = typeof before === 'object' && before !== null && !Array.isArray(before) ? before['holder'] : undefined;
  return type === 'pointer.moved/1' && holder === version;
}

async function modelView(call: Call, name: string): Promise<View> {
  const [model, card, versions, history, moves, review] = await Promise.all([
    call('GET /models/:model', { model: name }),
    call('GET /models/:model/card', { model: name }),
    readAllPages((page) => call('GET /models/:model/versions', { model: name, ...page }), maxTableVersions),
    call('GET /models/:model/history', { model: name, limit: maxHistory }),
    readAllPages((page) => call('GET /audit', { model: name, action: 'pointer.moved', ...page }), maxMoves),
    call('GET /review', { model: name }).catch(unlessRefused),
  ]);
  const reasons = review?.models[0]?.reasons ?? [];
  const gateReports = model.latest === null ? [] : await gateReportsOf(call, model, model.latest);
  const lists = { versions: versions.items, history: history.items, moves: moves.items };
  return { page: 'model', model, card, ...lists, reasons, gateReports };
}

async function historyView(call: Call, model: string): Promise<View> {
  const read = readAllPages((page) => call('GET /models/:model/history', { model, ...page }), maxHistoryEvents);
  const { items: events, next } = await read;
  return { page: 'history', model, events, isWhole: next === null };
}

/** Reads the gate reports of a version, for each stage and alias that has gates. */
async function gateReportsOf(call: Call, { name, places }: ModelDetail, number: number): Promise<GateReport[]> {
  const of = places.slice(0, maxPlaces).map((pointerRef) => readGateReport(call, name, number, pointerRef));
  return (await Promise.all(of)).flat();
}
