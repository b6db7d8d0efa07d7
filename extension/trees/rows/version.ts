import { isExternal, type ManifestFile, type Model, type Version } from '../../../daemon/protocol/model.ts';
import { versionDescription } from '../labels.ts';
import * as l10n from '@vscode/l10n';
import { approvalsNode } from './approvals.ts';
import { lineageNode } from './lineage.ts';
import type { TreeInput } from '../tree-input.ts';
import { group, leaf, parent, type Node } from '../nodes.ts';
import type { Mirror } from '../../mirror/reducer.ts';
import { numberText, sizeText } from '../../../daemon/shared/format.ts';
import { leadingMetrics, orderMetrics } from '../../../daemon/shared/metrics.ts';

/** Returns the row of a version. `before` is the version that it is compared with. */
export function versionNode(
  version: Version,
  before: Version | undefined,
  primary: Model['primaryMetric'],
  mirror: Mirror,
  drawing: TreeInput,
): Node {
  const id = `version:${version.model}@${version.number}`;
  const life = version.stage === 'archived' ? 'archived' : 'live';
  const row: Node = {
    id,
    label: `v${version.number}`,
    description: versionDescription(version, before, drawing.now, primary),
    ...look(version),
    tooltip: tooltipOf(version),
    context: `version.${version.state}.${life}`,
    subject: { kind: 'version', version },
  };
  return parent(row, () => detailNodes(id, version, mirror));
}

function look(version: Version): Pick<Node, 'icon' | 'colour'> {
  if (version.state === 'damaged') return { icon: 'error', colour: 'problemsErrorIcon.foreground' };
  if (version.pickle === 'runs code' || version.pickle === 'unreadable')
    return { icon: 'warning', colour: 'problemsWarningIcon.foreground' };
  if (version.stage === 'archived') return { icon: 'archive', colour: 'disabledForeground' };
  return { icon: 'package' };
}

function tooltipOf(version: Version): string {
  const tags = Object.entries(version.tags).map(([key, value]) => `${key}=${value}`);
  const lines = [
    `${version.model}@${version.number}`,
    version.description,
    [version.framework, version.frameworkVersion, version.modelClass, version.format]
      .filter((part) => part)
      .join(' · '),
    `${isExternal(version) ? l10n.t('external files') : sizeText(version.size)} · ${new Date(version.createdAt).toLocaleString()} · ${version.actor}`,
    tags.join(', '),
    ...version.problems.map(({ message }) => message),
    pickleText(version.pickle),
    version.state === 'damaged' ? l10n.t('Files are corrupted. Run Verify Integrity for details.') : '',
  ];
  return lines.filter((line) => line !== '').join('\n');
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
