import type { Artifact, Model, Pointer, Run, Version } from '../../../daemon/protocol/model.ts';
import { isPrompt, promptTag } from '../../../daemon/protocol/prompt.ts';
import { candidateDescription, modelDescription, versionColumns } from '../labels.ts';
import type { Mirror, Opened } from '../../mirror/reducer.ts';
import * as l10n from '@vscode/l10n';
import { baseName, group, leaf, parent, type Node } from '../nodes.ts';
import { versionNode } from './version.ts';
import { ageText } from '../../../daemon/shared/format.ts';
import { metricOf } from '../../../daemon/shared/metrics.ts';
import { isGuessed, nameOriginText } from '../../../daemon/shared/name-origin.ts';
import { pointerText } from '../../../daemon/shared/event-text.ts';
import { isCondition } from '../../../daemon/shared/search/condition.ts';
import { isLike } from '../../../daemon/shared/search/filter.ts';
import { runName } from '../../../daemon/shared/runs/run-id.ts';
import { keepOrder } from '../../../daemon/shared/keep-order.ts';
import type { TreeInput, TreeOptions } from '../tree-input.ts';

/** Lists models with their stages, aliases and versions. */
export function modelNodes(mirror: Mirror, drawing: TreeInput): Node[] {
  const { options, found, order } = drawing;
  const { groupBy, filter } = options;
  const words = isCondition(filter) ? [] : filter.split(/\s+/).filter((word) => word !== '');
  const wanted = mirror.models.filter(({ name }) =>
    found ? found.has(name) : words.every((word) => isLike(name, word)),
  );
  const shown = keepOrder(sortModels(wanted, options), order);
  if (groupBy === 'none') return shown.map((model) => modelNode(mirror, model, drawing));
  const groups = Map.groupBy(shown, (model) => groupOf(model, groupBy));
  const names = groupBy === 'stage' ? ['production', 'staging', 'development'] : [...groups.keys()].toSorted();
  return names
    .filter((name) => groups.has(name))
    .map((name) => {
      const rows = (groups.get(name) ?? []).map((model) => modelNode(mirror, model, drawing));
      const label = groupBy === 'folder' ? baseName(name) : name;
      const row = group(`${groupBy}:${name}`, label, groupBy === 'folder' ? 'folder' : 'layers', rows, true);
      return { ...row, tooltip: name };
    });
}

/**
 * Returns the name of a model's group. By folder, that is the parent of the folder with its files, so that models in neighbouring
 * folders are in one group.
 */
function groupOf({ pointers, current }: Model, by: 'stage' | 'framework' | 'folder'): string {
  if (by === 'framework') return current?.framework ?? l10n.t('no versions');
  if (by === 'folder') return current?.folder.replace(/[\\/][^\\/]*$/, '') ?? l10n.t('no versions');
  const held = (stage: string): boolean => pointers.some(({ name, holder }) => name === stage && holder !== null);
  return ['production', 'staging'].find(held) ?? 'development';
}

function sortModels(models: readonly Model[], { sortBy: by }: TreeOptions): readonly Model[] {
  if (by === 'metric') return models.toSorted((a, b) => compareByMetric(a, b));
  if (by === 'name') return models.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  if (by === 'created') return models.toSorted((a, b) => b.createdAt - a.createdAt);
  return models;
}

/** Compares by each model's primary metric, the best first. Models without one come last. */
function compareByMetric(a: Model, b: Model): number {
  const [x, y] = [a, b].map(({ current, primaryMetric }) => {
    const value = metricOf(current?.metrics ?? {}, primaryMetric?.name ?? null);
    return typeof value === 'number' ? value : undefined;
  });
  if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
  return a.primaryMetric?.direction === 'lower' ? x - y : y - x;
}

/** Returns how many versions of a model were added since the person last looked. */
export function freshOf(model: Model, seen: TreeInput['seen']): number {
  return seen === undefined ? 0 : Math.max(0, (model.latest ?? 0) - (seen.get(model.name) ?? 0));
}

function modelNode(mirror: Mirror, model: Model, drawing: TreeInput): Node {
  const opened = mirror.opened.get(model.name);
  const fresh = freshOf(model, drawing.seen);
  const row: Node = {
    id: `model:${model.name}`,
    label: model.name,
    description: [isPrompt(model) ? l10n.t('prompt') : '', modelDescription(model, fresh)]
      .filter((part) => part !== '')
      .join(' · '),
    icon: isPrompt(model) ? 'comment' : 'package',
    tooltip: modelTooltip(model, drawing.now),
    context: contextOf(model),
    subject: { kind: 'model', model },
    children: null,
  };
  const isKnown = opened !== undefined || drawing.found?.has(model.name) === true;
  return isKnown ? parent(row, () => childrenOf(mirror, model, opened ?? unread, drawing)) : row;
}

/** A model whose versions were not read; those that a filter found are known all the same. */
const unread: Opened = { versions: [], more: false };

function contextOf({ pointers, named }: Model): string {
  const back = pointers.some(({ previous }) => previous.length > 0) ? '.back' : '';
  return `model${back}${isGuessed(named) ? '.guessed' : ''}`;
}

function modelTooltip(model: Model, now: number): string {
  const tags = Object.entries(model.tags)
    .filter(([key]) => key !== promptTag)
    .map(([key, value]) => `${key}=${value}`);
  const lines = [
    model.name,
    model.description,
    l10n.t('{0} versions · latest v{1}', model.versions, model.latest ?? '–'),
    tags.join(', '),
    model.named ? nameOriginText(model.named) : '',
    l10n.t('updated {0}', ageText(model.updatedAt, now)),
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function childrenOf(mirror: Mirror, model: Model, opened: Opened, drawing: TreeInput): Node[] {
  const { now, options, found } = drawing;
  const matching = found?.get(model.name);
  const held = model.pointers.filter(({ holder }) => holder !== null);
  const listed = (matching ?? opened.versions).filter(({ stage }) => options.showArchived || stage !== 'archived');
  const columns = versionColumns(listed, model.primaryMetric);
  const candidates = matching ? [] : candidatesOf(mirror, model.name);
  return [
    ...(matching ? [] : held.map((pointer) => pointerNode(model.name, pointer, now))),
    ...candidates.map((artifact) => {
      const run = mirror.status?.runs.find(({ id }) => id === artifact.run);
      return candidateNode(artifact, now, { run, primary: model.primaryMetric?.name });
    }),
    ...listed.map((version) => {
      return versionNode(version, { model, before: before(opened.versions, version), columns, mirror, now });
    }),
    ...(opened.more && !matching ? [moreNode(model.name)] : []),
  ];
}

/** Finds the version before, among those that were read. */
function before(versions: readonly Version[], { number }: Version): Version | undefined {
  const at = versions.findIndex((version) => version.number === number);
  return at < 0 ? undefined : versions[at + 1];
}

/** Finds the saves of running runs for this model. */
function candidatesOf(mirror: Mirror, model: string): Artifact[] {
  const live = new Set(mirror.status?.runs.map(({ id }) => id) ?? []);
  return mirror.candidates.filter((artifact) => artifact.model === model && live.has(artifact.run ?? ''));
}

function pointerNode(model: string, pointer: Pointer, now: number): Node {
  const label = `${pointerText(pointer)} → v${pointer.holder}`;
  const past = pointer.bypassed === true ? l10n.t('gates overridden') : '';
  const canGoBack = pointer.previous.length > 0 ? 'back' : 'first';
  return {
    id: `pointer:${model}:${pointer.kind}:${pointer.name}`,
    label,
    description: [past, pointer.reason, ageText(pointer.at, now)].filter((part) => part !== '').join(' · '),
    icon: past === '' ? (pointer.kind === 'alias' ? 'tag' : 'rocket') : 'warning',
    ...(past === '' ? {} : { colour: 'problemsWarningIcon.foreground' }),
    tooltip:
      `${label}\n${l10n.t('by {0}, {1}', pointer.actor, new Date(pointer.at).toLocaleString())}\n${pointer.reason}`.trim(),
    context: `pointer.${pointer.kind}.${canGoBack}`,
    subject: { kind: 'pointer', model, pointer },
  };
}

/** Returns the row of an artifact that is no version. Saves of different runs often have one file name, so the run names it. */
export function candidateNode(
  artifact: Artifact,
  now: number,
  { run, primary }: { run?: Run | undefined; primary?: string | undefined } = {},
): Node {
  return {
    id: `candidate:${artifact.path}`,
    label: run ? `${runName(run)} · ${baseName(artifact.path)}` : baseName(artifact.path),
    description: candidateDescription(artifact, now, primary),
    icon: artifact.state === 'candidate' ? 'save' : 'watch',
    tooltip: `${artifact.path}\n${artifact.reason}`,
    context: 'candidate',
    subject: { kind: 'candidate', artifact },
  };
}

function moreNode(model: string): Node {
  const row = leaf(`more:${model}`, l10n.t('Load more…'), '', 'ellipsis');
  return { ...row, context: 'more', subject: { kind: 'more', model } };
}
