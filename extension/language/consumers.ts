import * as vscode from 'vscode';
import type { PointerRef } from '../../daemon/protocol/model.ts';
import type { Consumer } from '../../daemon/protocol/code-action.ts';
import type { LanguageDoor } from './language-client.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';

/** How long to wait for an answer before it counts as none. */
const withinMs = 10_000;
const maxNamed = 3;

let door: LanguageDoor | undefined;

/** Called once when the extension starts. */
export function askThrough(language: LanguageDoor): void {
  door = language;
}

/** Returns the references in this workspace that load a model; none when no folder is open or the index does not answer. */
export async function consumersOf(model: string): Promise<Consumer[]> {
  if (!door || (vscode.workspace.workspaceFolders ?? []).length === 0) return [];
  const late = new Promise<Consumer[]>((resolve) => setTimeout(() => resolve([]), withinMs));
  return Promise.race([door.consumers(model).catch(() => []), late]);
}

/** Returns the references that use a stage or an alias: `/production`, `@production`, `@champion`, `@@champion`. */
export function followersOf(consumers: readonly Consumer[], { kind, name }: PointerRef): Consumer[] {
  const own = kind === 'alias' ? [`@${name}`, `@@${name}`] : [`/${name}`, `@${name}`];
  return consumers.filter(({ suffix }) => own.includes(kind === 'alias' ? suffix : suffix.toLowerCase()));
}

/**
 * Says what moving a stage or alias would change in this workspace, for the review of a promotion or a rollback: `3 references in
 * 2 files load churn@production: serve.py, train.py`. Empty when it changes nothing.
 */
export async function impactOf(model: string, pointerRef: PointerRef): Promise<string> {
  const found = followersOf(await consumersOf(model), pointerRef);
  if (found.length === 0) return '';
  const files = filesOf(found);
  const named = files.slice(0, maxNamed).join(', ') + (files.length > maxNamed ? ', …' : '');
  const what = `${model}@${pointerText(pointerRef)}`.replace('@@', '@');
  if (found.length === 1) return vscode.l10n.t('1 reference in this workspace loads {0}: {1}', what, named);
  if (files.length === 1) return vscode.l10n.t('{0} references in 1 file load {1}: {2}', found.length, what, named);
  return vscode.l10n.t('{0} references in {1} files load {2}: {3}', found.length, files.length, what, named);
}

/** Returns the files of references with their paths in the workspace. */
export function filesOf(consumers: readonly Consumer[]): string[] {
  const uris = new Set(consumers.map(({ uri }) => uri));
  return [...uris].map((uri) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri)));
}
