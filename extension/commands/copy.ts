import * as vscode from 'vscode';
import type { PointerKind, Version } from '../../daemon/protocol/model.ts';
import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';
import { snippet } from '../load-snippets.ts';
import { referenceOf, versionFrom } from '../pick.ts';
import { linkTo } from '../links.ts';
import type { Command } from './command.ts';
import { modelUri, referenceTo } from '../../daemon/shared/references.ts';

export const copyCommands: Command[] = [
  { id: 'plinth.copyUri', run: copyUri },
  { id: 'plinth.copyReference', run: copyReference },
  { id: 'plinth.copyUriByStage', run: (extension, node) => copyMovingUri(extension, 'stage', node) },
  { id: 'plinth.copyUriByAlias', run: (extension, node) => copyMovingUri(extension, 'alias', node) },
  { id: 'plinth.copyLink', run: copyLink },
  { id: 'plinth.copySnippet', run: copySnippet },
  { id: 'plinth.copyFact', run: copyFact },
];

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied {0}', text.split('\n')[0] ?? ''), 3000);
}

async function copyUri(extension: Extension, node?: Node): Promise<void> {
  if (node?.subject.kind === 'pointer') return copy(modelUri(node.subject.model, node.subject.pointer));
  const version = await versionFrom(extension, node, vscode.l10n.t('Copy Model URI'));
  if (version) await copy(modelUri(version.model, version.number));
}

/** Copies the short form that the command line accepts: `churn@7`, `churn@production`. */
async function copyReference(extension: Extension, node?: Node): Promise<void> {
  if (node?.subject.kind === 'pointer') return copy(referenceTo(node.subject.model, node.subject.pointer.name));
  const version = await versionFrom(extension, node, vscode.l10n.t('Copy Reference'));
  if (version) await copy(referenceOf(version));
}

/** Copies a URI that follows the stage or alias when it moves. */
async function copyMovingUri(extension: Extension, kind: PointerKind, node?: Node): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Copy Model URI'));
  const name = version && (await pointerNameOf(version, kind));
  if (version && name !== undefined) await copy(modelUri(version.model, { kind, name }));
}

async function pointerNameOf(version: Version, kind: PointerKind): Promise<string | undefined> {
  const held = version.stage === 'production' || version.stage === 'staging' ? [version.stage] : [];
  const names = kind === 'stage' ? held : version.aliases;
  if (names.length > 1) return vscode.window.showQuickPick(names, { title: vscode.l10n.t('Copy Model URI') });
  if (names[0] !== undefined) return names[0];
  const text =
    kind === 'stage'
      ? vscode.l10n.t('{0} v{1} is in no stage.', version.model, version.number)
      : vscode.l10n.t('{0} v{1} has no alias.', version.model, version.number);
  void vscode.window.showInformationMessage(text);
  return undefined;
}

/** Copies an address that opens the version, or the newest version of a model, in VS Code from anywhere. */
async function copyLink(extension: Extension, node?: Node): Promise<void> {
  if (node?.subject?.kind === 'model') return copy(linkTo(extension, node.subject.model.name));
  const version = await versionFrom(extension, node, vscode.l10n.t('Copy Link'));
  if (version) await copy(linkTo(extension, version.model, version.number));
}

async function copySnippet(extension: Extension, node?: Node): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Copy Load Snippet'));
  if (version) await copy(snippet(version));
}

async function copyFact(_extension: Extension, node?: Node): Promise<void> {
  if (!node) return;
  await copy(node.subject.kind === 'event' ? node.tooltip : `${node.label} ${node.description}`.trim());
}
