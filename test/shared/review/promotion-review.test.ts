import { expect, test } from 'vitest';
import type { GateReport } from '../../../daemon/protocol/policy.ts';
import { reviewPromotion, type PromotionFacts } from '../../../daemon/shared/review/promotion-review.ts';
import type { ReviewLine } from '../../../daemon/shared/review/review-line.ts';
import { model } from '../../support/models.ts';

const report: GateReport = {
  model: 'churn',
  number: 30,
  kind: 'stage',
  name: 'production',
  holder: 26,
  allowed: true,
  policy: null,
  gates: [
    {
      gate: 'metric auc',
      outcome: 'passed',
      detail: 'auc is 0.9121, at least 0.9.',
      expected: '≥ 0.9',
      actual: '0.9121',
    },
    { gate: 'age', outcome: 'skipped', detail: 'There is no time.' },
  ],
};

type Row = NonNullable<PromotionFacts['comparison']>['metrics'][number];

function metric(name: string, base: number, value: number, direction: Row['direction'], spread?: Row['spread']): Row {
  const better = direction === null ? null : value > base === (direction === 'higher');
  return {
    name,
    values: [base, value],
    deltas: [null, value - base],
    better: [null, better],
    direction,
    differs: base !== value,
    ...(spread === undefined ? {} : { spread }),
  };
}

function facts(change: Partial<PromotionFacts> = {}): PromotionFacts {
  return {
    report,
    pointers: model().pointers,
    current: { number: 26, stage: 'production', aliases: ['champion'] },
    comparison: {
      versions: ['churn@26', 'churn@30'],
      metrics: [
        metric('val/auc', 0.9021, 0.9121, 'higher'),
        metric('accuracy', 0.9, 0.89, 'higher'),
        metric('loss', 0.3, 0.2, 'lower', [{ count: 2, least: 0.2, most: 0.4 }, null]),
        metric('rps', 10, 20, null),
        metric('f1', 0.8, 0.85, 'higher'),
        metric('recall', 0.7, 0.75, 'higher'),
      ],
    },
    leading: ['val/auc'],
    loaders: { references: 0, files: [] },
    ...change,
  };
}

const texts = (lines: readonly ReviewLine[]): string[] =>
  lines.map(({ sign, text, detail }) => `${sign}: ${text}${detail === '' ? '' : ` | ${detail}`}`);

test('a review names the primary metric first, then two more differences, and counts all of them', () => {
  const { differences } = reviewPromotion(facts());
  expect(differences).toHaveLength(4);
  expect(texts(differences)[0]).toBe('better: val/auc 0.9021 → 0.9121 (+1.1 %)');
  expect(texts(differences).at(-1)).toBe('effect: 3 better · 1 worse · 1 within noise · 1 unjudged');
  expect(texts(differences).join()).not.toMatch(/loss|rps/);
});

test('a difference within noise stands behind those that say something, and has its own sign', () => {
  const [auc, , loss] = facts().comparison!.metrics;
  const comparison = { versions: ['churn@26', 'churn@30'], metrics: [loss!, auc!] };
  const { differences } = reviewPromotion(facts({ comparison, leading: [] }));
  expect(differences.map(({ sign }) => sign)).toEqual(['better', 'within-noise', 'effect']);
});

test('what becomes of the former version is said: archived from a stage, with the aliases that it keeps', () => {
  expect(texts(reviewPromotion(facts()).effects)).toEqual(['effect: v26 goes to the archive | keeps @champion']);
});

test('the former version of an alias stays in its stage', () => {
  const alias = { ...report, kind: 'alias', name: 'champion' } as const;
  expect(texts(reviewPromotion(facts({ report: alias })).effects)).toEqual([
    'effect: v26 is no longer @champion | stays in production',
  ]);
});

test('a stage that the promoted version leaves is named, and an empty one is called empty', () => {
  const [production] = model().pointers;
  const staging = { ...production!, name: 'staging', holder: 30 };
  const review = reviewPromotion(facts({ pointers: [staging], current: null, report: { ...report, holder: null } }));
  expect(texts(review.effects)).toEqual([
    'effect: production is currently empty',
    'effect: v30 leaves staging, which is empty then',
  ]);
});

test('who loads the stage is counted, with at most three files', () => {
  const loaders = { references: 5, files: ['a.py', 'b.py', 'c.py', 'd.py'] };
  expect(texts(reviewPromotion(facts({ loaders })).effects).at(-1)).toBe(
    'effect: 5 references in 4 files load churn@production | a.py, b.py, c.py, …',
  );
});

test('failed gates come first, each with what can be done about it', () => {
  const failing: GateReport = {
    ...report,
    allowed: false,
    gates: [
      ...report.gates,
      { gate: 'card', outcome: 'failed', detail: 'Model card lacks: intended use.' },
      { gate: 'approvals', outcome: 'failed', detail: '0 of 1 approvals.', expected: '1', actual: '0' },
      { gate: 'command test', outcome: 'failed', detail: 'Nobody trusts it.' },
      { gate: 'command other', outcome: 'failed', detail: 'It ended with 1.', actual: '1' },
    ],
  };
  const review = reviewPromotion(facts({ report: failing }));
  expect(review.gates.map(({ sign, act }) => [sign, act])).toEqual([
    ['failed', 'edit-card'],
    ['failed', 'request-approval'],
    ['failed', 'trust-policy'],
    ['failed', 'run-gates'],
    ['passed', undefined],
    ['skipped', undefined],
  ]);
  expect(review.title).toBe('Cannot promote churn v30 to production: 4 of 6 gates failed');
  expect([review.mayPromote, review.asksForApproval]).toEqual([false, true]);
  expect(reviewPromotion(facts()).asksForApproval).toBe(false);
});

test('a version that is current already is compared with nothing and changes nothing', () => {
  const review = reviewPromotion(facts({ report: { ...report, number: 26, allowed: false } }));
  expect([review.mayPromote, review.isCurrent, review.differences, review.effects]).toEqual([true, true, [], []]);
});

test('values that are no numbers are shown as they are', () => {
  const row = { ...metric('auc', 1, 2, 'higher'), values: [0.9, 'NaN'], deltas: [null, null], better: [null, false] };
  const { differences } = reviewPromotion(facts({ comparison: { versions: ['a@1', 'a@2'], metrics: [row] } }));
  expect(texts(differences)[0]).toBe('worse: auc 0.9 → NaN');
});
