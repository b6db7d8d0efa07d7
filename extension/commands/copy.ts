import * as vscode from 'vscode';
import type { Version } from '../../daemon/protocol/model.ts';
import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';
import { snippet } from '../editors/load-snippets.ts';
import { referenceOf, versionFrom } from '../pick.ts';
import type { Command } from './command.ts';
import { referenceTo } from '../../daemon/shared/references.ts';

/** What goes to the clipboard. */
export const copying: Command[] = [
  { id: 'plinth.copyUri', run: (extension, node) => copyUri(extension, node) },
  { id: 'plinth.copyUriByStage', run: (extension, node) => copyUri(extension, node, 'stage') },
  { id: 'plinth.copyUriByAlias', run: (extension, node) => copyUri(extension, node, 'alias') },
  { id: 'plinth.copySnippet', run: copySnippet },
  { id: 'plinth.copyFact', run: copyFact },
];

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied {0}', text.split('\n')[0] ?? ''), 3000);
}

async function copyUri(extension: Extension, node: Node | undefined, by?: 'stage' | 'alias'): Promise<void> {
  if (by === undefined && node?.subject.kind === 'pointer') {
    const { model, pointer } = node.subject;
    return copy(referenceTo(model, pointer.name));
  }
  const version = await versionFrom(extension, node, vscode.l10n.t('Copy Model URI'));
  if (!version) return;
  const chosen = by === undefined ? referenceOf(version) : await moving(version, by);
  if (chosen !== undefined) await copy(chosen);
}

/** A reference that follows the stage or alias wherever it goes. */
async function moving(version: Version, by: 'stage' | 'alias'): Promise<string | undefined> {
  const held = version.stage === 'production' || version.stage === 'staging' ? [version.stage] : [];
  const names = by === 'stage' ? held : version.aliases;
  if (names.length > 1) {
    const name = await vscode.window.showQuickPick(names, { title: vscode.l10n.t('Copy Model URI') });
    return name && referenceTo(version.model, name);
  }
  if (names[0] !== undefined) return `${version.model}@${names[0]}`;
  const text =
    by === 'stage'
      ? vscode.l10n.t('{0} v{1} is in no stage.', version.model, version.number)
      : vscode.l10n.t('{0} v{1} has no alias.', version.model, version.number);
  void vscode.window.showInformationMessage(text);
  return undefined;
}

async function copySnippet(extension: Extension, node?: Node): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Copy Load Snippet'));
  if (version) await copy(snippet(version));
}

async function copyFact(_extension: Extension, node?: Node): Promise<void> {
  if (!node) return;
  await copy(node.subject.kind === 'event' ? node.tooltip : `${node.label} ${node.description}`.trim());
}
