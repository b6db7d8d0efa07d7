import { Option, type Command } from 'commander';
import {
  isExternal,
  type Artifact,
  type ArtifactState,
  type Model,
  type Pointer,
  type Version,
} from '../../../protocol/model.ts';
import { isPrompt } from '../../../protocol/prompt.ts';
import type { Page } from '../../../protocol/shapes.ts';
import { readAllPages, type PageRequest } from '../../../shared/paging.ts';
import { isLike, itemFilter } from '../../../shared/search/filter.ts';
import {
  searchableArtifact,
  searchableModel,
  searchableVersion,
  type Searchable,
} from '../../../shared/search/searchable.ts';
import { itemSorter } from '../../../shared/search/sort.ts';
import { trainedAt } from '../../../shared/version-time.ts';
import { homePath } from '../paths.ts';
import { metricsText, currentVersionText } from '../../../shared/event-text.ts';
import { stageStyle } from '../terminal/color.ts';
import { table, type Cell } from '../terminal/table.ts';
import { UsageError } from '../exit.ts';
import { printItems, readFound, searchOptions, type SearchOptions } from '../search-options.ts';
import type { Open, Session } from '../session.ts';
import { ageText, numberText, sizeText } from '../../../shared/format.ts';
import { leadingMetrics, metricOf } from '../../../shared/metrics.ts';
import { frameworkText } from '../../../shared/model-kind.ts';

interface ListOptions extends SearchOptions {
  all?: boolean;
}

export function ls(program: Command, open: Open): void {
  const command = program
    .command('ls [model]')
    .description('list the models, or the versions of one')
    .option('--all', 'show deleted and moved versions too, and candidates of runs in progress');
  for (const option of searchOptions('version')) command.addOption(option);
  for (const state of ['found', 'candidate', 'waiting', 'ignored', 'unreadable', 'duplicate'] as const) {
    command.addOption(new Option(state === 'candidate' ? '--candidates' : `--${state}`, stateDescriptions[state]));
  }
  command.action((model: string | undefined, options: ListOptions & Record<string, unknown>) => {
    const chosen = stateOf(options);
    if (chosen && model !== undefined) throw new UsageError('Artifacts are not listed by model. Leave out the model.');
    if (chosen) return listArtifacts(open(), chosen, options);
    const isSearch = options.where !== undefined || options.sort !== undefined;
    const isOfOne = model !== undefined && !model.includes('*');
    return isSearch || isOfOne ? listVersions(open(), model, options) : listModels(open(), model, options);
  });
}

const stateDescriptions: Record<Exclude<ArtifactState, 'registered'>, string> = {
  found: 'list existing models that are not registered yet',
  candidate: 'list saves of runs in progress',
  waiting: 'list artifacts that are still being written',
  ignored: 'list ignored artifacts, with the reason',
  unreadable: 'list files that look like a model but cannot be read',
  duplicate: 'list artifacts that are identical to a version',
};

function stateOf(options: Readonly<Record<string, unknown>>): ArtifactState | undefined {
  const wanted = (Object.keys(stateDescriptions) as ArtifactState[]).filter(
    (state) => options[state === 'candidate' ? 'candidates' : state],
  );
  if (wanted.length > 1) throw new UsageError(`Choose one of --${wanted.join(' and --')}.`);
  return wanted[0];
}

/** Lists the models, or those whose names match a pattern. */
async function listModels(session: Session, pattern: string | undefined, options: ListOptions): Promise<void> {
  const all = await readAllPages((part) => session.call('GET /models', part));
  const named = pattern === undefined ? all.items : all.items.filter(({ name }) => isLike(name, pattern));
  const items = named.slice(0, options.limit);
  const candidates = options.all === true ? await candidatesOf(session, pattern) : [];
  const page = { ...all, items, ...(options.all === true && { candidates }) };
  printItems(session, options, {
    reply: page,
    items: items.map((model) => searchableModel(model, session.now)),
    attributes: ['model', 'versions', 'latest', 'production', 'staging', 'alias', 'framework', 'created', 'updated'],
    what: 'model',
    lines: () => {
      const none = pattern === undefined ? emptyText : [`no model matches ${pattern}`];
      const models = items.length === 0 ? none : modelTable(session, items);
      return candidates.length === 0 ? models : [...models, '', 'candidates', ...artifactTable(session, candidates)];
    },
  });
}

const emptyText = [
  'no models yet; watch the folder your training scripts write to: plinth watch FOLDER, or register a file: plinth register FILE',
];

function modelTable(session: Session, models: readonly Model[]): string[] {
  const columns = [
    { title: 'model', least: 10 },
    { title: 'versions', align: 'right' as const },
    { title: 'latest', align: 'right' as const },
    { title: 'production', align: 'right' as const },
    { title: 'staging', align: 'right' as const },
    { title: 'aliases' },
    { title: 'metric' },
    { title: 'updated', least: 8 },
  ];
  const rows = models.map((model): Cell[] => [
    { text: isPrompt(model) ? `${model.name} (prompt)` : model.name, style: 'bold' },
    String(model.versions),
    model.latest === null ? '–' : `v${model.latest}`,
    heldIn(model.pointers, 'production'),
    heldIn(model.pointers, 'staging'),
    aliasText(model.pointers),
    primaryText(model),
    ageText(model.updatedAt, session.now),
  ]);
  return table(session.screen, columns, rows);
}

function heldIn(pointers: readonly Pointer[], stage: string): Cell {
  const holder = pointers.find((pointer) => pointer.kind === 'stage' && pointer.name === stage)?.holder ?? null;
  return holder === null ? '–' : { text: currentVersionText(holder), style: stageStyle(stage) };
}

/** Formats the primary metric of the model's current version: `auc 0.912`. */
function primaryText({ primaryMetric, current }: Model): string {
  const value = metricOf(current?.metrics ?? {}, primaryMetric?.name ?? null);
  return value === undefined ? '' : `${primaryMetric?.name} ${numberText(value)}`;
}

/** Formats aliases: `@champion v3, @canary v4`. */
function aliasText(pointers: readonly Pointer[]): string {
  const held = pointers.filter((pointer) => pointer.kind === 'alias' && pointer.holder !== null);
  return held.map((pointer) => `@${pointer.name} v${pointer.holder}`).join(', ');
}

const versionAttributes = 'model version stage state alias framework format size created trained by'.split(' ');

/** Lists the versions of a model, of those that match a pattern, or of all that a filter selects. */
async function listVersions(session: Session, models: string | undefined, options: ListOptions): Promise<void> {
  const { where } = options;
  const isOfOne = models !== undefined && !models.includes('*');
  const [{ unknown, ...page }, leading] = await Promise.all([
    readVersions(session, models, options),
    isOfOne ? session.call('GET /models/:model', { model: models }).then(leadingMetrics) : [],
  ]);
  const candidates = options.all === true ? await candidatesOf(session, models, where) : [];
  printItems(session, options, {
    reply: options.all === true ? { ...page, candidates } : page,
    items: [
      ...page.items.map((version) => searchableVersion(version, session.now)),
      ...candidates.map((artifact) => searchableArtifact(artifact, session.now)),
    ],
    attributes: versionAttributes,
    identity: isOfOne ? ['version'] : ['model', 'version'],
    what: 'version',
    unknown: candidates.length === 0 ? unknown : [],
    lines: () => {
      const none = [where === undefined && isOfOne ? `${models} has no versions` : 'no version matches'];
      if (page.items.length + candidates.length === 0) return none;
      return versionTable(session, page.items, candidates, { leading, named: !isOfOne });
    },
  });
}

async function readVersions(
  session: Session,
  models: string | undefined,
  { where, sort, limit, all = false }: ListOptions,
): Promise<Page<Version> & { unknown: string[] }> {
  const states = all ? { all } : {};
  if (models === undefined || models.includes('*') || where !== undefined || sort !== undefined)
    return readFound((part) => session.call('GET /versions', { models, where, sort, ...states, ...part }), limit);
  const read = (part: PageRequest): Promise<Page<Version>> =>
    session.call('GET /models/:model/versions', { model: models, ...states, ...part });
  return { ...(await readAllPages(read, limit)), unknown: [] };
}

/** Reads the candidates of runs in progress, of a model or of those that match a pattern. */
async function candidatesOf(session: Session, models: string | undefined, where = ''): Promise<Artifact[]> {
  const { items } = await readAllPages((part) => session.call('GET /artifacts', { state: 'candidate', ...part }));
  const filter = itemFilter(where);
  return items.filter(
    (one) =>
      (models === undefined || (models.includes('*') ? isLike(one.model ?? '', models) : one.model === models)) &&
      filter.matches(searchableArtifact(one, session.now)),
  );
}

function versionTable(
  session: Session,
  versions: readonly Version[],
  candidates: readonly Artifact[],
  { leading, named }: { leading: readonly string[]; named: boolean },
): string[] {
  const columns = [
    ...(named ? [{ title: 'model', least: 10 }] : []),
    { title: 'version', align: 'right' as const, least: 4 },
    { title: 'stage', least: 6 },
    { title: 'aliases' },
    { title: 'framework' },
    { title: 'metrics', least: 12 },
    { title: 'size', align: 'right' as const },
    { title: 'age', least: 8 },
  ];
  const rows = versions.map((version): Cell[] => [
    ...(named ? [version.model] : []),
    { text: `v${version.number}`, style: 'bold' },
    stageCell(version),
    version.aliases.map((alias) => `@${alias}`).join(' '),
    frameworkText(version),
    metricsText(version.metrics, 3, leading),
    isExternal(version) ? 'external bytes' : sizeText(version.size),
    ageText(trainedAt(version), session.now),
  ]);
  const saves = candidates.map((artifact): Cell[] => [
    ...(named ? [artifact.model ?? '–'] : []),
    '–',
    { text: 'candidate', style: 'dim' },
    '',
    artifact.framework ?? '–',
    metricsText(artifact.metrics, 3, leading),
    sizeText(artifact.size),
    ageText(artifact.seenAt, session.now),
  ]);
  return table(session.screen, columns, [...saves, ...rows]);
}

function stageCell(version: Version): Cell {
  if (version.state === 'ready') return { text: version.stage, style: stageStyle(version.stage) };
  if (version.state === 'moved') return { text: `moved to ${version.movedTo}`, style: 'dim' };
  return { text: version.state, style: version.state === 'damaged' ? 'red' : 'dim' };
}

async function listArtifacts(session: Session, state: ArtifactState, options: ListOptions): Promise<void> {
  const page = await readAllPages((part) => session.call('GET /artifacts', { state, ...part }));
  const seen = (artifact: Artifact): Searchable => searchableArtifact(artifact, session.now);
  const filter = itemFilter(options.where ?? '');
  const found = page.items.filter((artifact) => filter.matches(seen(artifact)));
  const items = options.sort === undefined ? found : itemSorter(options.sort)(found, seen);
  printItems(session, options, {
    reply: { ...page, items: items.slice(0, options.limit) },
    items: items.slice(0, options.limit).map(seen),
    attributes: ['path', 'model', 'state', 'framework', 'format', 'size', 'created'],
    what: 'artifact',
    unknown: page.items.length === 0 ? [] : filter.unknownNames(),
    lines: () => (items.length === 0 ? [`nothing is ${state}`] : artifactTable(session, items.slice(0, options.limit))),
  });
}

function artifactTable(session: Session, artifacts: readonly Artifact[]): string[] {
  const columns = [
    { title: 'path', least: 16 },
    { title: 'model' },
    { title: 'format' },
    { title: 'metrics' },
    { title: 'size', align: 'right' as const },
    { title: 'why', least: 12 },
  ];
  const rows = artifacts.map((artifact) => [
    homePath(artifact.path),
    artifact.model ?? '–',
    artifact.format ?? '–',
    metricsText(artifact.metrics, 2),
    sizeText(artifact.size),
    artifact.reason,
  ]);
  return table(session.screen, columns, rows);
}
