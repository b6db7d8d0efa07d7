import * as vscode from 'vscode';
import { RegistryError } from '../../daemon/errors.ts';
import type { Extension } from '../context.ts';
import type { Node } from '../nodes.ts';
import { createSample } from '../sample.ts';
import { modelFrom, versionFrom } from './pick.ts';
import type { Command } from './table.ts';

/** Files and folders: registering by hand, watching, and why something is not there; and the service itself. */
export const sources: Command[] = [
  { id: 'plinth.register', run: (extension, target, all) => register(extension, target, all) },
  { id: 'plinth.registerNow', run: (extension, node) => registerNow(extension, node as Node) },
  { id: 'plinth.why', run: (extension, target) => why(extension, target) },
  { id: 'plinth.ignore', run: (extension, node) => ignore(extension, node as Node | undefined) },
  { id: 'plinth.watchFolder', run: (extension, target) => watchFolder(extension, target as vscode.Uri | undefined) },
  { id: 'plinth.stopWatching', run: (extension, node) => stopWatching(extension, node as Node | undefined) },
  { id: 'plinth.rescan', run: rescan },
  { id: 'plinth.verify', run: (extension, node) => verify(extension, node as Node | undefined) },
  { id: 'plinth.backUp', run: backUp },
  { id: 'plinth.start', run: (extension) => Promise.resolve(extension.service.start()) },
  { id: 'plinth.stop', run: (extension) => extension.service.stop() },
  { id: 'plinth.restart', run: restart },
  { id: 'plinth.showLog', run: (extension) => Promise.resolve(extension.log.show()) },
  { id: 'plinth.showStatus', run: showStatus },
  { id: 'plinth.refresh', run: rescan },
  { id: 'plinth.loadMore', run: (extension, node) => loadMore(extension, node as Node) },
  { id: 'plinth.search', run: (extension) => search(extension) },
  { id: 'plinth.createSample', run: createSample },
  { id: 'plinth.getStarted', run: getStarted },
];

async function register(extension: Extension, target: unknown, all: unknown): Promise<void> {
  const given = Array.isArray(all) ? (all as vscode.Uri[]) : target instanceof vscode.Uri ? [target] : undefined;
  const options = {
    title: vscode.l10n.t('Register as Model Version'),
    canSelectFiles: true,
    canSelectFolders: true,
    canSelectMany: true,
  };
  for (const uri of given ?? (await vscode.window.showOpenDialog(options)) ?? [])
    await registerPath(extension, uri.fsPath);
}

async function registerPath(extension: Extension, path: string): Promise<void> {
  try {
    const { version } = await extension.service.call('POST /register', { path });
    void vscode.window.showInformationMessage(vscode.l10n.t('Registered {0} v{1}.', version.model, version.number));
  } catch (error) {
    if (!(error instanceof RegistryError && error.code === 'already-registered')) throw error;
    void vscode.window.showInformationMessage(error.message);
  }
}

async function registerNow(extension: Extension, node: Node): Promise<void> {
  if (node.subject.kind === 'candidate') await registerPath(extension, node.subject.artifact.path);
}

async function why(extension: Extension, target: unknown): Promise<void> {
  const node = target as Node | undefined;
  const path =
    target instanceof vscode.Uri
      ? target.fsPath
      : node?.subject.kind === 'candidate'
        ? node.subject.artifact.path
        : await pickFile();
  if (path === undefined) return;
  const { reason } = await extension.service.call('GET /why', { path });
  void vscode.window.showInformationMessage(`${path}: ${reason}`);
}

async function pickFile(): Promise<string | undefined> {
  return (
    await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Why was this file not registered?'),
      canSelectFolders: true,
    })
  )?.[0]?.fsPath;
}

async function ignore(extension: Extension, node: Node | undefined): Promise<void> {
  const name = node?.subject.kind === 'candidate' ? node.subject.artifact.path.split(/[\\/]/).at(-1) : '';
  const pattern = await vscode.window.showInputBox({
    title: vscode.l10n.t('Ignore files like this'),
    value: name ?? '',
    prompt: vscode.l10n.t('A glob; without / it matches a name anywhere'),
  });
  if (pattern) await extension.service.call('POST /ignored', { pattern });
}

async function watchFolder(extension: Extension, target: vscode.Uri | undefined): Promise<void> {
  const folder =
    target ??
    (
      await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Watch Folder'),
        canSelectFolders: true,
        canSelectFiles: false,
      })
    )?.[0];
  if (folder) await extension.service.call('POST /roots', { path: folder.fsPath });
}

async function stopWatching(extension: Extension, node: Node | undefined): Promise<void> {
  const { roots } = await extension.service.call('GET /roots', {});
  const path =
    node?.subject.kind === 'root'
      ? node.subject.root.path
      : await vscode.window.showQuickPick(roots.map((root) => root.path));
  if (path !== undefined) await extension.service.call('POST /roots/remove', { path });
}

async function rescan(extension: Extension): Promise<void> {
  await vscode.window.withProgress({ location: { viewId: 'plinth.models' } }, () =>
    extension.service.call('POST /scan', {}),
  );
}

async function verify(extension: Extension, node: Node | undefined): Promise<void> {
  const version = node?.subject.kind === 'version' ? await versionFrom(extension, node, '') : undefined;
  const model = node?.subject.kind === 'model' ? await modelFrom(extension, node, '') : undefined;
  const request = version
    ? { model: version.model, version: String(version.number) }
    : model === undefined
      ? {}
      : { model };
  const title = vscode.l10n.t('Verifying …');
  const report = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
    extension.service.call('POST /verify', request),
  );
  const faults = report.faults.map(({ subject, detail }) => `${subject}: ${detail}`).join('; ');
  if (report.ok)
    void vscode.window.showInformationMessage(
      vscode.l10n.t('All is sound: {0} events, {1} versions, {2} files.', report.events, report.versions, report.blobs),
    );
  else void vscode.window.showErrorMessage(vscode.l10n.t('Damage was found. {0}', faults));
}

async function backUp(extension: Extension): Promise<void> {
  const { path } = await extension.service.call('POST /backup', {});
  void vscode.window.showInformationMessage(vscode.l10n.t('Backed up to {0}', path));
}

async function restart(extension: Extension): Promise<void> {
  await extension.service.stop();
  extension.service.start();
}

async function showStatus(extension: Extension): Promise<void> {
  const status = await extension.service.call('GET /status', {});
  const document = await vscode.workspace.openTextDocument({
    language: 'json',
    content: JSON.stringify(status, null, 2),
  });
  await vscode.window.showTextDocument(document, { preview: true });
}

async function loadMore(extension: Extension, node: Node): Promise<void> {
  if (node.subject.kind === 'more') await extension.service.open(node.subject.model, true);
}

async function search(extension: Extension): Promise<void> {
  const model = await modelFrom(extension, undefined, vscode.l10n.t('Search Models'));
  const node = extension.models.roots.find((root) => root.label === model);
  if (node) await vscode.commands.executeCommand('plinth.models.focus');
  if (model !== undefined) await extension.service.open(model);
}

async function getStarted(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', 'plinth.plinth#start', false);
}
