import * as vscode from 'vscode';
import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';
import { modelFrom, versionFrom, versionsFrom } from '../pick.ts';
import { offerUndo, reportReceipt } from './receipts.ts';
import { selection, type Command } from './command.ts';

/** Commands for aliases and the archive. */
export const stageCommands: Command[] = [
  { id: 'plinth.setAlias', run: setAlias },
  { id: 'plinth.removeAlias', run: removeAlias },
  { id: 'plinth.archive', run: (extension, node, ...rest) => restage(extension, node, rest, 'archive') },
  { id: 'plinth.restore', run: (extension, node, ...rest) => restage(extension, node, rest, 'restore') },
];

async function setAlias(extension: Extension, node?: Node): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Set Alias'));
  if (!version) return;
  const { model, number } = version;
  const { pointers } = await extension.service.call('GET /models/:model', { model });
  const alias = await vscode.window.showInputBox({
    title: vscode.l10n.t('Alias for {0} v{1}', model, number),
    placeHolder: 'champion',
    prompt: aliasesText(pointers.filter(({ kind, holder }) => kind === 'alias' && holder !== null)),
  });
  if (!alias) return;
  const plain = alias.replace(/^@/, '');
  const expect = pointers.find(({ kind, name }) => kind === 'alias' && name === plain)?.holder ?? null;
  const request = { model, version: String(number), alias: plain, expect };
  reportReceipt(extension, await extension.service.call('POST /models/:model/versions/:version/promote', request));
}

function aliasesText(held: readonly { name: string; holder: number | null }[]): string {
  const names = held.map(({ name, holder }) => `@${name} → v${holder}`).join(', ');
  return names === '' ? vscode.l10n.t('The model has no alias yet.') : names;
}

async function removeAlias(extension: Extension, node?: Node): Promise<void> {
  const title = vscode.l10n.t('Remove Alias');
  const model = await modelFrom(extension, node, title);
  if (model === undefined) return;
  const { pointers } = await extension.service.call('GET /models/:model', { model });
  const aliases = pointers.filter(({ kind, holder }) => kind === 'alias' && holder !== null);
  const clicked =
    node?.subject.kind === 'pointer' && node.subject.pointer.kind === 'alias' ? node.subject.pointer.name : undefined;
  const alias =
    clicked ??
    (await vscode.window.showQuickPick(
      aliases.map(({ name }) => name),
      { title },
    ));
  if (alias === undefined) return;
  reportReceipt(extension, await extension.service.call('POST /models/:model/unalias', { model, alias }));
}

async function restage(
  extension: Extension,
  node: Node | undefined,
  rest: readonly unknown[],
  act: 'archive' | 'restore',
): Promise<void> {
  const title = act === 'archive' ? vscode.l10n.t('Archive Version') : vscode.l10n.t('Restore Version');
  for (const { model, number } of await versionsFrom(extension, node, selection(rest), title)) {
    const request = { model, version: String(number) };
    const { seq, changed } = await extension.service.call(`POST /models/:model/versions/:version/${act}`, request);
    const text =
      act === 'archive'
        ? vscode.l10n.t('{0} v{1} is archived.', model, number)
        : vscode.l10n.t('{0} v{1} restored to development.', model, number);
    if (changed) offerUndo(extension, text, seq);
  }
}
