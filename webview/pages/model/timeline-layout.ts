import type { MetricThreshold, Version } from '../../../daemon/protocol/model.ts';
import type { Direction } from '../../../daemon/shared/metrics.ts';
import { trainedAt } from '../../../daemon/shared/version-time.ts';
import { linearScale } from '../../components/plot/scale.ts';
import type { Span } from './pointer-timeline.ts';

/** Lays out the timeline of a model: a metric by version, and below it, on the same axis, what held each stage when. Pure. */

/** A metric that a timeline shows. */
export interface ShownMetric {
  metric: string;
  direction: Direction | null;
}

/** What a timeline shows. */
export interface TimelineModel {
  model: string;
  versions: readonly Version[];
  lanes: ReadonlyMap<string, readonly Span[]>;
  metric: string;
  direction: Direction | null;
  /** Another metric with an axis of its own; null for none. */
  second: ShownMetric | null;
  thresholds: readonly MetricThreshold[];
  selected: ReadonlySet<number>;
}

/** What the axis shows: the time of training, or the versions at equal distances. */
export type AxisKind = 'time' | 'version';

export interface Axis {
  kind: AxisKind;
  /** Returns where a version lies on the axis. */
  ofVersion(version: AxisVersion): number;
  /** Returns where a time lies on the axis: on a version axis, at the version that was the newest then. */
  ofTime(at: number): number;
  range: readonly [number, number];
}

export type AxisVersion = Pick<Version, 'number' | 'createdAt' | 'source'>;

/** Returns the axis for some versions and the periods of their stages. `now` is its end. */
export function axisOf(kind: AxisKind, versions: readonly AxisVersion[], spans: readonly Span[], now: number): Axis {
  const times = versions.map(trainedAt);
  if (kind === 'time') {
    const from = Math.min(...times, ...spans.map((span) => span.from), now);
    return { kind, ofVersion: trainedAt, ofTime: (at) => at, range: [from, Math.max(now, ...times)] };
  }
  const ordered = versions.toSorted((a, b) => a.number - b.number);
  const ranks = new Map(ordered.map(({ number }, rank) => [number, rank]));
  const registered = ordered.map(({ createdAt }) => createdAt);
  const ofTime = (at: number): number =>
    Math.max(
      0,
      registered.findLastIndex((one) => one <= at),
    );
  return { kind, ofVersion: ({ number }) => ranks.get(number) ?? 0, ofTime, range: [0, ordered.length - 0.5] };
}

/** Points nearer than this cannot be told apart. */
const minDistance = 6;

/** Returns the axis that shows versions apart: time, unless most of them would lie on each other. */
export function usualAxis(versions: readonly AxisVersion[], width: number, now: number): AxisKind {
  const times = versions.map(trainedAt).toSorted((a, b) => a - b);
  const [first = now] = times;
  const scale = linearScale([first, now], 0, width);
  const apart = times.filter((at, index) => index === 0 || scale(at) - scale(times[index - 1]!) >= minDistance);
  return apart.length * 2 >= times.length ? 'time' : 'version';
}

export interface TimelinePoint {
  version: Version;
  x: number;
  y: number;
  value: number;
}

export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Returns the finite values of a metric, in the order of the axis. */
export function valuesOn(
  axis: Axis,
  versions: readonly Version[],
  metric: string,
): { version: Version; value: number }[] {
  return versions
    .flatMap((version) => {
      const value = Object.hasOwn(version.metrics, metric) ? version.metrics[metric] : undefined;
      return typeof value === 'number' && Number.isFinite(value) ? [{ version, value }] : [];
    })
    .toSorted((a, b) => axis.ofVersion(a.version) - axis.ofVersion(b.version) || a.version.number - b.version.number);
}

/** Returns the range of the value axis: of the values and thresholds, with a margin. */
export function valueRange(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.08;
  return [low - margin, high + margin];
}

/** Returns the best value so far at each point; nothing if no direction is known. */
export function bestSoFar(values: readonly number[], direction: Direction | null): number[] {
  if (direction === null) return [];
  let best = direction === 'lower' ? Infinity : -Infinity;
  return values.map((value) => (best = direction === 'lower' ? Math.min(best, value) : Math.max(best, value)));
}

/** Returns the path of a line that keeps its height until the next point. */
export function stepPath(points: readonly { x: number; y: number }[], end: number): string {
  const parts = points.map(({ x, y }, index) =>
    index === 0 ? `M${round(x)} ${round(y)}` : `H${round(x)}V${round(y)}`,
  );
  return points.length === 0 ? '' : `${parts.join('')}H${round(end)}`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export interface LaneBar {
  span: Span;
  x: number;
  width: number;
  /** Empty where it does not fit. */
  label: string;
}

const minBar = 3;
const characterWidth = 7;

/** Returns the bars of a lane within the frame. Bars outside of a zoomed range are left out. */
export function laneBars(
  spans: readonly Span[],
  place: (at: number) => number,
  { left, right }: Frame,
  now: number,
): LaneBar[] {
  return spans.flatMap((span) => {
    const from = Math.max(left, place(span.from));
    const to = Math.min(right, place(span.to ?? now));
    if (to < left || from > right) return [];
    const x = Math.min(from, right - minBar);
    const width = Math.max(minBar, to - x);
    const text = `${span.isRollback ? '↶ ' : ''}v${span.version}`;
    return [{ span, x, width, label: text.length * characterWidth + 6 <= width ? text : '' }];
  });
}

/** Returns the nearest point to a place, within a few pixels; undefined if there is none. */
export function nearestPoint(
  points: readonly TimelinePoint[],
  x: number,
  y: number,
  within = 14,
): TimelinePoint | undefined {
  const distances = points.map((point) => ({ point, distance: Math.hypot(point.x - x, point.y - y) }));
  const [nearest] = distances.toSorted((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= within ? nearest.point : undefined;
}
