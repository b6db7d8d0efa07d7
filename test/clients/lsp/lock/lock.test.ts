import { expect, test } from 'vitest';
import type { TextEdit } from 'vscode-languageserver';
import { codeActions } from '../../../../daemon/clients/lsp/features/actions.ts';
import { diagnostics } from '../../../../daemon/clients/lsp/features/diagnostics.ts';
import { driftOf, lockOf, lockText, readLock } from '../../../../daemon/clients/lsp/lock/lock.ts';
import type { ModelReference } from '../../../../daemon/clients/lsp/references/reference.ts';
import { findReferences } from '../../../../daemon/clients/lsp/references/references.ts';
import type { Scene } from '../../../../daemon/clients/lsp/document-model.ts';
import { churnRegistry } from '../../../support/lsp-registry.ts';
import { sceneAt, sceneOf } from '../../../support/document-models.ts';

const registry = churnRegistry();

function references(text: string): ModelReference[] {
  const found = findReferences(text, 'yaml', (name) => registry.models.has(name));
  return found.filter((one) => one.form !== 'path');
}

const digest = (number: number): string => `sha256:${String(number).repeat(64)}`;

test('a lock has each reference once, by what it leads to, and is read as it was written', () => {
  const text =
    'models:/churn/production churn@production models:/churn@champion models:/churn/7 models:/churn models:/churn/3';
  const { lock, unresolved } = lockOf(registry, references(text));
  expect(Object.fromEntries(lock)).toEqual({
    'models:/churn/production': { version: 8, digest: digest(8) },
    'models:/churn@champion': { version: 8, digest: digest(8) },
    'models:/churn/7': { version: 7, digest: digest(7) },
  });
  expect(unresolved).toEqual(['models:/churn/3']);
  expect(readLock(lockText(lock))).toEqual(new Map(lock));
  expect(readLock('{"lockfileVersion": 2}')).toBeUndefined();
  expect(readLock('{')).toBeUndefined();
});

test('what moved, changed, came, was lost or is of no use any more is drift', () => {
  const now = new Map([
    ['a', { version: 2, digest: digest(2) }],
    ['b', { version: 1, digest: digest(2) }],
    ['c', { version: 1, digest: digest(1) }],
    ['e', { version: 1, digest: digest(1) }],
  ]);
  const before = new Map([
    ['a', { version: 1, digest: digest(1) }],
    ['b', { version: 1, digest: digest(1) }],
    ['d', { version: 1, digest: digest(1) }],
    ['e', { version: 1, digest: digest(1) }],
  ]);
  const drift = driftOf(before, now, ['f']).map(({ reference, kind }) => `${reference} ${kind}`);
  expect(drift).toEqual(['a moved', 'b changed', 'c missing', 'd unused', 'f unresolved']);
});

function locked(scene: Scene, version: number): Scene {
  const entries = new Map([['models:/churn/production', { version, digest: digest(version) }]]);
  return { ...scene, lock: { uri: 'file:///home/ana/plinth.lock', text: lockText(entries), entries } };
}

test('the editor shows drift, and takes what holds now into the lock', () => {
  const { scene, caret } = sceneAt('x = "models:/churn/production‸"');
  const drifted = locked(scene, 7);
  const found = diagnostics(drifted);
  expect(found.map(({ code, message }) => [code, message])).toEqual([
    ['drift', 'models:/churn/production is locked at v7 but resolves to v8 now.'],
  ]);
  const at = scene.document.positionAt(caret);
  const fix = codeActions(drifted, { start: at, end: at }, found).find(
    ({ title }) => title === 'Update plinth.lock to v8',
  );
  const [change] = fix?.edit?.documentChanges ?? [];
  const edits = change && 'edits' in change ? (change.edits as TextEdit[]) : [];
  expect(readLock(edits[0]?.newText ?? '')?.get('models:/churn/production')?.version).toBe(8);
  expect(diagnostics(locked(scene, 8))).toEqual([]);
  expect(diagnostics(locked(sceneOf('"models:/churn/production"', 'markdown'), 7))).toEqual([]);
});
