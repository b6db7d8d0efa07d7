import { expect, test } from 'vitest';
import {
  arrangeCharts,
  arrangementFrom,
  moveChart,
  openCharts,
  turnPin,
  turnSection,
  usualArrangement,
  type ChartSection,
} from '../../../../webview/components/charts/chart-arrangement.ts';
import type { ChartPlan } from '../../../../webview/components/charts/chart-plan.ts';

const plans = ['val/auc', 'val/loss', 'lr', 'system/gpu', 'system/ram', 'test/auc'].map((metric): ChartPlan => ({
  metric,
  training: null,
  direction: null,
}));

const shape = (sections: readonly ChartSection[]): unknown[] =>
  sections.map((one) => [one.isPinned ? '★' : one.prefix, ...one.plans.map(({ metric }) => metric)]);

test('charts are grouped by the prefix that several of them have, in the order of reading', () => {
  expect(shape(arrangeCharts(plans, usualArrangement))).toEqual([
    ['val/', 'val/auc', 'val/loss'],
    ['', 'lr', 'test/auc'],
    ['system/', 'system/gpu', 'system/ram'],
  ]);
});

test('pinned charts stand first in the order of their pins, and a second turn takes the pin away', () => {
  const pinned = turnPin(turnPin(usualArrangement, 'system/ram'), 'val/auc');
  expect(shape(arrangeCharts(plans, pinned))[0]).toEqual(['★', 'system/ram', 'val/auc']);
  expect(turnPin(pinned, 'system/ram').pinned).toEqual(['val/auc']);
  expect(turnSection(turnSection(usualArrangement, 'val/'), 'val/')).toEqual(usualArrangement);
});

test('charts of closed sections are not drawn, and a section that stands alone cannot be closed', () => {
  const closed = turnSection(turnPin(usualArrangement, 'val/auc'), '');
  expect(openCharts(plans, closed).map(({ metric }) => metric)).toEqual(['val/auc', 'system/gpu', 'system/ram']);
  expect(openCharts(plans.slice(3, 5), turnSection(usualArrangement, 'system/')).length).toBe(2);
});

test('a moved chart takes the place of the other one in its section, and one of another section stays', () => {
  const sections = arrangeCharts(plans, usualArrangement);
  const moved = moveChart(usualArrangement, sections, 'val/loss', 'val/auc');
  expect(shape(arrangeCharts(plans, moved))[0]).toEqual(['val/', 'val/loss', 'val/auc']);
  expect(moveChart(usualArrangement, sections, 'val/loss', 'lr')).toBe(usualArrangement);
  expect(moveChart(usualArrangement, sections, 'gone', 'lr')).toBe(usualArrangement);
  const pinned = turnPin(turnPin(usualArrangement, 'lr'), 'val/auc');
  expect(moveChart(pinned, arrangeCharts(plans, pinned), 'val/auc', 'lr').pinned).toEqual(['val/auc', 'lr']);
});

test('a metric that was not there when charts were moved follows those that were', () => {
  const moved = moveChart(usualArrangement, arrangeCharts(plans.slice(1), usualArrangement), 'val/loss', 'val/loss');
  expect(moved).toBe(usualArrangement);
  const order = { ...usualArrangement, order: ['val/loss', 'gone'] };
  expect(shape(arrangeCharts(plans, order))[0]).toEqual(['val/', 'val/loss', 'val/auc']);
});

test('of what was stored only what has the right form is used', () => {
  for (const wrong of [null, 7, 'S', [], { size: 'XL', order: 'val/auc', pinned: [1, {}], closed: null }])
    expect(arrangementFrom(wrong)).toEqual(usualArrangement);
  const long = Array.from({ length: 9000 }, (_, at) => `m${at % 2000}`);
  const found = arrangementFrom({ size: 'L', order: long, pinned: ['a', 'a', 'x'.repeat(501)], closed: ['val/'] });
  expect([found.size, found.order.length, found.pinned, found.closed]).toEqual(['L', 500, ['a'], ['val/']]);
});
