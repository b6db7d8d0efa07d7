import {
  LSPErrorCodes,
  ResponseError,
  type Location,
  type RenameParams,
  type TextDocumentPositionParams,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { renamingNotification, type Consumer } from '../../protocol/code-action.ts';
import { candidates } from './references/identify.ts';
import { suffixOf } from './references/reference.ts';
import { renamable, refusal, renameEdits, renamingOf } from './features/rename.ts';
import { formerReferences } from './mirror/reducer.ts';
import { resolve } from './references/resolve.ts';
import { meaning, referenceAt, type Scene } from './document-model.ts';
import type { Session } from './session.ts';
import type { Mention } from './references/workspace-index.ts';

/** Returns the scene of a request's document, and the caret; undefined if the document is not open. */
export function sceneFor(
  session: Session,
  { textDocument, position }: TextDocumentPositionParams,
): { scene: Scene; caret: number } | undefined {
  const document = session.documents.get(textDocument.uri);
  return document && { scene: session.scenes.of(document), caret: document.offsetAt(position) };
}

/** Returns every place in the workspace that refers to the model at the caret. */
export function references(session: Session, params: TextDocumentPositionParams): Location[] {
  const at = sceneFor(session, params);
  const reference = at && referenceAt(at.scene, at.caret);
  const model = reference && meaning(at.scene, reference)?.model.name;
  if (model === undefined) return [];
  return consumers(session, model).map(({ uri, range }) => ({ uri, range }));
}

/** Returns the places that load a model, by name or by the path of a file that is a version of it, sorted by file. */
export function consumers({ index, registry, identifier, folders }: Session, model: string): Consumer[] {
  const named = index.mentions(model).filter(({ reference }) => reference.form === 'uri' || registry.models.has(model));
  const formerNames = [...formerReferences(registry).names.keys()].filter((name) => !registry.models.has(name));
  const byFormerName = formerNames
    .flatMap((name) => index.mentions(name))
    .filter(({ reference }) => {
      const resolved = resolve(registry, reference);
      return resolved.kind === 'version' && resolved.version.model === model;
    });
  const byName = [...named, ...byFormerName].map(({ uri, range, reference }): Consumer => {
    const resolved = resolve(registry, reference);
    const number = resolved.kind === 'version' ? resolved.version.number : null;
    const suffix = suffixOf(reference.form, reference.selector);
    return { uri, range, suffix, number };
  });
  const byPath = index.paths().flatMap(({ file, uri, range, reference }): Consumer[] => {
    const version = identifier.lookUp(candidates(reference.path, file, folders));
    if (version?.model !== model) return [];
    return [{ uri, range, suffix: '', number: version.number }];
  });
  return [...byName, ...byPath].toSorted(
    (a, b) => a.uri.localeCompare(b.uri) || a.range.start.line - b.range.start.line,
  );
}

/** Returns the edits that rename in all files. The editor offers the registry's renaming afterwards. Throws a refusal. */
export function rename(session: Session, params: RenameParams): WorkspaceEdit | null {
  const at = sceneFor(session, params);
  const subject = at && renamable(at.scene, at.caret);
  if (!subject) return null;
  const why = refusal(at.scene, subject, params.newName);
  if (why !== undefined) throw new ResponseError(LSPErrorCodes.RequestFailed, why);
  session.indexOpen(at.scene.document);
  const mentions: readonly Mention[] = session.index.mentions(subject.model);
  const preview = session.client.workspace?.workspaceEdit?.changeAnnotationSupport !== undefined;
  const renaming = renamingOf(subject, params.newName);
  if (session.commands) void session.connection.sendNotification(renamingNotification, renaming);
  return renameEdits(at.scene, subject, params.newName, mentions, preview);
}
