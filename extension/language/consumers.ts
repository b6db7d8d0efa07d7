import * as vscode from 'vscode';
import type { PointerRef } from '../../daemon/protocol/model.ts';
import type { Consumer } from '../../daemon/protocol/code-action.ts';
import type { LanguageDoor } from './language-client.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';

/** How long is waited for an answer before it counts as none. */
const withinMs = 10_000;
const maxNamed = 3;

let door: LanguageDoor | undefined;

/** Set once, by the extension's start. */
export function askThrough(language: LanguageDoor): void {
  door = language;
}

/** Which references of this workspace load a model; none where no folder is open or the index does not answer. */
export async function consumersOf(model: string): Promise<Consumer[]> {
  if (!door || (vscode.workspace.workspaceFolders ?? []).length === 0) return [];
  const late = new Promise<Consumer[]>((resolve) => setTimeout(() => resolve([]), withinMs));
  return Promise.race([door.consumers(model).catch(() => []), late]);
}

/** Those that go by a stage or an alias: `/production`, `@production`, `@champion`, `@@champion`. */
export function following(consumers: readonly Consumer[], { kind, name }: PointerRef): Consumer[] {
  const own = kind === 'alias' ? [`@${name}`, `@@${name}`] : [`/${name}`, `@${name}`];
  return consumers.filter(({ suffix }) => own.includes(kind === 'alias' ? suffix : suffix.toLowerCase()));
}

/**
 * What moving a pointer would change in this workspace, for the review of a promotion or a roll back:
 * `3 references in 2 files load churn@production: serve.py, train.py`. Empty where nothing would.
 */
export async function impactOf(model: string, pointerRef: PointerRef): Promise<string> {
  const found = following(await consumersOf(model), pointerRef);
  if (found.length === 0) return '';
  const files = filesOf(found);
  const named = files.slice(0, maxNamed).join(', ') + (files.length > maxNamed ? ', …' : '');
  const what = `${model}@${pointerText(pointerRef)}`.replace('@@', '@');
  if (found.length === 1) return vscode.l10n.t('1 reference in this workspace loads {0}: {1}', what, named);
  if (files.length === 1) return vscode.l10n.t('{0} references in 1 file load {1}: {2}', found.length, what, named);
  return vscode.l10n.t('{0} references in {1} files load {2}: {3}', found.length, files.length, what, named);
}

/** The files of references, as the workspace calls them. */
export function filesOf(consumers: readonly Consumer[]): string[] {
  const uris = new Set(consumers.map(({ uri }) => uri));
  return [...uris].map((uri) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri)));
}
