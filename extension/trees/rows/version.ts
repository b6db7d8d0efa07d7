import { isExternal, type ManifestFile, type Model, type Version } from '../../../daemon/protocol/model.ts';
import { changeText, trendOf, versionDescription, type VersionColumns } from '../labels.ts';
import * as l10n from '@vscode/l10n';
import { approvalsNode } from './approvals.ts';
import { lineageNode } from './lineage.ts';
import { group, leaf, parent, type Node } from '../nodes.ts';
import type { Mirror } from '../../mirror/reducer.ts';
import { exactTimeText, numberText, sizeText } from '../../../daemon/shared/format.ts';
import { directionOf, leadingMetrics, metricOf, orderMetrics } from '../../../daemon/shared/metrics.ts';
import { trainedAt } from '../../../daemon/shared/version-time.ts';
import { kindParts } from '../../../daemon/shared/model-kind.ts';

/** What the row of a version depends on besides the version. */
export interface VersionContext {
  model: Model;
  /** The version that it is compared with. */
  before: Version | undefined;
  columns: VersionColumns;
  mirror: Mirror;
  now: number;
}

export function versionNode(version: Version, context: VersionContext): Node {
  const { model, before, columns, mirror, now } = context;
  const id = `version:${version.model}@${version.number}`;
  const life = version.stage === 'archived' ? 'archived' : 'live';
  const row: Node = {
    id,
    label: `v${version.number}`,
    description: versionDescription(version, before, now, columns),
    ...look(version, primaryTrend(version, before, model.primaryMetric)),
    tooltip: tooltipOf(version, before, model),
    context: `version.${version.state}${isReviewed(version, model, mirror) ? '.asks' : ''}.${life}`,
    subject: { kind: 'version', version },
  };
  return parent(row, () => detailNodes(id, version, mirror));
}

/** True if menus offer approvals: the policy asks for them, or somebody has asked for one. */
function isReviewed({ number }: Version, { name, asksApproval }: Model, { details }: Mirror): boolean {
  return asksApproval === true || (details.get(`${name}@${number}`)?.approvals?.length ?? 0) > 0;
}

function primaryTrend(
  { metrics }: Version,
  before: Version | undefined,
  primary: Model['primaryMetric'],
): ReturnType<typeof trendOf> {
  const name = primary?.name ?? null;
  return trendOf(metricOf(metrics, name), metricOf(before?.metrics ?? {}, name), primary?.direction ?? null);
}

/** A triangle says by shape and colour whether the version is better than the one before. */
function look(version: Version, trend: ReturnType<typeof trendOf>): Pick<Node, 'icon' | 'colour'> {
  if (version.state === 'damaged') return { icon: 'error', colour: 'problemsErrorIcon.foreground' };
  if (version.pickle === 'runs code' || version.pickle === 'unreadable')
    return { icon: 'warning', colour: 'problemsWarningIcon.foreground' };
  if (version.stage === 'archived') return { icon: 'archive', colour: 'disabledForeground' };
  if (trend === 'better') return { icon: 'triangle-up', colour: 'testing.iconPassed' };
  if (trend === 'worse') return { icon: 'triangle-down', colour: 'testing.iconFailed' };
  return { icon: 'git-commit' };
}

const maxTooltipMetrics = 8;

function tooltipOf(version: Version, before: Version | undefined, model: Model): string {
  const tags = Object.entries(version.tags).map(([key, value]) => `${key}=${value}`);
  const metrics = orderMetrics(version.metrics, leadingMetrics(model));
  const lines = [
    `${version.model}@${version.number}`,
    version.description,
    ...metrics.slice(0, maxTooltipMetrics).map(([name, value]) => metricLine(name, value, before)),
    metrics.length > maxTooltipMetrics ? l10n.t('{0} more metrics', metrics.length - maxTooltipMetrics) : '',
    [...kindParts(version), ...(version.modelClass ? [version.modelClass] : [])].join(' · '),
    `${isExternal(version) ? l10n.t('external files') : sizeText(version.size)} · ${exactTimeText(trainedAt(version))} · ${version.actor}`,
    tags.join(', '),
    ...version.problems.map(({ message }) => message),
    pickleText(version.pickle),
    version.state === 'damaged' ? l10n.t('Files are corrupted. Run Verify Integrity for details.') : '',
  ];
  return lines.filter((line) => line !== '').join('\n');
}

/** Returns `auc 0.914 ▲ +0.006`, against the version before. */
function metricLine(name: string, value: number | string, before: Version | undefined): string {
  const change = changeText(value, metricOf(before?.metrics ?? {}, name), directionOf(name));
  return `${name} ${numberText(value)}${change}`;
}

/** Says what loading the pickle would do; empty when that is harmless. */
export function pickleText(safety: Version['pickle']): string {
  switch (safety) {
    case 'runs code':
      return l10n.t('Unsafe: loading this pickle runs code that it names. Load it only if you trust the author.');
    case 'unreadable':
      return l10n.t('This pickle could not be analysed; treat it as unsafe.');
    case 'known imports only':
      return l10n.t('Safe imports only: all classes come from known libraries.');
    case 'no code':
      return l10n.t('This pickle contains no code.');
    case null:
      return '';
  }
}

function detailNodes(id: string, version: Version, mirror: Mirror): Node[] {
  const groups: [string, string, Node[], string][] = [
    ['metrics', l10n.t('Metrics'), metricNodes(id, version, mirror), 'graph'],
    ['params', l10n.t('Parameters'), paramNodes(id, version), 'settings'],
    ['checks', l10n.t('Checks'), checkNodes(id, version), 'checklist'],
  ];
  const shown = groups.filter(([, , children]) => children.length > 0);
  const [metrics, params, ...rest] = shown.map(([key, label, children, icon]) =>
    group(`${id}:${key}`, label, icon, children, key === 'metrics'),
  );
  const [artifacts, lineage] = [artifactsNode(id, version, mirror), lineageNode(id, version, mirror)];
  const approvals = approvalsNode(id, version, mirror);
  return [metrics, params, artifacts, lineage, approvals, ...rest].filter((node) => node !== undefined);
}

function metricNodes(id: string, version: Version, mirror: Mirror): Node[] {
  const model = mirror.models.find(({ name }) => name === version.model);
  return orderMetrics(version.metrics, leadingMetrics(model)).map(([name, value]) =>
    leaf(`${id}:m:${name}`, name, numberText(value), 'graph-line'),
  );
}

function paramNodes(id: string, version: Version): Node[] {
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(version.params).map(([name, value]) =>
    leaf(`${id}:p:${name}`, name, text(value), 'symbol-parameter'),
  );
}

function addressOf({ source }: Version): string {
  return source.mlflow?.location ?? source.path;
}

/** Returns the row of its files, which are read when the row is opened. */
function artifactsNode(id: string, version: Version, mirror: Mirror): Node {
  const files = mirror.details.get(`${version.model}@${version.number}`)?.files;
  if (isExternal(version))
    return {
      ...leaf(`${id}:artifacts`, l10n.t('Artifacts'), l10n.t('external files'), 'cloud'),
      tooltip: addressOf(version),
    };
  const count = version.files === 1 ? l10n.t('1 file') : l10n.t('{0} files', version.files);
  return {
    ...leaf(`${id}:artifacts`, l10n.t('Artifacts'), `${count} · ${sizeText(version.size)}`, 'folder'),
    context: 'files',
    subject: { kind: 'files', version },
    children: files ? fileNodes(version, files) : null,
  };
}

function checkNodes(id: string, version: Version): Node[] {
  const pickle = pickleText(version.pickle);
  const state = version.state === 'damaged' ? l10n.t('damaged') : l10n.t('verified when last read');
  const bytes = isExternal(version)
    ? { ...leaf(`${id}:c:state`, l10n.t('integrity'), l10n.t('external files'), 'cloud'), tooltip: addressOf(version) }
    : leaf(`${id}:c:state`, l10n.t('integrity'), state, version.state === 'damaged' ? 'error' : 'verified');
  return [
    bytes,
    leaf(`${id}:c:digest`, l10n.t('checksum'), version.digest, 'key'),
    ...(pickle === '' ? [] : [leaf(`${id}:c:pickle`, version.pickle ?? '', pickle, 'shield')]),
    ...version.problems.map((problem, index) => leaf(`${id}:c:${index}`, problem.code, problem.message, 'warning')),
  ];
}

/** Returns the rows of a version's files, by their paths in it. */
function fileNodes(version: Version, files: readonly ManifestFile[]): Node[] {
  return files.map((file) => {
    const name = file.path === '' ? version.primary : file.path;
    return {
      ...leaf(`version:${version.model}@${version.number}:f:${name}`, name, sizeText(file.size), 'file'),
      tooltip: `${name}\n${sizeText(file.size)}\nsha256:${file.sha256}`,
      context: 'file',
      subject: { kind: 'file', version, file: { ...file, path: name } },
    };
  });
}
