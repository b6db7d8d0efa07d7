import { svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Version } from '../../../daemon/protocol/model.ts';
import { rowFormat } from '../../../daemon/shared/format.ts';
import { metricOf, type Direction } from '../../../daemon/shared/metrics.ts';
import { middleEllipsis } from '../../components/names.ts';
import { linearScale, valueTicks } from '../../components/plot/scale.ts';
import { round, valueRange, valuesOn, type Axis, type Frame, type ShownMetric } from './timeline-layout.ts';

const characterWidth = 6.6;
/** What is right of the plot: the values of the second axis. */
const endWidth = 52;
/** In a narrower plot two titles stand below each other. */
const narrow = 430;

/** Draws a second metric with an axis of its own at the right: a dashed line with squares, so that it is not taken for the first. */
export function secondMetric(
  { metric, direction }: ShownMetric,
  versions: readonly Version[],
  axis: Axis,
  place: (at: number) => number,
  frame: Frame,
): TemplateResult {
  const values = valuesOn(axis, versions, metric);
  const title = axisTitle({ metric, direction }, frame, 'end');
  if (values.length === 0) return svg`<g class="second">${title}</g>`;
  const range = valueRange(values.map(({ value }) => value));
  const y = linearScale(range, frame.bottom, frame.top);
  const ticks = valueTicks(...range, 4);
  const format = rowFormat(ticks);
  const points = values.map(({ version, value }) => [round(place(axis.ofVersion(version))), round(y(value))] as const);
  const isInside = ([x]: readonly [number, number]): boolean => x >= frame.left - 1 && x <= frame.right + 1;
  return svg`<g class="second">
    ${title}
    ${ticks.map((tick) => svg`<text x=${frame.right + 8} y=${round(y(tick)) + 4}>${format(tick)}</text>`)}
    <g clip-path="url(#timeline-plot)">
      <polyline points=${points.map((point) => point.join(',')).join(' ')}></polyline>
      ${points.filter(isInside).map(([x, top]) => svg`<rect x=${x - 2.5} y=${top - 2.5} width="5" height="5"></rect>`)}
    </g>
  </g>`;
}

/** Names an axis above its end of the plot, with the direction that is better. */
export function axisTitle({ metric, direction }: ShownMetric, frame: Frame, end: 'start' | 'end'): TemplateResult {
  const better = directionText(direction);
  const isOwnLine = frame.right - frame.left < narrow;
  const most = Math.floor((frame.right + endWidth) / (isOwnLine ? 1 : 2) / characterWidth) - better.length - 3;
  const text = `${middleEllipsis(metric, Math.max(12, most))} · ${better}`;
  const [x, y] = end === 'start' ? [2, 11] : [frame.right + endWidth, isOwnLine ? 24 : 11];
  return svg`<text class="axis-title" x=${x} y=${y} text-anchor=${end}>${text}<title>${metric}</title></text>`;
}

export function directionText(direction: Direction | null): string {
  if (direction === null) return l10n.t('direction unknown');
  return direction === 'lower' ? l10n.t('lower is better') : l10n.t('higher is better');
}

/** Returns the value of a metric as the chart's readout shows it. */
export function readoutValue({ metrics }: Version, metric: string): string {
  const value = metricOf(metrics, metric);
  if (value === undefined) return '–';
  return typeof value === 'number' ? rowFormat([value])(value) : String(value);
}
