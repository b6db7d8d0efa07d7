import * as vscode from 'vscode';
import { chmod, cp, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Version } from '../../daemon/protocol/model.ts';
import type { Extension } from '../context.ts';
import { openPage, previewPage } from '../panels/open-page.ts';
import { asPreview, type Node } from '../trees/nodes.ts';
import { filesUri } from '../version-uris.ts';
import { modelFrom, pickModel, versionFrom, versionsFrom } from '../pick.ts';
import { working } from '../progress.ts';
import { drawAfterMs } from '../trees/register.ts';
import { selection, type Command } from './command.ts';

/** Commands that show and export versions. */
export const versionCommands: Command[] = [
  { id: 'plinth.openModel', run: openModel },
  { id: 'plinth.openVersion', run: openVersion },
  { id: 'plinth.showLineage', run: showLineage },
  { id: 'plinth.inspect', run: inspect },
  { id: 'plinth.openFile', run: openFile },
  { id: 'plinth.reveal', run: reveal },
  { id: 'plinth.export', run: (extension, node, ...rest) => exportVersions(extension, node, selection(rest)) },
  { id: 'plinth.attach', run: attach },
  { id: 'plinth.history', run: history },
  { id: 'plinth.search', run: search },
];

function of(version: Version): { model: string; version: string } {
  return { model: version.model, version: String(version.number) };
}

async function openModel(extension: Extension, node?: Node): Promise<void> {
  const model = await modelFrom(extension, node, vscode.l10n.t('Open Model'));
  if (model !== undefined) openPage(extension, { page: 'model', model });
}

async function openVersion(extension: Extension, node?: Node, how?: unknown): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Open Version'));
  const open = how === asPreview ? previewPage : openPage;
  if (version) open(extension, { page: 'version', ...of(version) });
}

async function showLineage(extension: Extension, node?: Node): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Show Lineage'));
  if (version) openPage(extension, { page: 'lineage', ...of(version) });
}

/** Shows what a model file contains. The menus of the explorer pass the file. */
async function inspect(extension: Extension, target: unknown): Promise<void> {
  const title = vscode.l10n.t('Inspect Model File');
  const path =
    target instanceof vscode.Uri
      ? target.fsPath
      : (await vscode.window.showOpenDialog({ title, canSelectFolders: true, canSelectFiles: true }))?.[0]?.fsPath;
  if (path !== undefined) openPage(extension, { page: 'inspect', path });
}

async function openFile(extension: Extension, node?: Node): Promise<void> {
  if (node?.subject.kind !== 'file') return;
  const { version, file } = node.subject;
  extension.service.wake();
  await vscode.commands.executeCommand('vscode.open', filesUri(version, file.path));
}

async function materialize(extension: Extension, version: Version): Promise<string> {
  const title = vscode.l10n.t('Verifying {0} v{1}…', version.model, version.number);
  const request = of(version);
  const { path } = await working(extension.service, title, () =>
    extension.service.call('POST /models/:model/versions/:version/materialise', request),
  );
  return path;
}

async function reveal(extension: Extension, node?: Node): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Reveal Artifact'));
  if (version)
    await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(await materialize(extension, version)));
}

/** Copies versions, verified and with their real file names, into a folder that the person picks. */
async function exportVersions(
  extension: Extension,
  node: Node | undefined,
  nodes: readonly Node[] | undefined,
): Promise<void> {
  const title = vscode.l10n.t('Export Version to Folder');
  const chosen = await versionsFrom(extension, node, nodes, title);
  const options = { title, openLabel: vscode.l10n.t('Export'), canSelectFolders: true, canSelectFiles: false };
  const folder = chosen.length > 0 ? (await vscode.window.showOpenDialog(options))?.[0] : undefined;
  if (!folder) return;
  for (const version of chosen) await exportOne(extension, version, folder.fsPath);
  const label = vscode.l10n.t('Reveal');
  const text = vscode.l10n.t('Exported to {0}', folder.fsPath);
  void extension.messages.show('written', text, label).then(async (picked) => {
    if (picked === label) await vscode.commands.executeCommand('revealFileInOS', folder);
  });
}

async function exportOne(extension: Extension, version: Version, folder: string): Promise<void> {
  const path = await materialize(extension, version);
  const name = `${version.model.replaceAll(/[^\p{L}\p{N}._-]/gu, '_')}-v${version.number}`;
  const target = join(folder, name);
  const whole = (await stat(path)).isDirectory();
  const options = { recursive: true, dereference: true, force: false, errorOnExist: true };
  await cp(path, whole ? target : join(target, basename(path)), options);
  await makeWritable(target);
}

/** Makes exported files writable. The registry's own copies are read-only. */
async function makeWritable(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o644);
}

async function attach(extension: Extension, node?: Node): Promise<void> {
  const title = vscode.l10n.t('Attach Metrics or Report');
  const version = await versionFrom(extension, node, title);
  const files = version && (await vscode.window.showOpenDialog({ title, canSelectMany: true }));
  if (!version || !files) return;
  for (const { fsPath } of files)
    await extension.service.call('POST /models/:model/versions/:version/attach', { ...of(version), path: fsPath });
}

async function history(extension: Extension, node?: Node): Promise<void> {
  const model = await modelFrom(extension, node, vscode.l10n.t('Show History'));
  if (model !== undefined) openPage(extension, { page: 'history', model });
}

/** Lets the person pick a model and shows it in the tree. */
async function search(extension: Extension): Promise<void> {
  const model = await pickModel(extension, vscode.l10n.t('Search Models'));
  if (model !== undefined) await showInTree(extension, model);
}

/** Selects the row of a model or of one of its versions. */
export async function showInTree({ models, tree, service }: Extension, model: string, number?: number): Promise<void> {
  await service.open(model);
  await vscode.commands.executeCommand('plinth.models.focus');
  await waitForDrawing();
  const within = ({ context, subject }: Node): boolean =>
    context === 'group' || (number !== undefined && subject.kind === 'model' && subject.model.name === model);
  const id = number === undefined ? `model:${model}` : `version:${model}@${number}`;
  const row = models.find(id, within);
  if (row) await tree.reveal(row, { select: true, focus: true, expand: number === undefined });
}

/** Waits until the tree shows the current mirror. */
function waitForDrawing(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2 * drawAfterMs));
}
