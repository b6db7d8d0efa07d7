import { expect, test } from 'vitest';
import type { CodeAction, TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { codeActions } from '../../../../daemon/clients/lsp/features/actions.ts';
import {
  codeLenses,
  definition,
  documentLinks,
  inlayHints,
} from '../../../../daemon/clients/lsp/features/links-and-hints.ts';
import { completion } from '../../../../daemon/clients/lsp/features/completion.ts';
import { diagnostics } from '../../../../daemon/clients/lsp/features/diagnostics.ts';
import { hover } from '../../../../daemon/clients/lsp/features/hover.ts';
import type { GateResult, GateReport } from '../../../../daemon/protocol/policy.ts';
import { apply } from '../../../../daemon/clients/lsp/mirror/reducer.ts';
import { edited, sceneAt, sceneOf } from '../../../support/document-models.ts';
import { churnRegistry } from '../../../support/lsp-registry.ts';
import { version } from '../../../support/models.ts';

function card(source: string): string {
  const { scene, caret } = sceneAt(source);
  const shown = hover(scene, caret);
  return shown && 'value' in (shown.contents as object) ? (shown.contents as { value: string }).value : '';
}

test('the card of a version has its metrics beside those of the holder and the newest, its age, its author and links', () => {
  const text = card('x = "models:/churn/‸6"')
    .replaceAll(/\(command:[^)]*\)/g, '()')
    .replaceAll('&nbsp;', '');
  expect(text).toBe(
    [
      '**churn v6** · development · 2 behind production',
      'Who leaves next month',
      'scikit-learn · joblib  \nregistered 4 d ago by ana/cli',
      '|  | v6 | production v8 | newest v9 |\n| --- | --: | --: | --: |\n| acc | 0.86 | 0.88 | **0.89** |\n| train\\_loss | 0.1 | 0.1 | 0.1 |',
      '[Open]() · [Compare]() · [History]()',
    ].join('\n\n'),
  );
});

test('the card says what gates find, as far as that is known', () => {
  const { scene, caret } = sceneAt('x = "models:/churn/‸9"');
  const gate = (name: string, outcome: GateResult['outcome'], expected?: string): GateResult => ({
    gate: name,
    outcome,
    detail: '',
    ...(expected === undefined ? {} : { expected }),
  });
  const reportOf = (kind: GateReport['kind'], name: string, gates: GateResult[]): GateReport => {
    const allowed = gates.every(({ outcome }) => outcome !== 'failed');
    return { model: 'churn', number: 9, kind, name, holder: 8, allowed, policy: null, gates };
  };
  const reports = [
    reportOf('stage', 'staging', [gate('metric acc', 'passed'), gate('signature', 'passed')]),
    reportOf('stage', 'production', [
      gate('metric acc', 'failed', 'at least 0.9'),
      gate('no_regression train_loss', 'passed'),
      gate('approvals', 'failed'),
      gate('command test', 'skipped'),
    ]),
    reportOf('alias', 'champion', [gate('approvals', 'passed')]),
  ];
  const shown = hover({ ...scene, gates: { ...scene.gates, reports: () => reports } }, caret);
  expect((shown!.contents as { value: string }).value).toContain(
    '✓ staging: all 2 gates pass  \n✗ production: 1 of 3 gates passes · fails: acc ≥ 0.9, approvals  \n✓ @champion: the gate passes',
  );
});

test('the best of each metric stands out, and Compare is there whatever the version', () => {
  const { scene, caret } = sceneAt('x = "models:/churn/‸production"');
  const text = (hover(scene, caret)!.contents as { value: string }).value;
  expect(text).toContain('**0.89** |');
  expect(text).toContain(encodeURIComponent('"versions":["churn@8","churn@9"]'));
});

test('the card of a stage or an alias says who holds it and offers to pin it', () => {
  expect(card('x = "models:/churn/‸Production"')).toContain('**churn v8** · production, @champion');
  expect(card('x = "models:/churn@champ‸ion"')).toContain('[Pin](command:plinth.reference?');
  expect(card('x = "models:/churn‸"')).toContain('**churn** · 7 versions');
  expect(card('m = joblib.load("out/v7/‸model.joblib")')).toContain('**churn v7**');
  expect(card('x = "mod‸els:/zebra/1"')).toContain('⚠ There is no model zebra');
  expect(card('x = "models:/zeb‸ra/1"')).toBe('');
  expect(card('x = ‸1')).toBe('');
});

function offered(source: string): { labels: string[]; after: string | undefined } {
  const { scene, caret } = sceneAt(source);
  const list = completion(scene, caret);
  const [first] = list?.items ?? [];
  const after = first && TextDocument.applyEdits(scene.document, [first.textEdit as TextEdit]);
  return { labels: list?.items.map(({ label }) => label) ?? [], after };
}

test('models are offered by use, then aliases after @, stages and versions after /', () => {
  expect(offered('x = "models:/‸"')).toEqual({ labels: ['iris', 'churn'], after: 'x = "models:/iris"' });
  expect(offered('x = "models:/ch‸xx/3"')).toEqual({ labels: ['churn'], after: 'x = "models:/churn/3"' });
  expect(offered('x = "models:/churn@‸"')).toEqual({ labels: ['champion'], after: 'x = "models:/churn@champion"' });
  expect(offered('x = "models:/churn/‸"').labels).toEqual(['production', 'latest', '9', '8', '7', '6', '4', '2', '1']);
  expect(offered('x = "models:/churn/pro‸"')).toEqual({
    labels: ['production'],
    after: 'x = "models:/churn/production"',
  });
  expect(offered('plinth path churn@‸').labels.slice(0, 3)).toEqual(['@champion', 'production', 'latest']);
  expect(offered('plinth path churn@@ch‸').labels).toEqual(['@champion']);
  expect(offered('ana@‸').labels).toEqual([]);
  expect(offered('x = "models:/nothing/‸"').labels).toEqual([]);
});

test('an offer says what the version is and was measured to be', () => {
  const { scene, caret } = sceneAt('x = "models:/churn/9‸"');
  expect(completion(scene, caret)?.items[0]?.labelDetails?.description).toBe('acc 0.89 · 24 h ago');
});

function fixes(source: string, registry = churnRegistry()): Record<string, string> {
  const { scene, caret } = sceneAt(source, 'python', registry);
  const at = scene.document.positionAt(caret);
  const actions = codeActions(scene, { start: at, end: at }, diagnostics(scene));
  return Object.fromEntries(actions.map((one): [string, string] => [one.title, shownAs(one, scene)]));
}

function shownAs(action: CodeAction, scene: ReturnType<typeof sceneOf>): string {
  return action.command ? JSON.stringify(action.command.arguments?.[0]) : edited(scene, action.edit);
}

test('a number of a merged model is written as what it is now, and its other names lead to the model that it is part of', () => {
  const former = apply(churnRegistry(), {
    kind: 'versions',
    model: 'churn',
    page: [version({ number: 7, stage: 'development', aliases: [], formerly: ['leavers@3'] })],
    from: 8,
    complete: false,
  });
  expect(fixes('x = "models:/leavers/3‸"', former)).toEqual({
    'Change to churn@7': 'x = "models:/churn/7"',
    'Update to v8': 'x = "models:/churn/8"',
  });
  expect(fixes('x = "models:/leavers@best‸"', former)).toEqual({ 'Change to churn': 'x = "models:/churn@best"' });
});

test('quick fixes change to the closest name, update, pin, follow, and create an alias', () => {
  expect(fixes('x = "models:/chrun‸/3"')).toEqual({ 'Change to churn': 'x = "models:/churn/3"' });
  expect(fixes('x = "models:/churn@champoin‸"')).toEqual({
    'Change to champion': 'x = "models:/churn@champion"',
    'Create the alias @champoin for churn v8': '{"act":"set-alias","model":"churn","alias":"champoin","number":8}',
  });
  expect(fixes('x = "models:/churn/6‸"')).toEqual({ 'Update to v8': 'x = "models:/churn/8"' });
  expect(fixes('x = "models:/churn/1‸"')).toEqual({ 'Update to v8': 'x = "models:/churn/8"' });
  expect(fixes('x = "models:/churn/5‸"')).toEqual({ 'Change to iris@2': 'x = "models:/iris/2"' });
  expect(fixes('x = "models:/churn@champion‸"')).toEqual({ 'Pin to v8': 'x = "models:/churn/8"' });
  expect(fixes('x = "models:/churn/8‸"')).toEqual({
    'Follow production': 'x = "models:/churn/production"',
    'Follow @champion': 'x = "models:/churn@champion"',
  });
  expect(fixes('path churn@@champion‸')).toEqual({ 'Pin to v8': 'path churn@8' });
});

test('a fix says which diagnostic it mends', () => {
  const { scene, caret } = sceneAt('x = "models:/chrun‸/3"');
  const at = scene.document.positionAt(caret);
  const [fix] = codeActions(scene, { start: at, end: at }, diagnostics(scene));
  expect(fix?.diagnostics?.map(({ code }) => code)).toEqual(['unknown-model']);
});

test('diagnostics stand at what they are about, and are gentle in prose', () => {
  const source = '# 🦊\r\nx = "models:/zebra/1"\r\n';
  const [found] = diagnostics(sceneOf(source));
  expect(found?.range).toEqual({ start: { line: 1, character: 13 }, end: { line: 1, character: 18 } });
  expect(found?.severity).toBe(2);
  expect(diagnostics(sceneOf(source, 'markdown'))[0]?.severity).toBe(3);
});

test('a lens stands above a pin that production has left behind, and above no other', () => {
  const lenses = codeLenses(sceneOf('"models:/churn/6" "models:/churn/8" "models:/churn@champion"'));
  expect(lenses.map(({ command }) => command?.title)).toEqual([
    'v6 pinned · 2 behind production (+0.02 acc)',
    'compare',
    'update to v8',
  ]);
});

test('hints say the number where the text does not', () => {
  const scene = sceneOf(
    '"models:/churn/Production" "models:/churn/6" joblib.load("out/v7/model.joblib") joblib.load("no")',
  );
  expect(inlayHints(scene).map(({ label }) => label)).toEqual(['→ v8', '→ churn v7']);
});

test('links and definitions lead to the version, where the editor can show it', () => {
  const { scene, caret } = sceneAt('"models:/churn/‸Production" "models:/zebra/1"');
  expect(documentLinks(scene).map(({ tooltip }) => tooltip)).toEqual(['Open churn v8']);
  expect(definition(scene, caret)?.uri).toBe('plinth:/churn/version.json?8');
  expect(definition({ ...scene, commands: false }, caret)).toBeNull();
  expect(documentLinks({ ...scene, commands: false })).toEqual([]);
});
