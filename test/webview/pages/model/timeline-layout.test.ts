import { expect, test } from 'vitest';
import { linearScale } from '../../../../webview/components/plot/scale.ts';
import { lanesOf, type Span } from '../../../../webview/pages/model/pointer-timeline.ts';
import {
  axisOf,
  bestSoFar,
  laneBars,
  nearestPoint,
  stepPath,
  usualAxis,
  valueRange,
  valuesOn,
  type AxisVersion,
} from '../../../../webview/pages/model/timeline-layout.ts';
import type { ThinEvent } from '../../../../daemon/protocol/events.ts';
import type { Json } from '../../../../daemon/protocol/json.ts';
import { version } from '../../../support/models.ts';

const day = 86_400_000;
const frame = { left: 100, right: 900, top: 0, bottom: 100 };

function trained(number: number, at: number, createdAt = at): AxisVersion {
  return { number, createdAt, source: { kind: 'watch', path: '/m', run: null, writtenAt: at } };
}

function span(number: number, from: number, to: number | null, isRollback = false): Span {
  return { version: number, from, to, isRollback, actor: 'ana/cli', reason: '' };
}

function move(at: number, name: string, holder: number | null, cause = 'promote', kind = 'stage'): ThinEvent {
  const body: Record<string, Json> = { kind, name, cause, after: { holder }, reason: `because of ${at}` };
  return { seq: at, at, actor: 'ana/cli', type: 'pointer.moved/1', model: 'm', number: holder, body, hash: '' };
}

test('each move ends the period before it, and stages come before aliases', () => {
  const history = [
    move(1, 'champion', 1, 'alias', 'alias'),
    move(2, 'staging', 2),
    move(3, 'production', 1),
    move(5, 'production', 2),
    move(7, 'production', 1, 'rollback'),
    move(8, 'staging', null, 'left'),
  ].toReversed();
  const lanes = lanesOf(history);
  expect([...lanes.keys()]).toEqual(['production', 'staging', '@champion']);
  expect(lanes.get('production')?.map(({ version: number, from, to }) => [number, from, to])).toEqual([
    [1, 3, 5],
    [2, 5, 7],
    [1, 7, null],
  ]);
  expect(lanes.get('production')?.map(({ isRollback }) => isRollback)).toEqual([false, false, true]);
  expect(lanes.get('production')?.at(-1)?.reason).toBe('because of 7');
  expect(lanes.get('staging')?.at(-1)?.to).toBe(8);
});

test('on an axis of time, versions lie when they were trained, and moves when they happened', () => {
  const axis = axisOf('time', [trained(1, 10 * day), trained(2, 20 * day)], [span(1, 5 * day, null)], 30 * day);
  expect(axis.range).toEqual([5 * day, 30 * day]);
  expect(axis.ofVersion(trained(2, 20 * day))).toBe(20 * day);
  expect(axis.ofTime(7 * day)).toBe(7 * day);
});

test('on an axis of versions they lie at equal distances, and a move lies at the newest version of its time', () => {
  const all = [trained(7, 300, 310), trained(1, 100, 110), trained(3, 101, 111)];
  const axis = axisOf('version', all, [], 1000);
  expect(all.map((one) => axis.ofVersion(one))).toEqual([2, 0, 1]);
  expect([0, 110, 200, 310, 999].map((at) => axis.ofTime(at))).toEqual([0, 0, 1, 2, 2]);
});

test('time is the usual axis, unless most versions would lie on each other', () => {
  const daily = Array.from({ length: 12 }, (_, index) => trained(index + 1, index * day));
  expect(usualAxis(daily, 800, 12 * day)).toBe('time');
  const backlog = Array.from({ length: 12 }, (_, index) => trained(index + 1, index));
  expect(usualAxis(backlog, 800, 12 * day)).toBe('version');
  expect(usualAxis([trained(1, 5)], 800, 5)).toBe('time');
});

test('only finite numbers are drawn, in the order of the axis', () => {
  const versions = [
    version({ number: 1, metrics: { auc: 0.9 } }),
    version({ number: 2, metrics: { auc: 'NaN' } }),
    version({ number: 3, metrics: { auc: 0.8 } }),
    version({ number: 4, metrics: {} }),
  ].toReversed();
  const axis = axisOf('version', versions, [], 0);
  expect(valuesOn(axis, versions, 'auc').map(({ value }) => value)).toEqual([0.9, 0.8]);
  expect(valuesOn(axis, versions, 'toString')).toEqual([]);
});

test('the best so far follows the direction, and there is none without one', () => {
  expect(bestSoFar([3, 5, 4, 6], 'higher')).toEqual([3, 5, 5, 6]);
  expect(bestSoFar([3, 5, 2], 'lower')).toEqual([3, 3, 2]);
  expect(bestSoFar([3, 5], null)).toEqual([]);
  expect(
    stepPath(
      [
        { x: 0, y: 9 },
        { x: 5, y: 4 },
      ],
      10,
    ),
  ).toBe('M0 9H5V4H10');
  expect(stepPath([], 10)).toBe('');
});

test('equal values still have a range', () => {
  const [low, high] = valueRange([0.5, 0.5]);
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.5);
  expect(valueRange([0])).toEqual([-1, 1]);
});

test('bars do not leave the frame, the shortest can be seen, and a label is there only where it fits', () => {
  const place = linearScale([0, 100], frame.left, frame.right);
  const bars = laneBars(
    [span(1, -50, 0.1), span(2, 10, 60), span(3, 60, null, true), span(4, 200, 300)],
    place,
    frame,
    100,
  );
  expect(bars.map(({ span: { version: number } }) => number)).toEqual([1, 2, 3]);
  expect(bars[0]).toMatchObject({ x: 100, width: 3, label: '' });
  expect(bars[1]).toMatchObject({ x: 180, width: 400, label: 'v2' });
  expect(bars[2]?.label).toBe('↶ v3');
  for (const { x, width } of bars) expect(x + width).toBeLessThanOrEqual(frame.right);
});

test('the nearest point counts only within a few pixels', () => {
  const points = [1, 2].map((number) => ({ version: version({ number }), x: number * 50, y: 10, value: 1 }));
  expect(nearestPoint(points, 98, 12)?.version.number).toBe(2);
  expect(nearestPoint(points, 75, 80)).toBeUndefined();
});
