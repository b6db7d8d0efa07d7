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

/** Bundled into a file of its own that is loaded when the first document needs it, because the library is larger than the extension. */

export interface Wanted {
  /** The script of the command line. */
  script: string;
  dataFolder: string;
  /** Variables that name a registry on another machine; empty for that of the data folder. */
  variables: Readonly<Record<string, string>>;
  /** Ids of languages. */
  languages: readonly string[];
  features: Features;
  log: vscode.LogOutputChannel;
  /** Called after new names were put into texts. */
  renaming: (renaming: Renaming) => void;
}

export interface LanguageFeatures extends vscode.Disposable {
  configure(features: Features): void;
  /** Returns the references in this workspace that load a model. */
  consumers(model: string): Promise<Consumer[]>;
}

const schemes = ['file', 'untitled', 'vscode-notebook-cell'];
const maxRestarts = 4;
const restartWindowMs = 180_000;

/** Starts the language server and its client in the editor. */
export async function startLanguageClient(given: Wanted): Promise<LanguageFeatures> {
  let isOver = false;
  const wanted = { ...given, log: withoutLateWrites(given.log, () => isOver) };
  const { script, dataFolder, variables } = wanted;
  let features = wanted.features;
  const env = { ...process.env, ...variables, ...(process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {}) };
  const args = [script, '--data', dataFolder, 'lsp', '--stdio'];
  const client = new LanguageClient(
    'plinth',
    'Plinth',
    { command: process.execPath, args, options: { env } },
    optionsOf(wanted, () => features),
  );
  client.onNotification(renamingNotification, wanted.renaming);
  await client.start();
  // A server that is just being restarted gets this from its options.
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

/** Wraps the log so that late writes are dropped: the client logs until its process has ended, and writing to a closed log would throw. */
function withoutLateWrites(log: vscode.LogOutputChannel, isOver: () => boolean): vscode.LogOutputChannel {
  return new Proxy(log, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => (isOver() ? undefined : Reflect.apply(value, target, args));
    },
  });
}

/** `features` returns the current ones, for a server that is started again after a crash. */
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
    errorHandler: restartQuietly(log),
  };
}

/** Restarts a server that crashed, a limited number of times, and writes only to the log. */
function restartQuietly(log: vscode.LogOutputChannel): ErrorHandler {
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
