import { basename } from 'node:path';
import {
  CodeActionKind,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  TextDocumentSyncKind,
  type Connection,
  type Range,
  type ServerCapabilities,
  type TextDocumentIdentifier,
} from 'vscode-languageserver/node';
import { messageOf } from '../../errors.ts';
import {
  allFeatures,
  consumersRequest,
  referenceCommand,
  trustedNotification,
  type Features,
  type ReferenceAct,
} from '../../protocol/code-action.ts';
import { codeActions } from './features/actions.ts';
import { doInRegistry } from '../client/reference-actions.ts';
import { consumers, references, rename, sceneFor } from './request-context.ts';
import { codeLenses, definition, documentLinks, inlayHints } from './features/links-and-hints.ts';
import { completion } from './features/completion.ts';
import { hover } from './features/hover.ts';
import { lockFileName } from './lock/lock.ts';
import { policyLenses } from './policy/lenses.ts';
import { isPolicy, policyActions, policyCompletion, policyHover } from './policy/policy.ts';
import { publish } from './publish-diagnostics.ts';
import { watchedFiles } from './references/references.ts';
import { renamable } from './features/rename.ts';
import type { Scene } from './document-model.ts';
import { fileOf } from './document-models.ts';
import { Session } from './session.ts';
import { isOfWorkspace } from './references/workspace-files.ts';

/** Time that the first request for consumers waits for the registry. */
const registryWithinMs = 2000;

/** Serves an editor over a connection until it closes. No request waits for the registry; a failing one replies with a message. */
export function serve(connection: Connection): void {
  const session = new Session(connection);
  connection.onInitialize((params) => {
    session.begin(params);
    return { capabilities: capabilities(session), serverInfo: { name: 'plinth' } };
  });
  connection.onInitialized(() => {
    session.follow();
    if (session.client.workspace?.didChangeWatchedFiles?.dynamicRegistration)
      void connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: watchedFiles.map((globPattern) => ({ globPattern })),
      });
  });
  connection.onShutdown(() => session.end());
  connection.onNotification(trustedNotification, () => session.trust());
  connection.onDidChangeConfiguration(({ settings }) => configured(session, settings));
  publish(session);
  answerAtCaret(session);
  answerWhole(session);
  followFiles(session);
  session.documents.listen(connection);
  connection.listen();
}

function capabilities({ commands }: Session): ServerCapabilities {
  return {
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
    hoverProvider: true,
    completionProvider: { triggerCharacters: ['/', '@', ':'] },
    definitionProvider: true,
    referencesProvider: true,
    documentLinkProvider: {},
    codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite] },
    codeLensProvider: {},
    inlayHintProvider: true,
    renameProvider: { prepareProvider: true },
    workspace: { workspaceFolders: { supported: true } },
    ...(commands ? {} : { executeCommandProvider: { commands: [referenceCommand] } }),
  };
}

/** Wraps a handler: logs what it throws and replies with `nothing`. */
function safely<P, R>({ connection }: Session, nothing: R, act: (params: P) => R): (params: P) => R {
  return (params) => {
    try {
      return act(params);
    } catch (error) {
      connection.console.warn(messageOf(error));
      return nothing;
    }
  };
}

/** Calls `act` for a plinth.yaml; null for other documents. */
function policy<R>(scene: Scene, act: (scene: Scene) => R): R | null {
  return isPolicy(scene.document.uri) ? act(scene) : null;
}

function answerAtCaret(session: Session): void {
  const { connection } = session;
  type At = Parameters<typeof sceneFor>[1];
  const at = <R>(name: keyof Features, act: (scene: Scene, caret: number) => R): ((params: At) => R | null) =>
    safely(session, null, (params) => {
      const found = session.features[name] ? sceneFor(session, params) : undefined;
      return found ? act(found.scene, found.caret) : null;
    });
  connection.onHover(
    at('hover', (scene, caret) => hover(scene, caret) ?? policy(scene, (known) => policyHover(known, caret))),
  );
  connection.onCompletion(
    at(
      'completion',
      (scene, caret) => completion(scene, caret) ?? policy(scene, (known) => policyCompletion(known, caret)),
    ),
  );
  connection.onDefinition(at('references', definition));
  connection.onPrepareRename(
    at('references', (scene, caret) => {
      const found = renamable(scene, caret);
      return found ? { range: found.range, placeholder: found.name } : null;
    }),
  );
  connection.onReferences(async (params) => {
    await session.known(0);
    return safely(session, [], () => (session.features.references ? references(session, params) : []))(undefined);
  });
  connection.onRenameRequest((params) => rename(session, params));
}

function answerWhole(session: Session): void {
  const { connection } = session;
  type Of = { textDocument: TextDocumentIdentifier };
  const whole = <P extends Of, R>(name: keyof Features, act: (scene: Scene, params: P) => R[]): ((params: P) => R[]) =>
    safely<P, R[]>(session, [], (params) => {
      const document = session.features[name] ? session.documents.get(params.textDocument.uri) : undefined;
      return document ? act(session.scenes.of(document), params) : [];
    });
  connection.onDocumentLinks(whole('references', documentLinks));
  connection.onCodeLens(whole('codeLens', (scene) => [...codeLenses(scene), ...(policy(scene, policyLenses) ?? [])]));
  connection.onCodeAction(
    whole('diagnostics', (scene, { range, context }) => [
      ...codeActions(scene, range, context.diagnostics),
      ...(policy(scene, (known) => policyActions(known, range.start)) ?? []),
    ]),
  );
  connection.languages.inlayHint.on(
    whole('inlayHints', (scene, { range }: Of & { range: Range }) => inlayHints(scene, range)),
  );
  connection.onRequest(consumersRequest, ({ model }: { model: string }) =>
    session.known(registryWithinMs).then(() => safely(session, [], () => consumers(session, model))(undefined)),
  );
  connection.onExecuteCommand(async ({ arguments: given }) => {
    const [act] = (given ?? []) as ReferenceAct[];
    if (act) await execute(session, act);
  });
}

/** Performs an action for editors that do not run our command themselves, and shows a refusal. */
async function execute({ connection, mirror }: Session, act: ReferenceAct): Promise<void> {
  try {
    if (act.act === 'replace') {
      const textDocument = { uri: act.uri, version: act.version };
      const edits = [{ range: act.range, newText: act.text }];
      await connection.workspace.applyEdit({ documentChanges: [{ textDocument, edits }] });
    } else if (mirror?.client) await doInRegistry(mirror.client, act);
    else connection.window.showWarningMessage('The registry service does not run; start it with: plinth serve');
  } catch (error) {
    connection.window.showErrorMessage(messageOf(error));
  }
}

function followFiles(session: Session): void {
  const { connection, index } = session;
  const isOpen = (file: string): boolean => session.documents.all().some(({ uri }) => fileOf(uri) === file);
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri, type } of changes) {
      const file = fileOf(uri);
      if (file !== undefined && basename(file) === lockFileName)
        void session.locks.read(session.folders).then(() => session.onChange());
      if (isPolicy(uri)) session.rulesChanged();
      if (file === undefined || isOpen(file)) continue;
      if (type === FileChangeType.Deleted) index.forget(file);
      else if (isOfWorkspace(session.folders, file)) void index.read(file);
    }
  });
  session.documents.onDidSave(({ document }) => {
    if (isPolicy(document.uri)) session.rulesChanged();
  });
  session.documents.onDidClose(({ document }) => session.indexOpen(document));
}

/** Applies settings in the form `{plinth: {editor: {hover: false}}}`. */
function configured(session: Session, settings: unknown): void {
  const given = (settings as { plinth?: { editor?: Partial<Features> } } | null)?.plinth?.editor ?? {};
  const isIndexed = session.features.references;
  session.features = { ...allFeatures, ...given };
  if (session.features.references && !isIndexed) session.indexWorkspace();
  session.onChange();
}
