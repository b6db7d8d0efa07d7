import type { Range, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver';
import type { Renaming } from '../../../protocol/code-action.ts';
import type { ModelReference } from '../references/reference.ts';
import { languageOf } from '../references/references.ts';
import { rangeOf, referenceAt, type Scene } from '../document-model.ts';
import type { Mention } from '../references/workspace-index.ts';
import { pointerText } from '../../../shared/event-text.ts';

export interface Renamable {
  kind: 'model' | 'alias';
  model: string;
  /** Current name. */
  name: string;
  range: Range;
}

/** Returns the model or alias at the offset that can be renamed; undefined for a number, a stage or an unknown model. Pure. */
export function renamable(scene: Scene, offset: number): Renamable | undefined {
  const reference = referenceAt(scene, offset);
  if (!reference || reference.form === 'path' || !scene.registry.models.has(reference.model)) return undefined;
  const { model, modelStart: start, modelEnd: end } = reference;
  if (start <= offset && offset <= end)
    return { kind: 'model', model, name: model, range: rangeOf(scene, { start, end }) };
  const alias = aliasOf(scene, reference);
  if (alias === undefined || offset < reference.selectorStart) return undefined;
  const range = rangeOf(scene, { start: reference.selectorStart, end: reference.selectorEnd });
  return { kind: 'alias', model, name: alias, range };
}

function aliasOf({ registry }: Pick<Scene, 'registry'>, { model, selector }: ModelReference): string | undefined {
  if (selector.kind !== 'alias' && selector.kind !== 'pointer') return undefined;
  const pointers = registry.models.get(model)?.pointers ?? [];
  return pointers.find(({ kind, name }) => kind === 'alias' && name === selector.name)?.name;
}

/** Returns a sentence on why a name cannot be given; undefined if it can. */
export function refusal(scene: Scene, { kind, model, name }: Renamable, wanted: string): string | undefined {
  if (wanted.trim() === '' || /[/@:\\\s]/.test(wanted))
    return `The name of ${kind === 'model' ? 'a model' : 'an alias'} cannot contain spaces, /, @, : or \\.`;
  if (wanted === name) return `It is already named ${name}.`;
  if (kind === 'model' && scene.registry.models.has(wanted)) return `There is already a model named ${wanted}.`;
  const taken = scene.registry.models.get(model)?.pointers.some((one) => one.kind === 'alias' && one.name === wanted);
  return kind === 'alias' && taken ? `${model} already has an alias @${wanted}.` : undefined;
}

/** True for a mention that may be an example or something else in the form of a reference. The user decides on each. */
function isDoubtful({ file, reference }: Mention): boolean {
  return languageOf(file) === 'markdown' || (reference.form === 'plain' && reference.selector.kind === 'number');
}

/** Returns the edits with the new name. If the editor shows a preview, the user confirms doubtful ones. Pure. */
export function renameEdits(
  scene: Scene,
  subject: Renamable,
  to: string,
  mentions: readonly Mention[],
  preview: boolean,
): WorkspaceEdit {
  const isMeant = ({ reference }: Mention): boolean =>
    subject.kind === 'model' || aliasOf(scene, reference) === subject.name;
  const byDocument = Map.groupBy(mentions.filter(isMeant), ({ uri }) => uri);
  const documentChanges = [...byDocument].map(([uri, own]): TextDocumentEdit => {
    const edits = own.map((mention) => ({
      range: subject.kind === 'model' ? mention.modelRange : mention.selectorRange,
      newText: to,
      ...(preview ? { annotationId: isDoubtful(mention) ? 'doubtful' : 'certain' } : {}),
    }));
    return { textDocument: { uri, version: null }, edits };
  });
  if (!preview) return { documentChanges };
  const label = `Rename ${pointerText(subject)} to ${to}`;
  const annotations = {
    certain: { label, needsConfirmation: false },
    doubtful: { label, needsConfirmation: true, description: 'may be an example, or no model' },
  };
  return { documentChanges, changeAnnotations: annotations };
}

/** Returns the registry's change that follows after the files have the new name. */
export function renamingOf({ kind, model, name }: Renamable, to: string): Renaming {
  return kind === 'model' ? { act: 'rename-model', from: name, to } : { act: 'rename-alias', model, from: name, to };
}
