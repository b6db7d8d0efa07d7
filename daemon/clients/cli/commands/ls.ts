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
import { readAllPages } from '../../../shared/paging.ts';
import { homePath } from '../paths.ts';
import { metricsText, currentVersionText } from '../../../shared/event-text.ts';
import { stageStyle } from '../terminal/color.ts';
import { table, type Cell } from '../terminal/table.ts';
import { UsageError } from '../exit.ts';
import type { Open, Session } from '../session.ts';
import { ageText, numberText, sizeText } from '../../../shared/format.ts';
import { metricOf } from '../../../shared/metrics.ts';

interface ListOptions {
  all?: boolean;
  state?: ArtifactState;
}

export function ls(program: Command, open: Open): void {
  const command = program
    .command('ls [model]')
    .description('list the models, or the versions of one')
    .option('--all', 'show deleted and moved versions too');
  for (const state of ['found', 'candidate', 'waiting', 'ignored', 'unreadable', 'duplicate'] as const) {
    command.addOption(new Option(state === 'candidate' ? '--candidates' : `--${state}`, stateDescriptions[state]));
  }
  command.action((model: string | undefined, options: Record<string, boolean>) => {
    const chosen = stateOf(options);
    if (chosen && model !== undefined) throw new UsageError('Artifacts are not listed by model. Leave out the model.');
    if (chosen) return listArtifacts(open(), chosen);
    return model === undefined ? listModels(open()) : listVersions(open(), model, { all: options['all'] === true });
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

function stateOf(options: Record<string, boolean>): ArtifactState | undefined {
  const wanted = (Object.keys(stateDescriptions) as ArtifactState[]).filter(
    (state) => options[state === 'candidate' ? 'candidates' : state],
  );
  if (wanted.length > 1) throw new UsageError(`Choose one of --${wanted.join(' and --')}.`);
  return wanted[0];
}

async function listModels(session: Session): Promise<void> {
  const page = await readAllPages((part) => session.call('GET /models', part));
  session.print(page, () => (page.items.length === 0 ? emptyText : modelTable(session, page.items)));
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

async function listVersions(session: Session, model: string, options: ListOptions): Promise<void> {
  const all = options.all === true ? { all: true } : {};
  const [page, { primaryMetric }] = await Promise.all([
    readAllPages((part) => session.call('GET /models/:model/versions', { model, ...all, ...part })),
    session.call('GET /models/:model', { model }),
  ]);
  session.print(page, () =>
    page.items.length === 0 ? [`${model} has no versions`] : versionTable(session, page.items, primaryMetric),
  );
}

function versionTable(session: Session, versions: readonly Version[], primary: Model['primaryMetric']): string[] {
  const columns = [
    { title: 'version', align: 'right' as const, least: 4 },
    { title: 'stage', least: 6 },
    { title: 'aliases' },
    { title: 'framework' },
    { title: 'metrics', least: 12 },
    { title: 'size', align: 'right' as const },
    { title: 'age', least: 8 },
  ];
  const rows = versions.map((version): Cell[] => [
    { text: `v${version.number}`, style: 'bold' },
    stageCell(version),
    version.aliases.map((alias) => `@${alias}`).join(' '),
    [version.framework, version.frameworkVersion].filter((part) => part !== null).join(' '),
    metricsText(version.metrics, 3, primary?.name),
    isExternal(version) ? 'external bytes' : sizeText(version.size),
    ageText(version.createdAt, session.now),
  ]);
  return table(session.screen, columns, rows);
}

function stageCell(version: Version): Cell {
  if (version.state === 'ready') return { text: version.stage, style: stageStyle(version.stage) };
  if (version.state === 'moved') return { text: `moved to ${version.movedTo}`, style: 'dim' };
  return { text: version.state, style: version.state === 'damaged' ? 'red' : 'dim' };
}

async function listArtifacts(session: Session, state: ArtifactState): Promise<void> {
  const page = await readAllPages((part) => session.call('GET /artifacts', { state, ...part }));
  session.print(page, () => (page.items.length === 0 ? [`nothing is ${state}`] : artifactTable(session, page.items)));
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
