import * as vscode from 'vscode';
import type { Service } from './service.ts';
import { setting } from './settings.ts';
import type { Mirror } from './mirror/reducer.ts';

const commands = ['plinth.models.focus', 'plinth.showLog', 'plinth.restart', 'plinth.start', 'plinth.rescan'];

/**
 * Shows one item on the left, without a warning unless there is something to know. `fresh` returns the number of versions that
 * the person has not seen.
 */
export function registerStatusBar(service: Service, fresh: () => number): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('plinth.status', vscode.StatusBarAlignment.Left, 0);
  item.name = vscode.l10n.t('Models');
  item.command = 'plinth.models.focus';
  const draw = (): void => {
    const { icon, words, warning } = sayings(service.mirror, fresh());
    const visibility = setting<'auto' | 'always' | 'never'>('statusBar.visibility', 'auto');
    item.text = `$(${icon}) ${words}`;
    item.tooltip = tooltipOf(service.mirror);
    item.accessibilityInformation = { label: vscode.l10n.t('Models: {0}', words) };
    item.backgroundColor = warning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    if (visibility === 'always' || (visibility === 'auto' && isWorthShowing(service.mirror))) item.show();
    else item.hide();
  };
  draw();
  return vscode.Disposable.from(item, service.onChange(draw));
}

/** False in a window that never had to do with models. */
function isWorthShowing({ phase, asOf }: Mirror): boolean {
  return phase === 'running' || phase === 'failed' || asOf !== null;
}

interface Saying {
  icon: string;
  words: string;
  warning: boolean;
}

function sayings(mirror: Mirror, fresh: number): Saying {
  const { phase, status, progress } = mirror;
  const models = vscode.l10n.t('Models');
  if (phase === 'failed') return { icon: 'error', words: models, warning: true };
  if (phase === 'starting') return { icon: 'sync~spin', words: models, warning: false };
  if (phase !== 'running' || !status)
    return { icon: 'debug-disconnect', words: vscode.l10n.t('Plinth: service stopped'), warning: false };
  const bad = status.readOnly !== null || status.roots.some(({ state }) => state === 'error');
  if (bad) return { icon: 'warning', words: models, warning: true };
  if (progress.size > 0) return { icon: 'sync~spin', words: models, warning: false };
  const live = status.runs.length;
  const running = live === 1 ? vscode.l10n.t('1 run in progress') : vscode.l10n.t('{0} runs in progress', live);
  if (live > 0) return { icon: 'beaker', words: running, warning: false };
  return { icon: 'package', words: fresh > 0 ? vscode.l10n.t('{0} new', fresh) : models, warning: false };
}

/** Builds the tooltip. Only our own commands are links in it; all other content is plain text. */
function tooltipOf({ phase, problem, status }: Mirror): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString('', true);
  tooltip.isTrusted = { enabledCommands: commands };
  if (status) tooltip.appendText(vscode.l10n.t('{0} models, {1} versions', status.models, status.versions));
  const watched =
    status?.roots.length === 1
      ? vscode.l10n.t('1 folder watched')
      : vscode.l10n.t('{0} folders watched', status?.roots.length ?? 0);
  if (status) tooltip.appendMarkdown('\n\n').appendText(watched);
  for (const { path, state, detail } of status?.roots ?? [])
    if (state !== 'watching') tooltip.appendMarkdown('\n\n').appendText(`${path}: ${detail ?? state}`);
  if (status?.readOnly) tooltip.appendMarkdown('\n\n').appendText(status.readOnly);
  for (const text of status?.warnings ?? []) tooltip.appendMarkdown('\n\n').appendText(text);
  if (problem !== null) tooltip.appendMarkdown('\n\n').appendText(problem);
  const act =
    phase === 'stopped' || phase === 'failed'
      ? ['plinth.start', vscode.l10n.t('Start')]
      : ['plinth.rescan', vscode.l10n.t('Rescan')];
  const links = [
    ['plinth.models.focus', vscode.l10n.t('Show Models')],
    act,
    ['plinth.showLog', vscode.l10n.t('Show Log')],
  ];
  tooltip.appendMarkdown(`\n\n${links.map(([command, label]) => `[${label}](command:${command})`).join(' · ')}`);
  return tooltip;
}
