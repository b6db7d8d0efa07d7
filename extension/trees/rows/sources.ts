import type { LinkedFolder, Root, Run } from '../../../daemon/protocol/model.ts';
import { metricLabel } from '../labels.ts';
import { mostInformativeMetric } from '../../../daemon/shared/metrics.ts';
import type { Mirror } from '../../mirror/reducer.ts';
import * as l10n from '@vscode/l10n';
import { endedRunNodes } from './ended-runs.ts';
import { candidateNode } from './models.ts';
import { baseName, group, leaf, type Node } from '../nodes.ts';
import { ageText, sizeText } from '../../../daemon/shared/format.ts';
import { runName } from '../../../daemon/shared/runs/run-id.ts';

/** Lists watched folders, running runs, ended runs, waiting artifacts, found artifacts that are not registered, and the service. */
export function sourceNodes(mirror: Mirror, now: number): Node[] {
  if (mirror.phase === 'unknown') return [];
  const roots = mirror.status?.roots.map((root) => rootNode(root, mirror, now)) ?? [];
  const runs = mirror.status?.runs.map((run) => runNode(mirror, run, now)) ?? [];
  const waiting = mirror.waiting.map((artifact) => ({ ...candidateNode(artifact, now), description: artifact.reason }));
  const work = [...mirror.progress].map(([what, { done, total }]) =>
    leaf(`work:${what}`, baseName(what), `${Math.floor((100 * done) / Math.max(1, total))} %`, 'sync~spin'),
  );
  return [
    ...roots,
    ...runs,
    ...endedRunNodes(mirror, now),
    ...(waiting.length > 0 ? [group('waiting', l10n.t('Waiting'), 'watch', waiting)] : []),
    ...work,
    serviceNode(mirror, now),
  ];
}

/** In a folder full of links the first ones are enough to recognize it. */
const maxLinks = 50;

function rootNode(root: Root, mirror: Mirror, now: number): Node {
  const { registered, candidate, found, ignored, unreadable } = root.counts;
  const links = root.links ?? [];
  const counts: [number, string][] = [
    [registered, l10n.t('{0} registered', registered)],
    [candidate, l10n.t('{0} candidates', candidate)],
    [found, l10n.t('{0} found', found)],
    [ignored, l10n.t('{0} ignored', ignored)],
    [unreadable, l10n.t('{0} unreadable', unreadable)],
    [links.length, l10n.t('{0} links not followed', links.length)],
  ];
  const countTexts = counts.filter(([count], index) => count > 0 || index === 0).map(([, text]) => text);
  const existing = mirror.found.filter((artifact) => artifact.root === root.path);
  const below = [
    ...links.slice(0, maxLinks).map((link) => linkNode(root, link)),
    ...existing.map((artifact) => candidateNode(artifact, now)),
  ];
  const bad = root.state === 'error' || root.state === 'missing' || (root.state === 'watching' && root.detail !== null);
  return {
    id: `root:${root.path}`,
    label: baseName(root.path),
    description: [root.state, ...countTexts].join(' · '),
    icon: bad ? 'warning' : root.state === 'paused' ? 'debug-pause' : 'eye',
    ...(bad ? { colour: 'problemsWarningIcon.foreground' } : {}),
    tooltip: [root.path, root.detail ?? root.state, ...scanTexts(root, mirror, now)].join('\n'),
    context: root.state === 'paused' ? 'root.paused' : found > 0 ? 'root.live.found' : 'root.live',
    subject: { kind: 'root', root },
    ...(below.length > 0 ? { children: below } : {}),
  };
}

/** Says when this window saw the folder's last scan; nothing if it saw none. */
function scanTexts({ path }: Root, { scans }: Mirror, now: number): string[] {
  const last = scans.find(({ root }) => root === path);
  if (!last) return [];
  const seconds = (last.tookMs / 1000).toFixed(1);
  return [l10n.t('Last scan: {0}, {1} files in {2} s', ageText(last.at, now), last.files, seconds)];
}

/** Shows a link that leads out of its folder. It is not followed, but a click watches its target. */
function linkNode(root: Root, link: LinkedFolder): Node {
  const { path, target } = link;
  return {
    id: `link:${path}`,
    label: path.slice(root.path.length + 1),
    description: l10n.t('linked to {0} · not followed', target),
    icon: 'file-symlink-directory',
    tooltip: [path, l10n.t('A link to {0}, which is not followed.', target)].join('\n'),
    context: 'link',
    subject: { kind: 'link', link },
  };
}

function runNode(mirror: Mirror, run: Run, now: number): Node {
  const saved = mirror.candidates.filter((artifact) => artifact.run === run.id);
  const facts = [run.status, metricLabel(run.metrics, mostInformativeMetric(run.metrics)), ageText(run.updatedAt, now)];
  return {
    id: `run:${run.id}`,
    label: runName(run),
    description: facts.filter((part) => part !== '').join(' · '),
    icon: 'beaker',
    tooltip: run.folder,
    context: 'run',
    subject: { kind: 'run', run },
    ...(saved.length > 0 ? { children: saved.map((artifact) => candidateNode(artifact, now)) } : {}),
  };
}

function serviceNode(mirror: Mirror, now: number): Node {
  const { status, phase, problem } = mirror;
  const up = status && phase === 'running';
  const facts = up
    ? [
        l10n.t('process {0}', status.pid),
        l10n.t('started {0}', ageText(status.startedAt, now)),
        sizeText(status.memoryBytes),
      ].join(' · ')
    : (problem ?? phaseText(phase));
  const warnings = (up && status.warnings) || [];
  const tooltip = up ? [facts, status.dataFolder, status.readOnly ?? '', ...warnings] : [facts];
  return {
    ...leaf(
      'service',
      l10n.t('Registry service {0}', status?.version ?? '').trim(),
      facts,
      !up ? 'debug-disconnect' : warnings.length > 0 ? 'warning' : 'server-process',
    ),
    ...(warnings.length > 0 && { colour: 'problemsWarningIcon.foreground', children: warnings.map(warningNode) }),
    tooltip: tooltip.filter((line) => line !== '').join('\n'),
    context: `service.${phase}`,
    subject: { kind: 'service' },
  };
}

/** A condition of the service that needs attention, such as notices of webhooks that were given up. */
function warningNode(text: string, at: number): Node {
  return { ...leaf(`service:warning:${at}`, text, '', 'warning'), tooltip: text };
}

function phaseText(phase: Mirror['phase']): string {
  const texts = {
    unknown: '',
    starting: l10n.t('starting'),
    running: l10n.t('running'),
    stopped: l10n.t('not running'),
    failed: l10n.t('could not be started'),
  };
  return texts[phase];
}
