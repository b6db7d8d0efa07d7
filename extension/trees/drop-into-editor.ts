import * as vscode from 'vscode';
import { modelUri } from '../../daemon/shared/references.ts';
import type { Node } from './nodes.ts';
import type { DraggedReference } from './drop-texts.ts';

/** Type of the data that a dragged row has for editors: references as JSON. */
export const referencesType = 'application/vnd.plinth.references';

/** Returns what rows are for an editor: versions and their files as the version, stages and aliases as what they point to. */
export async function draggedReferences(nodes: readonly Node[]): Promise<DraggedReference[]> {
  const { snippet } = await import('../load-snippets.ts');
  return nodes.flatMap(({ subject }): DraggedReference[] => {
    if (subject.kind === 'pointer') return [{ uri: modelUri(subject.model, subject.pointer), code: null }];
    if (subject.kind !== 'version' && subject.kind !== 'file') return [];
    const { version } = subject;
    return [{ uri: modelUri(version.model, version.number), code: snippet(version) }];
  });
}

/** Inserts the reference of a version, or the code that loads it, where a row of the tree is dropped. */
export function registerDropIntoEditor(): vscode.Disposable {
  const kind = vscode.DocumentDropOrPasteEditKind.Empty.append('plinth');
  const titles = { uri: vscode.l10n.t('Insert Model URI'), code: vscode.l10n.t('Insert Code That Loads the Model') };
  const provider: vscode.DocumentDropEditProvider = {
    provideDocumentDropEdits: async (document, { line, character }, transfer) => {
      const dragged = referencesIn(await transfer.get(referencesType)?.asString());
      const { dropTexts } = await import('./drop-texts.ts');
      const place = { language: document.languageId, line: document.lineAt(line).text, character };
      return dropTexts(dragged, place).map(
        (one) => new vscode.DocumentDropEdit(one.text, titles[one.kind], kind.append(one.kind)),
      );
    },
  };
  const metadata = { dropMimeTypes: [referencesType], providedDropEditKinds: [kind] };
  return vscode.languages.registerDocumentDropEditProvider('*', provider, metadata);
}

/** Reads dragged data; returns none for data of another form. */
function referencesIn(text: string | undefined): DraggedReference[] {
  try {
    const dragged: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(dragged)) return [];
    return dragged.filter((one): one is DraggedReference => typeof one?.uri === 'string');
  } catch {
    return [];
  }
}
