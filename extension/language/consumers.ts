import * as vscode from 'vscode';
import type { PointerRef } from '../../daemon/protocol/model.ts';
import type { Consumer } from '../../daemon/protocol/code-action.ts';
import type { LanguageDoor } from './language-client.ts';
import type { Loaders } from '../../daemon/shared/review/review-line.ts';

/** How long to wait for an answer before it counts as none. */
const withinMs = 10_000;

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

/** Nobody loads it, or it is not known yet who does. */
export const nobody: Loaders = { references: 0, files: [] };

/** Returns who loads a stage or an alias, which is what moving it changes in this workspace. */
export async function loadersOf(model: string, pointerRef: PointerRef): Promise<Loaders> {
  return loadersIn(followersOf(await consumersOf(model), pointerRef));
}

/** Returns who loads versions by their numbers: `/7`, `@7`, `@v7`. */
export async function pinnedLoadersOf(model: string, numbers: ReadonlySet<number>): Promise<Loaders> {
  const pinned = (await consumersOf(model)).filter(({ suffix }) =>
    numbers.has(Number(/^[@/]v?(\d+)$/.exec(suffix)?.[1])),
  );
  return loadersIn(pinned);
}

export function loadersIn(consumers: readonly Consumer[]): Loaders {
  return { references: consumers.length, files: filesOf(consumers) };
}

/** Returns the files of references with their paths in the workspace. */
export function filesOf(consumers: readonly Consumer[]): string[] {
  const uris = new Set(consumers.map(({ uri }) => uri));
  return [...uris].map((uri) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri)));
}
