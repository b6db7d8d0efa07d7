import * as vscode from 'vscode';
import type { Service } from './service.ts';
import type { Mirror } from './state.ts';

/** One item on the left; quiet unless something is to be known. */
export function registerStatusBar(service: Service): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('plinth.status', vscode.StatusBarAlignment.Left, 0);
  item.name = 'Plinth';
  item.command = 'plinth.models.focus';
  const draw = (): void => {
    const { text, tooltip, warning } = sayings(service.mirror);
    item.text = text;
    item.tooltip = tooltip;
    item.backgroundColor = warning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    if (text === '') item.hide();
    else item.show();
  };
  draw();
  return vscode.Disposable.from(item, service.onChange(draw));
}

function sayings(mirror: Mirror): { text: string; tooltip: string; warning: boolean } {
  const { phase, problem, status } = mirror;
  if (phase === 'failed') return { text: '$(error) Models', tooltip: problem ?? '', warning: true };
  if (phase === 'starting')
    return { text: '$(sync~spin) Models', tooltip: problem ?? vscode.l10n.t('Connecting'), warning: false };
  if (phase !== 'running' || !status) return { text: '', tooltip: '', warning: false };
  const live = status.runs.length;
  const text = live > 0 ? `$(beaker) ${vscode.l10n.t('{0} training', live)}` : '$(package) Models';
  if (status.readOnly !== null) return { text: '$(warning) Models', tooltip: status.readOnly, warning: true };
  return { text, tooltip: vscode.l10n.t('{0} models, {1} versions', status.models, status.versions), warning: false };
}
