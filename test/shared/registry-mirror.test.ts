import { expect, test } from 'vitest';
import { apply as applyToLanguage, nothing as noRegistry } from '../../daemon/clients/lsp/mirror/reducer.ts';
import type { Model } from '../../daemon/protocol/model.ts';
import { StaleModels, staleModels } from '../../daemon/shared/registry-mirror.ts';
import { apply as applyToTree, nothing as noMirror } from '../../extension/mirror/reducer.ts';
import { event, model } from '../support/models.ts';

type Change = { kind: 'models'; models: Model[] } | { kind: 'model'; name: string; model: Model | undefined };

/** Returns the names that the tree and the language server have after the same answers, in their order. */
function both(...changes: Change[]): [tree: string[], language: string[]] {
  let [tree, language] = [noMirror, noRegistry];
  for (const [at, change] of changes.entries()) {
    tree = applyToTree(tree, { ...change, at });
    language = applyToLanguage(language, { ...change, at });
  }
  return [tree.models.map(({ name }) => name), [...language.models.keys()]];
}

test('tree and language server agree on the models and their order, whatever is read in which order', () => {
  const at = (name: string, updatedAt: number): Model => model({ name, updatedAt });
  const all: Change = { kind: 'models', models: [at('c', 3), at('b', 2), at('a', 1)] };
  const cases: [Change[], string[]][] = [
    [
      [all, { kind: 'model', name: 'a', model: at('a', 9) }],
      ['a', 'c', 'b'],
    ],
    [
      [all, { kind: 'model', name: 'a', model: at('a', 2.5) }],
      ['c', 'a', 'b'],
    ],
    [
      [all, { kind: 'model', name: 'c', model: undefined }],
      ['b', 'a'],
    ],
    [
      [all, { kind: 'model', name: 'd', model: at('d', 0) }],
      ['c', 'b', 'a', 'd'],
    ],
    [[all, { kind: 'models', models: [] }], []],
  ];
  for (const [changes, names] of cases) expect(both(...changes)).toEqual([names, names]);
});

test('an event about a model makes it old, a new name the old name too, and one about nothing makes nothing old', () => {
  expect(staleModels(event({ type: 'version.staged/1', model: 'churn', number: 7 }))).toEqual([
    { name: 'churn', number: 7 },
  ]);
  expect(staleModels(event({ type: 'model.renamed/1', model: 'new', number: null, body: { before: 'old' } }))).toEqual([
    { name: 'new', number: null },
    { name: 'old', number: null },
  ]);
  expect(staleModels(event({ type: 'root.watched/1', model: null, number: null }))).toEqual([]);
});

test('a crowd of events about one model is one reading, with the versions that something happened to', () => {
  const stale = new StaleModels();
  for (const number of [7, 8, 7]) stale.add(event({ type: 'version.tagged/1', model: 'churn', number }));
  stale.add(event({ type: 'model.tagged/1', model: 'churn', number: null }));
  expect(stale.take()).toEqual([['churn', new Set([7, 8])]]);
  expect(stale.take()).toEqual([]);
});
