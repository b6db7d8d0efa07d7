import * as vscode from 'vscode';
import type { Extension } from './context.ts';

/** Copies real training output that ships with the extension into a folder of its own, and watches it. */
export async function createSample({ context, service }: Extension): Promise<void> {
  const folder = vscode.Uri.joinPath(context.globalStorageUri, 'sample');
  const outputs = vscode.Uri.joinPath(folder, 'outputs');
  await vscode.workspace.fs.createDirectory(folder);
  await service.call('POST /roots', { path: folder.fsPath });
  const source = vscode.Uri.joinPath(context.extensionUri, 'dist', 'sample');
  await vscode.workspace.fs.copy(source, outputs, { overwrite: true });
  await vscode.commands.executeCommand('plinth.models.focus');
}
