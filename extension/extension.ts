import * as vscode from 'vscode';
import { Unavailable } from '../daemon/clients/client/unavailable.ts';
import { RegistryError, messageOf } from '../daemon/errors.ts';
import { registerMcpServer } from './agents/mcp-server.ts';
import { registerTools } from './agents/register-tools.ts';
import { createExports } from './api/plinth-api.ts';
import type { PlinthExtension } from './api/plinth.d.ts';
import { Basket } from './compare-selection.ts';
import { registerCards } from './editors/card-documents.ts';
import type { Extension } from './context.ts';
import { registerDecorations } from './trees/decorations.ts';
import { registerDropIntoEditor } from './trees/drop-into-editor.ts';
import { registerFiles } from './editors/file-system.ts';
import { focused, isKey, isLost } from './trees/focused-item.ts';
import { registerLanguageClient } from './language/language-client.ts';
import { registerLinks } from './links.ts';
import type { Node } from './trees/nodes.ts';
import { Opening } from './auto-start.ts';
import { askThrough } from './language/consumers.ts';
import { registerInspector } from './panels/inspector.ts';
import { registerNotices } from './notices/notices.ts';
import { registerPages } from './panels/open-page.ts';
import { Service } from './service.ts';
import { SuppressedMessages } from './suppressed-messages.ts';
import { registerStatusBar } from './status-bar.ts';
import { putOnPath, registerMlflowEnvironment } from './terminal.ts';
import { Options } from './trees/options.ts';
import { registerTestExplorer } from './test-explorer/register.ts';
import { registerViews } from './trees/register.ts';
import { Seen } from './trees/unread-versions.ts';
import { registerPrimaryMetricSetting } from './primary-metric.ts';
import * as l10n from '@vscode/l10n';

/** Registers everything and returns at once. No service starts before one of our views is opened or the workspace is watched. */
export function activate(context: vscode.ExtensionContext): PlinthExtension & Partial<ForTests> {
  l10n.config({ contents: (vscode.l10n.bundle ?? {}) as Record<string, string> });
  const log = vscode.window.createOutputChannel('Plinth', { log: true });
  const script = context.asAbsolutePath('dist/plinth.js');
  const { version } = context.extension.packageJSON as { version: string };
  const service = new Service({ script, version }, log, context.secrets);
  const basket = new Basket(context.workspaceState);
  const options = new Options(context.workspaceState);
  const opening = new Opening(service, context.workspaceState, log);
  const seen = new Seen(context.globalState);
  const views = registerViews({ service, basket, options, seen, opening });
  const messages = new SuppressedMessages(context.globalState);
  const shared = { context, service, log, basket, options, messages };
  const extension: Extension = { ...shared, models: views.rows, tree: views.tree };
  const exports = createExports(extension);
  const language = registerLanguageClient(extension);
  askThrough(language);
  context.subscriptions.push(
    log,
    service,
    basket,
    options,
    opening,
    views,
    exports,
    registerStatusBar(service, () => (views.tree.visible ? 0 : seen.fresh(service.mirror))),
    registerFiles(service),
    registerCards({ service }),
    registerDecorations(service),
    registerDropIntoEditor(),
    language,
    registerLinks(extension),
    registerPages(extension),
    registerNotices(extension),
    registerInspector(extension),
    registerMlflowEnvironment(context, service),
    registerAgents(extension),
    registerTestExplorer(extension),
    reconnectOnSetting(service),
    registerPrimaryMetricSetting(service),
    reportFailures(service),
    ...declaredCommands(context).map((id) => registerCommand(extension, id)),
  );
  void putOnPath(context, script).catch((error: unknown) =>
    log.warn('plinth is not on the PATH', { reason: messageOf(error) }),
  );
  void opening.begin();
  const { getApi } = exports;
  return isUnderTest() ? { getApi, extension } : { getApi };
}

/** Offers the registry to the agents of the editor, as tools and on request as an MCP server. */
function registerAgents(extension: Extension): vscode.Disposable {
  return vscode.Disposable.from(registerMcpServer(extension.context, extension.service), registerTools(extension));
}

/** The parts of the extension, for its own tests in the host. Other extensions get only the API. */
export interface ForTests {
  extension: Extension;
}

function isUnderTest(): boolean {
  return process.env['PLINTH_TEST_RESULTS'] !== undefined;
}

function declaredCommands({ extension }: vscode.ExtensionContext): string[] {
  const { contributes } = extension.packageJSON as { contributes: { commands: readonly { command: string }[] } };
  return contributes.commands.map(({ command }) => command);
}

/** Registers a command of the manifest. The code of all commands is loaded when the first one runs. */
function registerCommand(extension: Extension, id: string): vscode.Disposable {
  return vscode.commands.registerCommand(id, async (...args: unknown[]) => {
    try {
      const { commands } = await import('./commands/commands.ts');
      const command = commands.find((one) => one.id === id);
      if (!command) throw new Error(`The command ${id} has no function.`);
      const [node, ...rest] = isKey(args[0]) || isLost(args) ? await focused(extension.tree) : args;
      await command.run(extension, node as Node | undefined, ...rest);
    } catch (error) {
      await explain(extension, id, error);
    }
  });
}

/** Shows an error to the person: a refusal with its own sentence. Any other error also goes to the log. */
async function explain({ log }: Extension, id: string, error: unknown): Promise<void> {
  const isRefusal = error instanceof RegistryError || (error instanceof Error && error.name === 'RegistryError');
  if (!isRefusal) log.error(id, error instanceof Error ? error : String(error));
  const isAbsent = error instanceof Unavailable;
  const showLog = isAbsent ? vscode.l10n.t('Show Service Log') : vscode.l10n.t('Show Log');
  const buttons = isRefusal ? [] : [showLog];
  const text = error instanceof Unavailable || isRefusal ? error.message : messageOf(error);
  void vscode.window.showErrorMessage(text, ...buttons).then((chosen) => {
    if (chosen !== showLog) return;
    if (isAbsent) void vscode.commands.executeCommand('plinth.showServiceLog');
    else log.show();
  });
  await Promise.resolve();
}

/** Connects to the registry that the settings name now. */
function reconnectOnSetting(service: Service): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('plinth.remote.url')) void service.reconnect();
  });
}

/** Shows one message when the service does not keep running. */
function reportFailures(service: Service): vscode.Disposable {
  let before = service.mirror.phase;
  return service.onChange(async ({ phase, problem }) => {
    const isNew = phase === 'failed' && before !== 'failed';
    before = phase;
    if (!isNew) return;
    const [restart, showLog] = [vscode.l10n.t('Restart'), vscode.l10n.t('Show Log')];
    const text = vscode.l10n.t('The registry service keeps crashing: {0}', problem ?? '');
    const chosen = await vscode.window.showErrorMessage(text, restart, showLog);
    if (chosen === restart) await vscode.commands.executeCommand('plinth.restart');
    if (chosen === showLog) await vscode.commands.executeCommand('plinth.showLog');
  });
}
