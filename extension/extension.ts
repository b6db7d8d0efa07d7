import * as vscode from 'vscode';
import { RegistryError, messageOf } from '../daemon/errors.ts';
import { comparing, showDifferences } from './commands/compare.ts';
import { sources } from './commands/sources.ts';
import type { Command } from './commands/table.ts';
import { transitions } from './commands/transitions.ts';
import { versions } from './commands/versions.ts';
import type { Extension } from './context.ts';
import { registerDocuments } from './documents.ts';
import { registerFiles } from './files.ts';
import { registerLinks } from './links.ts';
import { Service } from './service.ts';
import { registerStatusBar } from './status-bar.ts';
import { putOnPath } from './terminal.ts';
import { registerViews } from './views/register.ts';
import type { Version } from '../daemon/protocol/model.ts';

/** Every command; all exist while the service is down: they start it, or explain. */
export const commands: readonly Command[] = [
  ...transitions,
  ...versions,
  ...comparing,
  ...sources,
  { id: 'plinth.showPair', run: (_extension, a, b) => showDifferences(a as Version, b as Version) },
];

/** Registers everything and returns at once; nothing is started before a view of ours is opened or the workspace is watched. */
export function activate(context: vscode.ExtensionContext): Extension {
  const log = vscode.window.createOutputChannel('Plinth', { log: true });
  const script = context.asAbsolutePath('dist/plinth.js');
  const service = new Service(script, log);
  const models = registerViews(context, service, () => void opened(service, log));
  const extension: Extension = { context, service, log, models };
  context.subscriptions.push(
    log,
    service,
    registerStatusBar(service),
    registerDocuments(service),
    registerFiles(service),
    registerLinks(),
  );
  for (const command of commands) context.subscriptions.push(registered(extension, command));
  putOnPath(context, script);
  void service.join();
  return extension;
}

function registered(extension: Extension, { id, run }: Command): vscode.Disposable {
  return vscode.commands.registerCommand(id, async (...args: unknown[]) => {
    try {
      await run(extension, ...args);
    } catch (error) {
      if (!(error instanceof RegistryError)) extension.log.error(id, error instanceof Error ? error : String(error));
      void vscode.window.showErrorMessage(messageOf(error));
    }
  });
}

/** A view of ours was opened: in a trusted workspace its folders are watched from now on. */
async function opened(service: Service, log: vscode.LogOutputChannel): Promise<void> {
  const wanted = vscode.workspace.getConfiguration('plinth').get('watch.workspaceFolders', true);
  if (!vscode.workspace.isTrusted) return void (await service.join());
  service.start();
  if (!wanted) return;
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    if (folder.uri.scheme !== 'file') continue;
    await service.call('POST /roots', { path: folder.uri.fsPath }).catch((error: unknown) => {
      log.info('a workspace folder is not watched', { folder: folder.uri.fsPath, reason: messageOf(error) });
    });
  }
}
