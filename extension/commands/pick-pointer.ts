import * as vscode from 'vscode';
import type { PointerRef, Version } from '../../daemon/protocol/model.ts';
import type { Extension } from '../context.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';

/** Lets the person pick a stage or an alias: those of plinth.yaml in its order, and any others of the model. */
export async function pickPointer(
  extension: Extension,
  version: Version,
  title: string,
): Promise<PointerRef | undefined> {
  const model = await extension.service.call('GET /models/:model', { model: version.model });
  const places = model.places.map(({ kind, name }) => {
    const held = model.pointers.find((pointer) => pointer.kind === kind && pointer.name === name)?.holder ?? null;
    const description = held === null ? vscode.l10n.t('empty') : vscode.l10n.t('current: v{0}', held);
    return { label: pointerText({ kind, name }), description, place: { kind, name } };
  });
  const picked = await vscode.window.showQuickPick(places, {
    title,
    placeHolder: vscode.l10n.t('Select a stage or alias'),
  });
  return picked?.place;
}

/** True for a stage or alias, which a drop or a page passes. A menu's second argument is the selection instead. */
export function isPointerRef(value: unknown): value is PointerRef {
  return value !== null && typeof value === 'object' && 'kind' in value && 'name' in value;
}
