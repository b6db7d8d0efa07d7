import * as vscode from 'vscode';
import { messageOf } from '../../daemon/errors.ts';
import { isCondition } from '../../daemon/shared/search/condition.ts';
import { itemFilter } from '../../daemon/shared/search/filter.ts';
import type { Extension } from '../context.ts';
import type { TreeOptions } from '../trees/tree-input.ts';
import type { Node } from '../trees/nodes.ts';
import { working } from '../progress.ts';
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
  await working(extension.service, vscode.l10n.t('Scanning…'), () => extension.service.call('POST /scan', {}));
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
    placeHolder: 'val/auc > 0.9 and stage = production',
    prompt: vscode.l10n.t('Words of the name, or a condition as for plinth ls --where'),
    validateInput: problemOf,
  });
  if (value !== undefined) await options.choose({ filter: value });
}

/** Returns what is wrong with a condition; undefined if nothing is. */
function problemOf(text: string): string | undefined {
  if (!isCondition(text)) return undefined;
  try {
    itemFilter(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
