import * as vscode from 'vscode';
import type { Node } from './nodes.ts';
import type { TreeOptions } from './tree-input.ts';
import type { Mirror } from '../mirror/reducer.ts';
import { viewStateOf, type Opening } from './view-state.ts';

/** Shows what there is to know above the tree, and sets the context key that chooses the welcome text. */
export function updateViewMessage(
  tree: vscode.TreeView<Node>,
  mirror: Mirror,
  shown: { options: TreeOptions; problem: string; isEmpty: boolean; opening: Opening },
): void {
  tree.message = shown.problem === '' ? messageOf(mirror, shown.options, shown.isEmpty) : shown.problem;
  const state = viewStateOf(mirror, shown.options.filter, shown.opening);
  if (state !== undefined) void vscode.commands.executeCommand('setContext', 'plinth.state', state);
}

/** Returns the message; empty when the tree is empty and its welcome text helps, since a message would hide that. */
function messageOf(mirror: Mirror, { filter }: TreeOptions, isEmpty: boolean): string {
  if (mirror.phase !== 'running') return isEmpty || mirror.asOf === null ? '' : sinceText(mirror.asOf);
  const bad = mirror.status?.roots.find(({ state, detail }) => state === 'error' && detail !== null);
  const facts = [
    mirror.status?.readOnly ?? '',
    mirror.readsOnly ?? '',
    bad ? `${bad.path}: ${bad.detail}` : '',
    filter === '' || isEmpty ? '' : vscode.l10n.t('Filter: "{0}"', filter),
  ];
  return facts.find((fact) => fact !== '') ?? '';
}

function sinceText(asOf: number): string {
  const time = new Date(asOf).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return vscode.l10n.t('Offline. Last updated {0}.', time);
}
