import * as vscode from 'vscode';
import type { Extension } from './context.ts';

/** Copies real training output that ships with the extension into a folder, and watches it. */
export async function createSample(extension: Extension): Promise<void> {
  const { context, service } = extension;
  const folder = vscode.Uri.joinPath(context.globalStorageUri, 'sample');
  await vscode.workspace.fs.delete(folder, { recursive: true, useTrash: false }).then(undefined, () => undefined);
  await vscode.workspace.fs.createDirectory(folder);
  await service.call('POST /roots', { path: folder.fsPath });
  const source = vscode.Uri.joinPath(context.extensionUri, 'dist', 'sample');
  await vscode.workspace.fs.copy(source, vscode.Uri.joinPath(folder, 'outputs'), { overwrite: true });
  await vscode.commands.executeCommand('plinth.models.focus');
}
