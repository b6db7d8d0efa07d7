import { CodeLensRefreshRequest, InlayHintRefreshRequest, type Diagnostic } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { messageOf } from '../../errors.ts';
import { diagnostics } from './features/diagnostics.ts';
import { isPolicy, policyDiagnostics } from './policy/policy.ts';
import { resolve } from './references/resolve.ts';
import { identity, meaning, type Scene } from './document-model.ts';
import type { Session } from './session.ts';

/** Milliseconds without a change after which diagnostics are published while the user types. */
const quietMs = 150;
/** Versions in a document for which gate reports are loaded in advance. */
const maxRequestedReports = 8;

/** Updates what the editor shows by itself: publishes diagnostics, and has lenses and hints requested again. */
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

/** True if a document may have lenses or hints. */
function hasBeside({ scenes }: Session, document: TextDocument): boolean {
  return isPolicy(document.uri) || scenes.of(document).references.length > 0;
}

function allDiagnostics(scene: Scene): Diagnostic[] {
  return [...diagnostics(scene), ...(isPolicy(scene.document.uri) ? policyDiagnostics(scene) : [])];
}

/** Loads the versions that an open document names, and their gate reports. */
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
