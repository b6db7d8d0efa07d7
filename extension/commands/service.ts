import * as vscode from 'vscode';
import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';
import { modelFrom, versionFrom } from '../pick.ts';
import { workingInStatusBar } from '../progress.ts';
import type { Command } from './command.ts';

/** Commands for the service itself, and for its maintenance. */
export const serviceCommands: Command[] = [
  { id: 'plinth.verify', run: verify },
  { id: 'plinth.backUp', run: backUp },
  { id: 'plinth.start', run: async (extension) => extension.service.start(true) },
  { id: 'plinth.stop', run: (extension) => extension.service.stop() },
  { id: 'plinth.restart', run: restart },
  { id: 'plinth.setAccessToken', run: setAccessToken },
  { id: 'plinth.showLog', run: (extension) => Promise.resolve(extension.log.show()) },
  { id: 'plinth.showServiceLog', run: showServiceLog },
  { id: 'plinth.showStatus', run: showStatus },
  { id: 'plinth.getStarted', run: getStarted },
];

async function verify(extension: Extension, node?: Node): Promise<void> {
  const version = node?.subject.kind === 'version' ? await versionFrom(extension, node, '') : undefined;
  const model = node?.subject.kind === 'model' ? await modelFrom(extension, node, '') : undefined;
  const ofModel = model === undefined ? {} : { model };
  const request = version ? { model: version.model, version: String(version.number) } : ofModel;
  const title = vscode.l10n.t('Verifying…');
  const report = await workingInStatusBar(extension.service, title, () =>
    extension.service.call('POST /verify', request),
  );
  if (report.ok) {
    const counts = [report.events, report.versions, report.blobs];
    void extension.messages.show(
      'verified',
      vscode.l10n.t('Integrity verified: {0} events, {1} versions, {2} files.', ...counts),
    );
    return;
  }
  const faults = report.faults.map(({ subject, detail, fix }) => [`${subject}: ${detail}`, fix ?? ''].join('. '));
  extension.log.warn('damage was found', { faults });
  void vscode.window.showErrorMessage(vscode.l10n.t('Damage found. {0}', faults.slice(0, 5).join('; ')));
}

async function backUp(extension: Extension): Promise<void> {
  const title = vscode.l10n.t('Backing up…');
  const { path } = await workingInStatusBar(extension.service, title, () => extension.service.call('POST /backup', {}));
  const label = vscode.l10n.t('Reveal');
  void extension.messages.show('backedUp', vscode.l10n.t('Backed up to {0}', path), label).then(async (chosen) => {
    if (chosen === label) await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(path));
  });
}

async function restart({ service }: Extension): Promise<void> {
  await service.stop();
  service.start(true);
}

async function setAccessToken({ service }: Extension): Promise<void> {
  if (await service.remote.askToken()) await service.reconnect();
}

async function showServiceLog({ service }: Extension): Promise<void> {
  const log = vscode.Uri.joinPath(vscode.Uri.file(service.dataFolder), 'log', 'daemon.log');
  if (service.remote.url !== undefined)
    throw new Error(
      vscode.l10n.t('The registry at {0} runs on another machine. Read its log there.', service.remote.url),
    );
  try {
    await vscode.window.showTextDocument(log);
  } catch {
    throw new Error(vscode.l10n.t('There is no log at {0}. The service has not been started yet.', log.fsPath));
  }
}

async function showJson(value: unknown): Promise<void> {
  const content = JSON.stringify(value, null, 2);
  const document = await vscode.workspace.openTextDocument({ language: 'json', content });
  await vscode.window.showTextDocument(document, { preview: true });
}

async function showStatus({ service }: Extension): Promise<void> {
  await showJson(await service.call('GET /status', {}));
}

async function getStarted({ context }: Extension): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#start`, false);
}
