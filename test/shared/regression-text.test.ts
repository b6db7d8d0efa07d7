import { expect, test } from 'vitest';
import type { Comparison, MetricRow } from '../../daemon/protocol/comparison.ts';
import { explainRegression } from '../../daemon/shared/regression-text.ts';

function row(
  name: string,
  from: MetricRow['values'][0],
  to: MetricRow['values'][0],
  isBetter: boolean | null = null,
): MetricRow {
  const delta = typeof from === 'number' && typeof to === 'number' ? to - from : null;
  return {
    name,
    values: [from!, to!],
    deltas: [null, delta],
    better: [null, isBetter],
    direction: null,
    differs: from !== to,
    notComparable: [null, null],
    spread: [null, null],
  };
}

function comparison(parts: Partial<Comparison>): Comparison {
  const none = {
    facts: [],
    metrics: [],
    params: [],
    config: [],
    reports: [],
    code: [],
    environment: [],
    data: [],
    signature: [],
    files: [],
  };
  const tensors = { rows: [], differing: 0, equal: 0 };
  return { versions: ['churn@8', 'churn@9'], columns: [], tensors, omitted: {}, ...none, ...parts };
}

test('a version that got worse is explained by what differs in params, data, code and packages', () => {
  const packages = ['a', 'b', 'c', 'd', 'e'].map((name) => row(name, '1', '2'));
  const { text, causes } = explainRegression(
    comparison({
      metrics: [row('loss', 0.1, 0.2, false), row('val_auc', 0.93, 0.91, false), row('f1', 0.5, 0.6, true)],
      params: [row('lr', 0.01, 0.1), row('depth', 3, 3)],
      data: [row('data/train.csv', 'sha256:a', 'sha256:b'), row('data/train.csv rows', 10, 20)],
      code: [row('uncommitted.diff', 'a', 'b')],
      environment: [row('python', '3.12', '3.13'), ...packages],
    }),
    'val_auc',
  );
  expect(text).toBe(
    'churn@9 lost 0.02 val_auc (0.93 → 0.91) against churn@8: lr 0.01 → 0.1, data data/train.csv changed, data/train.csv rows 10 → 20, ' +
      'uncommitted changes differ, python 3.12 → 3.13, 5 packages changed (a 1 → 2, b 1 → 2, c 1 → 2, d 1 → 2, …).',
  );
  expect(causes).toHaveLength(6);
});

test('without a metric the best known one that got worse is taken, and what is not known is said to be so', () => {
  expect(
    explainRegression(comparison({ metrics: [row('x', 1, 2, false), row('val_auc', 0.9, 0.8, false)] }), null).text,
  ).toBe(
    'churn@9 lost 0.1 val_auc (0.9 → 0.8) against churn@8. No params, data, code or packages are known to differ.',
  );
  expect(explainRegression(comparison({ metrics: [row('f1', 0.5, 0.6, true)] }), null).text).toMatch(
    /^No metric of churn@9 is known to be worse than in churn@8\./,
  );
  expect(explainRegression(comparison({}), 'f1').text).toMatch(/^f1 is not known of both churn@8 and churn@9\./);
  expect(explainRegression(comparison({ metrics: [row('odd', 1, 2)] }), 'odd').text).toMatch(
    /which direction is better is not known, in odd \(1 → 2\)/,
  );
  const unseen = [{ reference: 'churn@8', missing: ['no git repository'] }] as Comparison['columns'];
  expect(explainRegression(comparison({ columns: unseen.map((one) => ({ ...one })) }), null).text).toMatch(
    /Not compared: churn@8: no git repository\.$/,
  );
});
