import * as vscode from 'vscode';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';
import { versionFrom } from '../pick.ts';
import { working } from '../progress.ts';
import type { Command } from './command.ts';

/** Commands about how versions were made, and by which rules. */
export const reproduceCommands: Command[] = [
  { id: 'plinth.reproduce', run: reproduce },
  { id: 'plinth.importMlflow', run: importMlflow },
  { id: 'plinth.editPolicy', run: editPolicy },
];

/** Writes the code of a version into a new folder, and offers to open it. */
async function reproduce(extension: Extension, node?: Node): Promise<void> {
  const title = vscode.l10n.t('Reproduce');
  const version = await versionFrom(extension, node, title);
  const options = {
    title,
    openLabel: vscode.l10n.t('Choose Parent Folder'),
    canSelectFolders: true,
    canSelectFiles: false,
  };
  const parent = version && (await vscode.window.showOpenDialog(options))?.[0];
  if (!version || !parent) return;
  const folder = freeName(parent.fsPath, `${version.model}-v${version.number}`);
  // Loaded when it is needed, because nothing else in the extension needs git.
  const { reproduce: layOut } = await import('../../daemon/clients/client/reproduce.ts');
  const made = await working(
    extension.service,
    vscode.l10n.t('Reproducing {0} v{1}…', version.model, version.number),
    () => extension.service.withClient((client) => layOut(client, version.model, String(version.number), folder)),
  );
  const [open, guide] = [vscode.l10n.t('Open in New Window'), vscode.l10n.t('Open Instructions')];
  const text = vscode.l10n.t('Reproduced {0} v{1} in {2}. {3}', version.model, version.number, folder, made.missing);
  void vscode.window.showInformationMessage(text.trim(), open, guide).then(async (chosen) => {
    const uri = vscode.Uri.file(folder);
    if (chosen === open) await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: true });
    if (chosen === guide) await vscode.window.showTextDocument(vscode.Uri.joinPath(uri, 'REPRODUCE.md'));
  });
}

function freeName(parent: string, name: string): string {
  for (let number = 1; ; number += 1) {
    const folder = join(parent, number === 1 ? name : `${name}-${number}`);
    if (!existsSync(folder)) return folder;
  }
}

async function importMlflow(extension: Extension): Promise<void> {
  const title = vscode.l10n.t('Import from MLflow');
  const filters = { 'mlflow.db': ['db', 'sqlite'], [vscode.l10n.t('All Files')]: ['*'] };
  const options = { title, openLabel: vscode.l10n.t('Import'), canSelectFolders: true, canSelectFiles: true, filters };
  const chosen = (await vscode.window.showOpenDialog(options))?.[0];
  if (!chosen) return;
  const { models, versions, known, left } = await working(extension.service, vscode.l10n.t('Importing…'), () =>
    extension.service.call('POST /import', { path: chosen.fsPath }),
  );
  for (const text of left) extension.log.warn('left out of the import', { text });
  const showLog = vscode.l10n.t('Show Log');
  const counts = vscode.l10n.t('Imported {0} versions of {1} models; {2} already existed.', versions, models, known);
  const rest = left.length === 0 ? '' : vscode.l10n.t('{0} skipped: {1}', left.length, left[0] ?? '');
  const buttons = left.length === 0 ? [] : [showLog];
  void vscode.window.showInformationMessage(`${counts} ${rest}`.trim(), ...buttons).then((button) => {
    if (button === showLog) extension.log.show();
  });
}

/** Opens the workspace's plinth.yaml. When there is none, opens a proposal, which takes effect once it is saved. */
async function editPolicy(extension: Extension): Promise<void> {
  const folder = await workspaceFolder();
  if (!folder) throw new Error(vscode.l10n.t('Open a folder first. The policy is stored in its plinth.yaml.'));
  const { path, exists, text } = await extension.service.call('GET /policy', { path: folder.uri.fsPath });
  if (exists) return void (await vscode.window.showTextDocument(vscode.Uri.file(path)));
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path).with({ scheme: 'untitled' }));
  const editor = await vscode.window.showTextDocument(document);
  await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), text));
}

async function workspaceFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.length > 1 ? vscode.window.showWorkspaceFolderPick() : folders[0];
}
