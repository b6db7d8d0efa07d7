import { expect, test } from 'vitest';
import type { CompareRow } from '../../daemon/protocol/comparison.ts';
import type { VersionDetail } from '../../daemon/protocol/routes/versions.ts';
import { summarizeComparison } from '../../daemon/shared/comparison-summary.ts';
import { textOf } from '../../extension/editors/version-documents.ts';
import { snippet } from '../../extension/load-snippets.ts';
import { textsOf } from '../../webview/pages/compare/rows.ts';
import { cellText, csvTable, markdownTable } from '../../webview/components/text.ts';
import { startService, threeVersions } from '../support/daemon.ts';
import { version } from '../support/models.ts';

async function detail(): Promise<VersionDetail> {
  const { client } = await startService();
  const model = await threeVersions(client);
  return client.call('GET /models/:model/versions/:version', { model, version: '1' });
}

test('the texts of a version are JSON by sorted keys, so that only what differs differs', async () => {
  const of = await detail();
  const params = textOf(of, 'params.json') ?? '';
  const keys = Object.keys(JSON.parse(params) as object);
  expect(keys).toEqual(keys.toSorted());
  expect(keys).toContain('n_estimators');
  expect(JSON.parse(textOf(of, 'metrics.json') ?? '')).toMatchObject({ log_loss: expect.closeTo(0.179, 3) });
  expect(textOf(of, 'nothing.json')).toBeUndefined();
});

test('a comparison of real versions says in words which is better, and by how much the rest is worse', async () => {
  const { client } = await startService();
  await threeVersions(client);
  const comparison = await client.call('GET /compare', { versions: 'iris@1,iris@3' });
  expect(summarizeComparison(comparison)).toBe('iris@3 is better on 2 of 2 metrics.');
  const back = await client.call('GET /compare', { versions: 'iris@3,iris@1' });
  expect(summarizeComparison(back)).toMatch(/^iris@1 is better on 0 of 2 metrics; worse: .*log_loss by 28\.69 %/);
});

test('where no direction is known no judgement is pretended', () => {
  expect(summarizeComparison({ metrics: [], versions: ['a@1', 'a@2'] })).toMatch(/^No judged metric/);
});

const row: CompareRow = {
  name: 'auc|x',
  values: [0.9, 0.45],
  deltas: [null, -0.45],
  better: [null, false],
  direction: 'higher',
  differs: true,
};

test('a cell shows digests and long values in short', () => {
  expect(cellText(`sha256:${'0123456789ab'.padEnd(64, 'c')}`)).toBe('sha256:0123456789ab…');
  expect(cellText('x'.repeat(500))).toHaveLength(160);
  expect([cellText(null), cellText(1 / 3), cellText([1])]).toEqual(['', '0.333333', '[1]']);
});

test('rows copied as Markdown are one table, whatever their names hold', () => {
  const section = { id: 'metrics', title: 'Metrics', rows: [row], judged: true };
  expect(markdownTable(textsOf(section, [row], ['a@1', 'a@2']))).toBe(
    '| Metrics | a@1 | a@2 |\n| --- | --- | --- |\n| auc\\|x | 0.9 | 0.45 |\n',
  );
});

test('a table as CSV is quoted where it must be, and no cell is a formula', () => {
  expect(
    csvTable([
      ['a', 'b,"c"'],
      ['-1.5', '=HYPERLINK(1)'],
    ]),
  ).toBe('a,"b,""c"""\r\n-1.5,\'=HYPERLINK(1)\r\n');
});

test('a load snippet reads the verified file with the library that wrote it', () => {
  expect(snippet(version())).toMatch(/"plinth", "path", "churn@8"[\s\S]*joblib\.load\(path\)/);
  expect(snippet(version({ framework: 'pytorch', format: 'torch zip state_dict' }))).toMatch(/weights_only=True/);
  expect(snippet(version({ framework: 'xgboost', format: 'ubj' }))).toMatch(/xgboost\.Booster\(model_file=path\)/);
});
