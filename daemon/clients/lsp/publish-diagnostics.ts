import { CodeLensRefreshRequest, InlayHintRefreshRequest, type Diagnostic } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { messageOf } from '../../errors.ts';
import { diagnostics } from './features/diagnostics.ts';
import { isPolicy, policyDiagnostics } from './policy/policy.ts';
import { resolve } from './references/resolve.ts';
import { identity, meaning, type Scene } from './document-model.ts';
import type { Session } from './session.ts';

/** While somebody types, what is wrong is told after this long without a change. */
const quietMs = 150;
/** Of so many versions that a document names it is asked unasked what gates say. */
const maxRequestedReports = 8;

/** Keeps what the editor shows without asking true: diagnostics, and that lenses and hints are to be asked for again. */
export function publish(session: Session): void {
  const waiting = new Map<string, NodeJS.Timeout>();
  const published = new Map<string, string>();
  let wasNeeded = false;
  const publish = (document: TextDocument): void => {
    waiting.delete(document.uri);
    if (!session.documents.get(document.uri)) return;
    try {
      wantUnread(session, document);
      const found = session.features.diagnostics ? allDiagnostics(session.scenes.of(document)) : [];
      const text = JSON.stringify(found);
      if ((published.get(document.uri) ?? '[]') === text) return;
      published.set(document.uri, text);
      void session.connection.sendDiagnostics({ uri: document.uri, diagnostics: found });
    } catch (error) {
      session.connection.console.warn(`diagnostics: ${messageOf(error)}`);
    }
  };
  session.documents.onDidChangeContent(({ document }) => {
    clearTimeout(waiting.get(document.uri));
    const later = (): void => {
      session.indexOpen(document);
      publish(document);
    };
    waiting.set(document.uri, setTimeout(later, quietMs));
  });
  session.documents.onDidClose(({ document }) => {
    clearTimeout(waiting.get(document.uri));
    waiting.delete(document.uri);
    session.scenes.forget(document.uri);
    if (published.delete(document.uri)) void session.connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });
  session.onChange = () => {
    for (const document of session.documents.all()) if (!waiting.has(document.uri)) publish(document);
    const isNeeded = session.documents.all().some((document) => hasBeside(session, document));
    if (isNeeded || wasNeeded) askAgain(session);
    wasNeeded = isNeeded;
  };
}

/** True where lenses or hints may stand beside a document's text. */
function hasBeside({ scenes }: Session, document: TextDocument): boolean {
  return isPolicy(document.uri) || scenes.of(document).references.length > 0;
}

function allDiagnostics(scene: Scene): Diagnostic[] {
  return [...diagnostics(scene), ...(isPolicy(scene.document.uri) ? policyDiagnostics(scene) : [])];
}

/** Reads ahead what an open document names: versions that were left out so far, and their gate reports. */
function wantUnread({ scenes, mirror, registry, gateReports }: Session, document: TextDocument): void {
  const requested = new Set<string>();
  const scene = scenes.of(document);
  for (const reference of scene.references) {
    const resolved = reference.form === 'path' ? undefined : resolve(registry, reference);
    const version = requested.size < maxRequestedReports ? meaning(scene, reference)?.version : undefined;
    if (version && !requested.has(identity(version))) {
      requested.add(identity(version));
      gateReports.reports(version.model, version.number);
    }
    if (resolved?.kind === 'unread' && resolved.model) mirror?.want(resolved.model.name, resolved.number ?? undefined);
  }
}

function askAgain({ client, connection }: Session): void {
  const refused = (): undefined => undefined;
  if (client.workspace?.codeLens?.refreshSupport) connection.sendRequest(CodeLensRefreshRequest.type).catch(refused);
  if (client.workspace?.inlayHint?.refreshSupport) connection.sendRequest(InlayHintRefreshRequest.type).catch(refused);
}
