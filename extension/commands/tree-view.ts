import * as vscode from 'vscode';
import type { Extension } from '../context.ts';
import type { TreeOptions } from '../trees/tree-input.ts';
import type { Node } from '../trees/nodes.ts';
import type { Command } from './command.ts';

/** Commands that change how the tree is shown. */
export const treeCommands: Command[] = [
  { id: 'plinth.refresh', run: refresh },
  { id: 'plinth.loadMore', run: loadMore },
  { id: 'plinth.groupBy', run: groupBy },
  { id: 'plinth.sortBy', run: sortBy },
  { id: 'plinth.filter', run: filter },
  { id: 'plinth.clearFilter', run: ({ options }) => options.choose({ filter: '' }) },
  { id: 'plinth.showArchived', run: ({ options }) => options.choose({ showArchived: true }) },
  { id: 'plinth.hideArchived', run: ({ options }) => options.choose({ showArchived: false }) },
];

async function refresh(extension: Extension): Promise<void> {
  await vscode.window.withProgress({ location: { viewId: 'plinth.models' } }, () =>
    extension.service.call('POST /scan', {}),
  );
}

async function loadMore({ service }: Extension, node?: Node): Promise<void> {
  if (node?.subject.kind === 'more') await service.open(node.subject.model, true);
}

async function chosen<T>(title: string, choices: readonly (readonly [T, string])[], now: T): Promise<T | undefined> {
  const mark = vscode.l10n.t('current');
  const picks = choices.map(([value, label]) => ({ label, value, description: value === now ? mark : '' }));
  return (await vscode.window.showQuickPick(picks, { title }))?.value;
}

async function groupBy({ options }: Extension): Promise<void> {
  const choices: [TreeOptions['groupBy'], string][] = [
    ['none', vscode.l10n.t('No groups')],
    ['stage', vscode.l10n.t('By stage')],
    ['framework', vscode.l10n.t('By framework')],
    ['folder', vscode.l10n.t('By folder')],
  ];
  const value = await chosen(vscode.l10n.t('Group Models'), choices, options.now.groupBy);
  if (value) await options.choose({ groupBy: value });
}

async function sortBy({ options }: Extension): Promise<void> {
  const choices: [TreeOptions['sortBy'], string][] = [
    ['changed', vscode.l10n.t('Recently changed')],
    ['name', vscode.l10n.t('Name')],
    ['created', vscode.l10n.t('Recently created')],
    ['metric', vscode.l10n.t('Best metric')],
  ];
  const value = await chosen(vscode.l10n.t('Sort Models'), choices, options.now.sortBy);
  if (value) await options.choose({ sortBy: value });
}

async function filter({ options }: Extension): Promise<void> {
  const title = vscode.l10n.t('Filter Models');
  const value = await vscode.window.showInputBox({
    title,
    value: options.now.filter,
    prompt: vscode.l10n.t('Part of the name'),
  });
  if (value !== undefined) await options.choose({ filter: value });
}
