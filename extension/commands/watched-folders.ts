import * as vscode from 'vscode';
import { RegistryError } from '../../daemon/errors.ts';
import type { Extension } from '../context.ts';
import type { Root } from '../../daemon/protocol/model.ts';
import { baseName, type Node } from '../trees/nodes.ts';
import { trackedRunIn } from '../../daemon/shared/runs/run-id.ts';
import { openPage } from '../panels/open-page.ts';
import { showInTree } from './versions.ts';
import { working } from '../progress.ts';
import type { Command } from './command.ts';

/** Commands for files and folders: register one, watch one, explain why one is not there. */
export const folderCommands: Command[] = [
  { id: 'plinth.register', run: (extension, node, ...rest) => register(extension, node, rest[0]) },
  { id: 'plinth.registerNow', run: registerNow },
  { id: 'plinth.registerFound', run: registerFound },
  { id: 'plinth.showInRegistry', run: showInRegistry },
  { id: 'plinth.why', run: why },
  { id: 'plinth.ignore', run: ignore },
  { id: 'plinth.watchFolder', run: watchFolder },
  { id: 'plinth.stopWatching', run: stopWatching },
  { id: 'plinth.pauseWatching', run: pauseWatching },
  { id: 'plinth.resumeWatching', run: resumeWatching },
  { id: 'plinth.rescan', run: rescan },
  { id: 'plinth.openRuns', run: openRuns },
  { id: 'plinth.createSample', run: createSample },
];

/** Opens the list of runs, or the page of one run that an MLflow client logged. */
async function openRuns(extension: Extension, node?: Node): Promise<void> {
  const id = node?.subject?.kind === 'run' ? node.subject.run.id : '';
  const tracked = trackedRunIn(id);
  openPage(extension, tracked === undefined ? { page: 'runs' } : { page: 'run', run: tracked });
  await Promise.resolve();
}

/** Returns the path of the file that a menu of the explorer passes, or of a row. */
function pathOf(target: unknown): string | undefined {
  if (target instanceof vscode.Uri) return target.fsPath;
  const subject = (target as Node | undefined)?.subject;
  if (subject?.kind === 'link') return subject.link.target;
  if (subject?.kind === 'better') return subject.path;
  return subject?.kind === 'candidate' ? subject.artifact.path : undefined;
}

async function register(extension: Extension, target: unknown, all: unknown): Promise<void> {
  const chosen = Array.isArray(all) ? all.filter((one) => one instanceof vscode.Uri) : [];
  const given = chosen.length > 0 ? chosen : target instanceof vscode.Uri ? [target] : await pickFiles();
  for (const uri of given) await registerPath(extension, uri.fsPath);
}

async function pickFiles(): Promise<vscode.Uri[]> {
  const title = vscode.l10n.t('Register as Model Version');
  const options = { title, canSelectFiles: true, canSelectFolders: true, canSelectMany: true };
  return (await vscode.window.showOpenDialog(options)) ?? [];
}

async function registerPath(extension: Extension, path: string): Promise<void> {
  try {
    const { version } = await extension.service.call('POST /register', { path });
    reportRegistered(
      extension,
      vscode.l10n.t('Registered {0} v{1}.', version.model, version.number),
      version.model,
      version.number,
    );
  } catch (error) {
    if (!(error instanceof RegistryError && error.code === 'already-registered')) throw error;
    void vscode.window.showInformationMessage(error.message);
  }
}

function reportRegistered(extension: Extension, text: string, model: string, number: number): void {
  const label = vscode.l10n.t('Show');
  void extension.messages.show('registered', text, label).then(async (chosen) => {
    if (chosen === label) await showInTree(extension, model, number);
  });
}

async function registerNow(extension: Extension, node?: Node): Promise<void> {
  const path = pathOf(node);
  if (path !== undefined) await registerPath(extension, path);
}

/** Registers the existing models of a watched folder, or of all of them. */
async function registerFound({ service, messages }: Extension, node?: Node): Promise<void> {
  const roots = node?.subject.kind === 'root' ? [node.subject.root] : (service.mirror.status?.roots ?? []);
  const [counts, title] = [{ registered: 0, skipped: 0 }, vscode.l10n.t('Registering existing models…')];
  await working(service, title, async () => {
    for (const { path } of roots.filter((root) => root.counts.found > 0)) {
      const reply = await service.call('POST /found/register', { root: path });
      counts.registered += reply.registered;
      counts.skipped += reply.skipped;
    }
  });
  const { registered, skipped } = counts;
  void messages.show('registered', vscode.l10n.t('Registered {0}; skipped {1}.', registered, skipped));
}

async function showInRegistry(extension: Extension, target: unknown): Promise<void> {
  const path = pathOf(target);
  if (path === undefined) return;
  const { artifact, reason } = await extension.service.call('GET /why', { path });
  if (artifact?.model && artifact.version !== null) await showInTree(extension, artifact.model, artifact.version);
  else void vscode.window.showInformationMessage(`${baseName(path)}: ${reason}`);
}

async function why(extension: Extension, target: unknown): Promise<void> {
  const title = vscode.l10n.t('Why was this file not registered?');
  const options = { title, canSelectFolders: true, canSelectFiles: true };
  const path = pathOf(target) ?? (await vscode.window.showOpenDialog(options))?.[0]?.fsPath;
  if (path === undefined) return;
  const { reason, artifact } = await extension.service.call('GET /why', { path });
  const registerable = artifact !== null && artifact.version === null;
  const label = vscode.l10n.t('Register Now');
  const text = `${baseName(path)}: ${reason}`;
  void vscode.window.showInformationMessage(text, ...(registerable ? [label] : [])).then(async (chosen) => {
    if (chosen === label) await vscode.commands.executeCommand('plinth.register', vscode.Uri.file(path));
  });
}

async function ignore(extension: Extension, target: unknown): Promise<void> {
  const path = pathOf(target);
  const pattern = await vscode.window.showInputBox({
    title: vscode.l10n.t('Ignore Files Like This'),
    value: path === undefined ? '' : baseName(path),
    prompt: vscode.l10n.t('Glob pattern, e.g. *.ckpt; without "/" it matches file names in any folder'),
  });
  if (!pattern) return;
  await extension.service.call('POST /ignored', { pattern });
  const undo = vscode.l10n.t('Undo');
  void vscode.window.showInformationMessage(vscode.l10n.t('Ignoring {0}', pattern), undo).then(async (chosen) => {
    if (chosen === undo) await extension.service.call('POST /ignored/remove', { pattern });
  });
}

async function watchFolder(extension: Extension, target: unknown): Promise<void> {
  const title = vscode.l10n.t('Watch Folder');
  const options = { title, openLabel: vscode.l10n.t('Watch'), canSelectFolders: true, canSelectFiles: false };
  const path = pathOf(target) ?? (await vscode.window.showOpenDialog(options))?.[0]?.fsPath;
  if (path !== undefined) await extension.service.call('POST /roots', { path });
}

async function stopWatching(extension: Extension, node?: Node): Promise<void> {
  const path = clickedRoot(node) ?? (await pickRoot(extension, vscode.l10n.t('Stop Watching'), () => true));
  if (path !== undefined) await extension.service.call('POST /roots/remove', { path });
}

async function pauseWatching(extension: Extension, node?: Node): Promise<void> {
  const isLive = ({ state }: Root): boolean => state !== 'paused';
  const path = clickedRoot(node) ?? (await pickRoot(extension, vscode.l10n.t('Pause Watching'), isLive));
  if (path !== undefined) await extension.service.call('POST /roots/pause', { path });
}

async function resumeWatching(extension: Extension, node?: Node): Promise<void> {
  const isPaused = ({ state }: Root): boolean => state === 'paused';
  const path = clickedRoot(node) ?? (await pickRoot(extension, vscode.l10n.t('Resume Watching'), isPaused));
  if (path !== undefined) await extension.service.call('POST /roots/resume', { path });
}

async function pickRoot(
  { service }: Extension,
  title: string,
  wanted: (root: Root) => boolean,
): Promise<string | undefined> {
  const { roots } = await service.call('GET /roots', {});
  const paths = roots.filter(wanted).map((root) => root.path);
  return vscode.window.showQuickPick(paths, { title });
}

function clickedRoot(node: Node | undefined): string | undefined {
  if (node?.subject.kind === 'root') return node.subject.root.path;
  const path = node?.subject.kind === 'event' ? node.subject.event.body['path'] : undefined;
  return typeof path === 'string' ? path : undefined;
}

async function rescan(extension: Extension, node?: Node): Promise<void> {
  const path = clickedRoot(node);
  await working(extension.service, vscode.l10n.t('Scanning…'), () =>
    extension.service.call('POST /scan', path === undefined ? {} : { path }),
  );
}

/** Copies real training output, which ships with the extension, into a folder of its own, and watches it. */
async function createSample({ context, service }: Extension): Promise<void> {
  const folder = vscode.Uri.joinPath(context.globalStorageUri, 'sample');
  const outputs = vscode.Uri.joinPath(folder, 'outputs');
  await vscode.workspace.fs.createDirectory(folder);
  await service.call('POST /roots', { path: folder.fsPath });
  const source = vscode.Uri.joinPath(context.extensionUri, 'dist', 'sample');
  await vscode.workspace.fs.copy(source, outputs, { overwrite: true });
  await vscode.commands.executeCommand('plinth.models.focus');
}
