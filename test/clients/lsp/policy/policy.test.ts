import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextEdit } from 'vscode-languageserver';
import {
  isPolicy,
  policyActions,
  policyCompletion,
  policyDiagnostics,
  policyHover,
} from '../../../../daemon/clients/lsp/policy/policy.ts';
import type { Scene } from '../../../../daemon/clients/lsp/document-model.ts';
import { policyLenses } from '../../../../daemon/clients/lsp/policy/lenses.ts';
import { churnRegistry } from '../../../support/lsp-registry.ts';
import { marked } from '../../../support/cursor-markers.ts';
import { edited, sceneOf, unknown } from '../../../support/document-models.ts';

const registry = churnRegistry();

function known(text: string, gates = unknown): Pick<Scene, 'document' | 'registry' | 'gates'> {
  return { document: TextDocument.create('file:///home/ana/plinth.yaml', 'yaml', 1, text), registry, gates };
}

/** Returns the offered completions, and the file after the first is accepted. */
function offered(source: string): { labels: string[]; after: string } {
  const { text, caret } = marked(source);
  const one = known(text);
  const items = policyCompletion(one, caret)?.items ?? [];
  const after = items[0] ? TextDocument.applyEdits(one.document, [items[0].textEdit as TextEdit]) : text;
  return { labels: items.map(({ label }) => label), after };
}

const gates = 'models:\n  - match: churn\n    gates:\n      production:\n        - gate: metric\n';

test('keys are offered where they may stand, those that are there already left out', () => {
  expect(offered('‸').labels).toEqual(['watch', 'metrics', 'models']);
  expect(offered('watch: []\n‸').labels).toEqual(['metrics', 'models']);
  expect(offered('watch:\n  - path: runs\n    ‸').labels).toEqual(['model', 'register', 'metric', 'include', 'ignore']);
  expect(offered('watch:\n- ‸').labels).toContain('register');
  expect(offered('models:\n  - match: churn\n    ‸').labels).toContain('gates');
  expect(offered('models:\n  - match: churn\n    name:\n      ‸').labels).toEqual(['pattern', 'reserved']);
  expect(offered(`${gates}          ‸`).labels).toEqual(['metric', 'at_least', 'at_most', 'evidence']);
  expect(offered('models:\n  - match: churn\n    gates:\n      ‸').labels).toEqual([
    'production',
    'staging',
    '@champion',
    '*',
    '@*',
  ]);
});

test('values are those of the format and of this registry', () => {
  expect(offered('watch:\n  - path: runs\n    register: ‸').labels).toEqual(['final', 'best', 'every', 'manual']);
  expect(offered('models:\n  - match: ‸').labels).toEqual(['churn', 'iris']);
  expect(offered(`${gates}          metric: ‸`)).toEqual({
    labels: ['acc', 'train_loss'],
    after: `${gates}          metric: acc`,
  });
  expect(
    offered('models:\n  - match: iris\n    gates:\n      "*":\n        - gate: metric\n          metric: ‸').labels,
  ).toEqual(['auc']);
  expect(offered('metrics:\n  ‸').labels).toEqual(['acc', 'train_loss', 'auc']);
  expect(offered('metrics:\n  auc: ‸').labels).toEqual(['higher', 'lower']);
  expect(offered('models:\n  - match: churn\n    gates:\n      production:\n        - gate: no_‸').labels).toContain(
    'no_regression',
  );
});

test('what is taken makes a good file', () => {
  expect(offered('mod‸').after).toBe('watch: ');
  expect(offered('models:\n  - match: churn\n    gates:\n      production: []\n      ‸').after).toContain(
    '\n      staging: ',
  );
  expect(offered('metrics:\n  auc:‸').after).toBe('metrics:\n  auc: higher');
  expect(offered('models:\r\n  - match: ‸\r\n').after).toBe('models:\r\n  - match: churn\r\n');
});

test('a key and a kind of gate say what they mean', () => {
  const words = (source: string): unknown => {
    const { text, caret } = marked(source);
    return policyHover(known(text), caret)?.contents;
  };
  expect(words('watch:\n  - reg‸ister: final')).toMatchObject({ value: expect.stringContaining('Which artifact') });
  expect(words('models:\n  - match: x\n    gates:\n      production:\n        - gate: sli‸ces')).toMatchObject({
    value: expect.stringContaining('every group'),
  });
  for (const source of ['nothing‸: 1', 'const‸ructor: 1', `${gates.replace('metric', 'const‸ructor')}`])
    expect(words(source), source).toBeUndefined();
});

test('mistakes and metrics that no version has are marked where they stand', () => {
  const text = `${gates}          metric: acc\n          at_least: 0.8\n`;
  expect(policyDiagnostics(known(text))).toEqual([]);
  const [unknown] = policyDiagnostics(known(text.replace('acc', 'acuracy')));
  expect(unknown).toMatchObject({
    message: 'No version of these models has a metric acuracy.',
    range: { start: { line: 5, character: 18 }, end: { line: 5, character: 25 } },
  });
  const [mistake] = policyDiagnostics(known('watch:\n  - path: a\n    registr: final\n'));
  expect(mistake?.message).toContain('registr');
  expect(mistake?.range.start.line).toBeGreaterThan(0);
  for (const broken of ['models: [', 'a: b: c', '\t', '- - -', '{', 'models:\n- match', `${'- '.repeat(2000)}x`]) {
    policyDiagnostics(known(broken));
    policyLenses(known(broken));
    policyCompletion(known(broken), broken.length);
  }
});

test('a lens says how many versions a gate on a metric would let pass', () => {
  const text = `${gates}          metric: acc\n          at_least: 0.87\n`;
  expect(policyLenses(known(text)).map(({ command }) => command?.title)).toEqual(['would pass: 3 of 7 versions']);
});

test('above a stage and above each gate stands how many versions would pass by the service, once it is known', () => {
  const text = `${gates}          metric: acc\n          at_least: 0.87\n        - gate: no_regression\n          metric: acc\n      '*': [{gate: signature}]\n`;
  const failed = [[], ['no_regression acc'], ['metric acc', 'no_regression acc'], ['metric acc']];
  const versions = failed.map((one, index) => ({ number: 4 - index, allowed: one.length === 0, failed: one }));
  const policy = { path: '/home/ana/plinth.yaml', digest: 'sha256:1', committed: null };
  const asked: unknown[] = [];
  const dryRun: Scene['gates']['dryRun'] = (model, place) => {
    asked.push([model, place]);
    return { model, ...place, holder: 3, policy, versions };
  };
  const titles = (one: typeof dryRun): (string | undefined)[] =>
    policyLenses(known(text, { ...unknown, dryRun: one })).map(
      ({ range, command }) => `${range.start.line} ${command?.title}`,
    );
  expect(titles(dryRun)).toEqual([
    '3 would pass: 1 of 4 versions',
    '4 would pass: 3 of 7 versions',
    '7 would pass: 2 of 4 versions',
  ]);
  expect(asked[0]).toEqual(['churn', { kind: 'stage', name: 'production' }]);
  expect(titles(() => undefined)).toEqual(['4 would pass: 3 of 7 versions']);
  const elsewhere = { ...policy, path: '/other/plinth.yaml' };
  const others = titles((model, place) => ({ model, ...place, holder: 3, policy: elsewhere, versions }));
  expect(others).toEqual(['4 would pass: 3 of 7 versions']);
});

test('the first rule that matches a model is its rule', () => {
  const rule = (match: string): string =>
    `  - match: ${match}\n    gates:\n      production:\n        - gate: metric\n          metric: acc\n`;
  const text = `models:\n${rule('churn')}${rule('"*"')}`;
  expect(policyLenses(known(text)).map(({ command }) => command?.title)).toEqual([
    'would pass: 7 of 7 versions',
    'would pass: 0 of 1 versions',
  ]);
});

test('a gate is proposed from what the holder was measured to be', () => {
  const text = 'models:\n  - match: churn\n    gates:\n      production:\n';
  const [first] = policyActions(known(text), { line: 3, character: 8 });
  expect(first?.title).toBe('Add a gate: acc at least 0.88, as production v8 has it');
  const scene = { ...sceneOf(text, 'yaml', registry), document: known(text).document };
  expect(edited(scene, first?.edit)).toBe(
    `${text}        - gate: metric\n          metric: acc\n          at_least: 0.88\n`,
  );
  expect(policyActions(known(text), { line: 1, character: 8 })).toEqual([]);
});

test('only a plinth.yaml is one', () => {
  expect(isPolicy('file:///a/plinth.yaml')).toBe(true);
  expect(isPolicy('file:///a/myplinth.yaml')).toBe(false);
});
