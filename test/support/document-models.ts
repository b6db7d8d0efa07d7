import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { findReferences } from '../../daemon/clients/lsp/references/references.ts';
import { versionFrom, type Registry } from '../../daemon/clients/lsp/mirror/reducer.ts';
import type { Scene } from '../../daemon/clients/lsp/document-model.ts';
import { allFeatures } from '../../daemon/protocol/code-action.ts';
import { churnRegistry, now } from './lsp-registry.ts';
import { marked } from './cursor-markers.ts';

/** As when no request was sent to the service yet. */
export const unknown: Scene['gates'] = { reports: () => undefined, dryRun: () => undefined };

/** Returns the scene of a document with `‸` at the caret, and the position of the caret. */
export function sceneAt(
  source: string,
  language = 'python',
  registry: Registry = churnRegistry(),
): { scene: Scene; caret: number } {
  const { text, caret } = marked(source);
  return { scene: sceneOf(text, language, registry), caret };
}

export function sceneOf(text: string, language = 'python', registry: Registry = churnRegistry()): Scene {
  return {
    document: TextDocument.create('file:///home/ana/train.py', language, 1, text),
    references: findReferences(text, language, (name) => registry.models.has(name)),
    registry,
    now,
    features: allFeatures,
    commands: true,
    identified: ({ path }) => versionFrom(registry, `/home/ana/${path}`),
    lock: undefined,
    gates: unknown,
    uses: (model) => (model === 'iris' ? 3 : 0),
  };
}

/** Returns the document's text after an edit, which may change only this document. */
export function edited({ document }: Scene, edit: WorkspaceEdit | undefined): string {
  const [change] = edit?.documentChanges ?? [];
  const edits = change && 'edits' in change ? (change.edits as TextEdit[]) : [];
  return TextDocument.applyEdits(document, edits);
}
