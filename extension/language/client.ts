import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  type ErrorHandler,
  type LanguageClientOptions,
} from 'vscode-languageclient/node';
import {
  consumersRequest,
  referenceCommand,
  renamingNotification,
  trustedNotification,
  type Consumer,
  type Features,
  type Renaming,
  type ServerOptions,
} from '../../daemon/protocol/code-action.ts';

/** A file of its own in the bundle, loaded when the first document needs it: the library is larger than the extension. */

export interface Wanted {
  /** The script of the command line. */
  script: string;
  dataFolder: string;
  /** Ids of languages. */
  languages: readonly string[];
  features: Features;
  log: vscode.LogOutputChannel;
  /** Told after new names were put into texts. */
  renaming: (renaming: Renaming) => void;
}

export interface LanguageFeatures extends vscode.Disposable {
  configure(features: Features): void;
  /** Who in this workspace loads a model. */
  consumers(model: string): Promise<Consumer[]>;
}

const schemes = ['file', 'untitled', 'vscode-notebook-cell'];
const maxRestarts = 4;
const restartWindowMs = 180_000;

/** Starts the language server and speaks for the editor with it. */
export async function startLanguageClient(given: Wanted): Promise<LanguageFeatures> {
  let isOver = false;
  const wanted = { ...given, log: silenced(given.log, () => isOver) };
  const { script, dataFolder } = wanted;
  let features = wanted.features;
  const env = { ...process.env, ...(process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {}) };
  const args = [script, '--data', dataFolder, 'lsp', '--stdio'];
  const client = new LanguageClient(
    'plinth',
    'Plinth',
    { command: process.execPath, args, options: { env } },
    optionsOf(wanted, () => features),
  );
  client.onNotification(renamingNotification, wanted.renaming);
  await client.start();
  // A server that is being started again is told by its options.
  const notify = (method: string, params?: object): Promise<void> =>
    client.sendNotification(method, params).catch(() => undefined);
  const trusting = vscode.workspace.onDidGrantWorkspaceTrust(() => void notify(trustedNotification));
  return {
    configure: (now) => {
      features = now;
      void notify('workspace/didChangeConfiguration', { settings: { plinth: { editor: now } } });
    },
    consumers: (model) => client.sendRequest<Consumer[]>(consumersRequest, { model }),
    dispose: () => {
      isOver = true;
      trusting.dispose();
      void client.dispose().catch(() => undefined);
    },
  };
}

/** The client writes to its log until its process is gone, which is after the log itself was closed: that would throw. */
function silenced(log: vscode.LogOutputChannel, isOver: () => boolean): vscode.LogOutputChannel {
  return new Proxy(log, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => (isOver() ? undefined : Reflect.apply(value, target, args));
    },
  });
}

/** `features` are those of now: a server that broke off is told them again. */
function optionsOf({ dataFolder, languages, log }: Wanted, features: () => Features): LanguageClientOptions {
  return {
    documentSelector: schemes.flatMap((scheme) => languages.map((language) => ({ scheme, language }))),
    initializationOptions: (): ServerOptions => ({
      dataFolder,
      commands: true,
      features: features(),
      trusted: vscode.workspace.isTrusted,
    }),
    markdown: { isTrusted: { enabledCommands: [referenceCommand] }, supportHtml: false },
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: quietly(log),
  };
}

/** A server that breaks off is started again, but not without end, and nobody is told but the log. */
function quietly(log: vscode.LogOutputChannel): ErrorHandler {
  let restarts: number[] = [];
  return {
    error: () => ({ action: ErrorAction.Continue, handled: true }),
    closed: () => {
      const now = Date.now();
      restarts = [...restarts.filter((at) => now - at < restartWindowMs), now];
      const again = restarts.length <= maxRestarts;
      log.warn(again ? 'the language server ended and is started again' : 'the language server does not stay up');
      return { action: again ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
    },
  };
}
