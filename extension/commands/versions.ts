import * as vscode from 'vscode';
import type { Version } from '../../daemon/protocol/model.ts';
import type { Extension } from '../context.ts';
import type { Node } from '../nodes.ts';
import { snippet } from '../snippets.ts';
import { textUri } from '../documents.ts';
import { filesUri } from '../files.ts';
import { modelFrom, readVersion, versionFrom } from './pick.ts';
import type { Command } from './table.ts';

/** What one does with a version or a model that moves no pointer. */
export const versions: Command[] = [
  { id: 'plinth.openVersion', run: (extension, node) => openVersion(extension, node as Node | undefined) },
  { id: 'plinth.copyUri', run: (extension, node) => copyUri(extension, node as Node | undefined) },
  { id: 'plinth.copySnippet', run: (extension, node) => copySnippet(extension, node as Node | undefined) },
  { id: 'plinth.reveal', run: (extension, node) => reveal(extension, node as Node | undefined) },
  { id: 'plinth.export', run: (extension, node) => exportVersion(extension, node as Node | undefined) },
  { id: 'plinth.describe', run: (extension, node) => describe(extension, node as Node | undefined) },
  { id: 'plinth.tag', run: (extension, node) => tag(extension, node as Node | undefined) },
  { id: 'plinth.rename', run: (extension, node) => rename(extension, node as Node | undefined) },
  { id: 'plinth.move', run: (extension, node) => move(extension, node as Node | undefined) },
  { id: 'plinth.delete', run: (extension, node) => remove(extension, node as Node | undefined) },
  { id: 'plinth.attach', run: (extension, node) => attach(extension, node as Node | undefined) },
  { id: 'plinth.history', run: (extension, node) => history(extension, node as Node | undefined) },
];

function of(version: Version): { model: string; version: string } {
  return { model: version.model, version: String(version.number) };
}

async function openVersion(extension: Extension, node: Node | undefined): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Open Version'));
  if (version) await vscode.window.showTextDocument(textUri(version, 'version.json'), { preview: true });
}

async function copyUri(extension: Extension, node: Node | undefined): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Copy Model URI'));
  if (!version) return;
  const pinned = `${version.model}@${version.number}`;
  const held =
    version.stage === 'production' || version.stage === 'staging' ? [`${version.model}@${version.stage}`] : [];
  const choices = [pinned, ...held, ...version.aliases.map((alias) => `${version.model}@${alias}`)];
  const chosen =
    choices.length === 1
      ? pinned
      : await vscode.window.showQuickPick(choices, { title: vscode.l10n.t('Copy Model URI') });
  if (chosen) await vscode.env.clipboard.writeText(chosen);
}

async function copySnippet(extension: Extension, node: Node | undefined): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Copy Load Snippet'));
  if (version) await vscode.env.clipboard.writeText(snippet(version));
}

async function reveal(extension: Extension, node: Node | undefined): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Reveal Artifact'));
  if (!version) return;
  const { path } = await extension.service.call('POST /models/:model/versions/:version/materialise', of(version));
  await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(path));
}

/** Copies a version's files, under their real names, into a folder of the person's. */
async function exportVersion(extension: Extension, node: Node | undefined): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Export Version'));
  const title = vscode.l10n.t('Export Version to Folder');
  const picked =
    version && (await vscode.window.showOpenDialog({ title, canSelectFolders: true, canSelectFiles: false }));
  const folder = picked?.[0];
  if (!version || !folder) return;
  const target = vscode.Uri.joinPath(folder, `${version.model}-v${version.number}`);
  await vscode.workspace.fs.copy(filesUri(version), target, { overwrite: false });
  void vscode.window.showInformationMessage(vscode.l10n.t('Exported to {0}', target.fsPath));
}

async function describe(extension: Extension, node: Node | undefined): Promise<void> {
  const version =
    node?.subject.kind === 'model' ? undefined : await versionFrom(extension, node, vscode.l10n.t('Edit Description'));
  if (version) {
    const description = await ask(
      vscode.l10n.t('Description of {0} v{1}', version.model, version.number),
      version.description,
    );
    if (description !== undefined)
      await extension.service.call('POST /models/:model/versions/:version/describe', { ...of(version), description });
  } else if (node?.subject.kind === 'model') {
    const { name } = node.subject.model;
    const description = await ask(vscode.l10n.t('Description of {0}', name), node.subject.model.description);
    if (description !== undefined)
      await extension.service.call('POST /models/:model/describe', { model: name, description });
  }
}

async function ask(title: string, value = ''): Promise<string | undefined> {
  return vscode.window.showInputBox({ title, value });
}

async function tag(extension: Extension, node: Node | undefined): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Edit Tags'));
  if (!version) return;
  const text = await ask(vscode.l10n.t('Tag as key=value; key= takes it away'));
  const at = text?.indexOf('=') ?? -1;
  if (text === undefined || at < 1) return;
  const value = text.slice(at + 1);
  await extension.service.call('POST /models/:model/versions/:version/tag', {
    ...of(version),
    key: text.slice(0, at),
    value: value === '' ? null : value,
  });
}

async function rename(extension: Extension, node: Node | undefined): Promise<void> {
  const model = await modelFrom(extension, node, vscode.l10n.t('Rename Model'));
  const name = model === undefined ? undefined : await ask(vscode.l10n.t('New name of {0}', model), model);
  if (model !== undefined && name !== undefined && name !== model)
    await extension.service.call('POST /models/:model/rename', { model, name });
}

async function move(extension: Extension, node: Node | undefined): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Move to Model'));
  const to = version && (await ask(vscode.l10n.t('Model that {0} v{1} belongs to', version.model, version.number)));
  if (version && to) await extension.service.call('POST /models/:model/versions/:version/move', { ...of(version), to });
}

async function remove(extension: Extension, node: Node | undefined): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Delete Version'));
  if (!version) return;
  const label = vscode.l10n.t('Delete');
  const text = vscode.l10n.t('Delete {0} v{1}? It can be brought back for 7 days.', version.model, version.number);
  if ((await vscode.window.showWarningMessage(text, { modal: true }, label)) !== label) return;
  await extension.service.call('POST /models/:model/versions/:version/delete', of(version));
}

async function attach(extension: Extension, node: Node | undefined): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Attach Metrics or Report'));
  const files =
    version &&
    (await vscode.window.showOpenDialog({ title: vscode.l10n.t('Attach Metrics or Report'), canSelectMany: true }));
  for (const file of files ?? []) {
    await extension.service.call('POST /models/:model/versions/:version/attach', {
      ...of(version!),
      path: file.fsPath,
    });
  }
}

async function history(extension: Extension, node: Node | undefined): Promise<void> {
  const model = await modelFrom(extension, node, vscode.l10n.t('Show History'));
  if (model === undefined) return;
  const latest = await readVersion(extension, model, 'latest');
  await vscode.window.showTextDocument(textUri(latest, 'history.txt'), { preview: true });
}
