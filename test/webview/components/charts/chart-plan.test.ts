import { expect, test } from 'vitest';
import { planCharts } from '../../../../webview/components/charts/chart-plan.ts';
import { columnLabels } from '../../../../webview/components/column-labels.ts';

const rows = (...names: string[]): Parameters<typeof planCharts>[0] =>
  names.map((metric) => ({ metric, direction: null, of: [] }));

test('the chosen metric comes first, then held-out ones, the system last, and training is drawn beside held-out', () => {
  const plans = planCharts(
    rows('grad_norm', 'system/gpu', 'train/auc', 'train/loss', 'train/only', 'val/auc', 'val/loss', 'lr'),
    ['val/loss'],
  );
  expect(plans.map(({ metric, training }) => [metric, training])).toEqual([
    ['val/loss', 'train/loss'],
    ['val/auc', 'train/auc'],
    ['grad_norm', null],
    ['train/only', null],
    ['lr', null],
    ['system/gpu', null],
  ]);
});

test('each series is drawn in exactly one chart', () => {
  const names = ['val/auc', 'test/auc', 'train/auc', 'auc', 'val_loss', 'train_loss', 'train'];
  const drawn = planCharts(rows(...names), []).flatMap(({ metric, training }) => [metric, training ?? []].flat());
  expect(drawn.toSorted()).toEqual(names.toSorted());
});

const column = { reference: 'churn@7', model: 'churn', number: 7, run: null };

test('columns are named by number, with the model where there are two, and a run by its folder', () => {
  expect(columnLabels([column, { ...column, number: 9 }])).toEqual(['v7', 'v9']);
  expect(columnLabels([column, { ...column, model: 'iris' }])).toEqual(['churn v7', 'iris v7']);
  const run = { reference: 'run:/data/out/run-3', model: null, number: null, run: '/data/out/run-3' };
  expect(columnLabels([column, run])).toEqual(['v7', 'run-3']);
});
