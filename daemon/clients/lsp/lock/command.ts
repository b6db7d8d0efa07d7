import { CodeActionKind, type CodeAction, type Position } from 'vscode-languageserver';
import { driftOfOne, lockFileName, lockName, lockText, lockedTo, type Locked } from './lock.ts';
import type { Finding } from '../features/diagnose.ts';
import type { ModelReference } from '../references/reference.ts';
import { resolve } from '../references/resolve.ts';
import type { Scene } from '../document-model.ts';

/** Resolves a reference, under its name in the lock; undefined if it has none or does not resolve. */
function current({ registry }: Scene, reference: ModelReference): { name: string; now: Locked } | undefined {
  const name = lockName(reference, registry);
  const resolved = name === undefined ? undefined : resolve(registry, reference);
  if (name === undefined || resolved?.kind !== 'version') return undefined;
  return { name, now: lockedTo(reference, resolved.version) };
}

/** Returns a finding if a reference resolves to another version than the locked one. Prose is never locked. Pure. */
export function driftFinding(scene: Scene, reference: ModelReference): Finding | undefined {
  const found = scene.lock && scene.document.languageId !== 'markdown' ? current(scene, reference) : undefined;
  const drift = found && driftOfOne(found.name, scene.lock?.entries.get(found.name), found.now);
  return drift && { code: 'drift', severity: 'warning', message: drift.message, part: 'all' };
}

/** Returns an action that writes the present version into the lock. Pure. */
export function updateLock(scene: Scene, reference: ModelReference): CodeAction[] {
  const found = driftFinding(scene, reference) && current(scene, reference);
  if (!found || !scene.lock) return [];
  const { uri, text, entries } = scene.lock;
  const newText = lockText(new Map(entries).set(found.name, found.now));
  const edits = [{ range: { start: { line: 0, character: 0 }, end: endOf(text) }, newText }];
  const title = `Update ${lockFileName} to v${found.now.version}`;
  return [
    {
      title,
      kind: CodeActionKind.QuickFix,
      edit: { documentChanges: [{ textDocument: { uri, version: null }, edits }] },
    },
  ];
}

function endOf(text: string): Position {
  const lines = text.split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}
