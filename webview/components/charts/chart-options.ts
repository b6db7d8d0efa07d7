import '../locale-fix.ts';
import uPlot from 'uplot';
import * as l10n from '@vscode/l10n';
import { numberText, spanText } from '../../../daemon/shared/format.ts';
import { versionLook } from '../colours.ts';
import { palette } from '../theme.ts';
import {
  axisMetric,
  clippedRange,
  clippedRangeOf,
  linesOfSeries,
  type ChartLook,
  type ClippedRange,
  type Line,
} from './chart-points.ts';
import { isOfSystem } from './chart-plan.ts';

export const faded = 0.25;
const bandAlpha = 0.16;
const ring = 4;
const mostMarks = 200;

/** A chart as it is drawn: its curves, with the smoothed ones before the measured ones, and how. */
export interface ChartDrawing {
  name: string;
  direction: 'higher' | 'lower' | null;
  lines: readonly Line[];
  look: ChartLook;
  smoothing: number;
  hidden: ReadonlySet<number>;
  width: number;
  height: number;
  font: string;
}

export interface ChartEvents {
  /** Called when the cursor moved, of this chart or another one of the page. */
  moved(plot: uPlot): void;
  zoomed(range: readonly [number, number] | null): void;
}

/** Returns how uPlot draws a chart. Colours are read while it draws, so that it only needs to be drawn again after a change of the theme. */
export function plotOptions(drawing: ChartDrawing, data: uPlot.AlignedData, events: ChartEvents): uPlot.Options {
  const { look, lines, smoothing, width, height, font } = drawing;
  const grid = { stroke: () => palette().grid, width: 1 };
  const axis: uPlot.Axis = { stroke: () => palette().text, grid, ticks: grid, font, labelFont: font };
  const series = lines.map((line) => curve(line, drawing.hidden));
  const measured = series.map((one) => ({ ...one, alpha: faded, points: { show: false } }));
  const edges = linesOfSeries(lines, smoothing).flatMap(({ line, role }) =>
    role === 'edge' ? [{ ...curve(line, drawing.hidden), width: 0, points: { show: false } }] : [],
  );
  const clipped = look.clip ? rangeToShow(drawing, data) : undefined;
  return {
    width,
    height,
    hooks: {
      draw: [(plot) => markBest(plot, drawing), (plot) => clipped && markClipped(plot, drawing, clipped)],
      setCursor: [(plot) => events.moved(plot)],
      setSelect: [(plot) => takeSelection(plot, events)],
    },
    cursor: {
      sync: {
        key: 'plinth',
        filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave', sub: () => true },
      },
      drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => (events.zoomed(null), null) },
    },
    focus: { alpha: faded },
    legend: { show: false },
    scales: {
      x: xScale(look),
      y: {
        distr: look.log ? 3 : 1,
        ...(clipped && !look.log && { range: [clipped.low, clipped.high] as uPlot.Range.MinMax }),
      },
    },
    axes: [
      { ...axis, label: axisLabel(look), labelSize: 16, size: 26, ...(look.x === 'relative' && { values: spans }) },
      {
        ...axis,
        size: labelWidth,
        values: (_plot, values) => values.map((value) => (value === null ? '' : numberText(value))),
      },
    ],
    series: [{ label: axisLabel(look) }, ...series, ...(smoothing > 0 ? measured : []), ...edges],
    bands: bandsOf(drawing),
  };
}

/** Returns the scale of the x axis: the shown part of it, or from the first point to the last one. */
function xScale({ x, logX, zoom }: ChartLook): uPlot.Scale {
  const isLog = logX && x !== 'wall';
  return {
    time: x === 'wall',
    distr: isLog ? 3 : 1,
    ...(isLog && { range: (_plot: uPlot, low: number, high: number) => [low, high] as [number, number] }),
    ...(zoom && { range: () => [...zoom] as [number, number] }),
  };
}

/** Returns what is filled between the edges of each band. */
function bandsOf({ lines, smoothing }: ChartDrawing): uPlot.Band[] {
  const first = 1 + lines.length * (smoothing > 0 ? 2 : 1);
  return lines
    .filter(({ band }) => band !== undefined)
    .map(({ place }, index) => ({
      series: [first + 2 * index + 1, first + 2 * index],
      fill: () => bandColour(place),
    }));
}

function bandColour(place: number): string {
  const colour = palette().versions[versionLook(place).colour] ?? palette().text;
  return colour.replace(/^rgb\((.+)\)$/, `rgba($1, ${bandAlpha})`);
}

const [leastLabel, digitWidth, labelRoom] = [40, 6.5, 18];

/** Returns the width of the y axis for its labels. */
function labelWidth(_plot: uPlot, labels: readonly string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return Math.max(leastLabel, longest * digitWidth + labelRoom);
}

function spans(_plot: uPlot, values: number[]): string[] {
  return values.map((seconds) => spanText(seconds * 1000));
}

/** Returns the title of the x axis. */
export function axisLabel({ x }: ChartLook): string {
  if (x === 'step') return l10n.t('step');
  if (x === 'relative') return l10n.t('time since the first point');
  return x === 'wall' ? l10n.t('time') : (axisMetric(x) ?? '');
}

function curve({ label, place, isTraining, points }: Line, hidden: ReadonlySet<number>): uPlot.Series {
  const { colour, dash } = versionLook(place);
  return {
    label,
    show: !hidden.has(place),
    stroke: () => palette().versions[colour] ?? palette().text,
    dash: isTraining ? [3, 3] : [...dash],
    width: isTraining ? 1 : place === 0 ? 2 : 1.5,
    spanGaps: false,
    points: { show: points.values.length <= 30 },
  };
}

function takeSelection(plot: uPlot, { zoomed }: ChartEvents): void {
  const { left, width } = plot.select;
  if (width < ring) return;
  const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (to > from) zoomed([from, to]);
}

/** Returns the clipped range of all measured values, or of those in the shown part of the x axis; undefined for nothing to clip. */
function rangeToShow(drawing: ChartDrawing, data: uPlot.AlignedData): ClippedRange | undefined {
  const { lines, hidden, look } = drawing;
  return look.zoom ? clippedRange(shownValues(drawing, data)) : clippedRangeOf(lines, hidden);
}

/** Returns the values in the shown part of the x axis of the curves that are drawn. */
function shownValues({ lines, look, hidden, smoothing }: ChartDrawing, data: uPlot.AlignedData): number[] {
  const [from, to] = look.zoom ?? [-Infinity, Infinity];
  const [xs, ...curves] = data;
  const series = linesOfSeries(lines, smoothing);
  return curves.flatMap((ys, index) => {
    const line = series[index]?.line;
    if (!line || hidden.has(line.place)) return [];
    return [...ys].filter((y, at): y is number => typeof y === 'number' && xs[at]! >= from && xs[at]! <= to);
  });
}

/** Marks the best point of each curve: as measured, or of the smoothed curve where there is one. */
function markBest(plot: uPlot, { name, lines, look, smoothing, hidden, direction }: ChartDrawing): void {
  if (direction === null || isOfSystem(name)) return;
  for (const [index, { best, points, place, isTraining }] of lines.entries()) {
    if (isTraining || points.values.length < 3 || hidden.has(place)) continue;
    const isMeasured = smoothing === 0 && look.x === 'step' && best !== null && best.step !== null;
    const at = isMeasured ? [best.step!, best.value] : bestOf(plot.data[0], plot.data[index + 1] ?? [], direction);
    if (!at) continue;
    const [x, y] = [plot.valToPos(at[0]!, 'x', true), plot.valToPos(at[1]!, 'y', true)];
    if (!isInside(plot, x, y)) continue;
    plot.ctx.beginPath();
    plot.ctx.arc(x, y, ring * devicePixelRatio, 0, 2 * Math.PI);
    plot.ctx.strokeStyle = palette().versions[versionLook(place).colour] ?? '';
    plot.ctx.lineWidth = 1.5 * devicePixelRatio;
    plot.ctx.stroke();
  }
}

function bestOf(
  xs: ArrayLike<number>,
  ys: ArrayLike<number | null | undefined>,
  direction: 'higher' | 'lower',
): [number, number] | undefined {
  const sign = direction === 'lower' ? -1 : 1;
  let found: [number, number] | undefined;
  for (let at = 0; at < ys.length; at += 1) {
    const y = ys[at];
    if (typeof y === 'number' && (!found || y * sign > found[1] * sign)) found = [xs[at]!, y];
  }
  return found;
}

function isInside({ bbox }: uPlot, x: number, y: number): boolean {
  const isIn = (value: number, start: number, size: number): boolean => value >= start - 1 && value <= start + size + 1;
  return isIn(x, bbox.left, bbox.width) && isIn(y, bbox.top, bbox.height);
}

/** Draws a small triangle at the edge where a curve leaves the shown part of the y axis. */
function markClipped(plot: uPlot, { lines, look, hidden }: ChartDrawing, { low, high }: ClippedRange): void {
  if (look.log) return;
  const { ctx, bbox } = plot;
  const size = 4 * devicePixelRatio;
  let marks = 0;
  for (const [index, { place }] of lines.entries()) {
    if (hidden.has(place)) continue;
    ctx.fillStyle = palette().versions[versionLook(place).colour] ?? '';
    const ys = plot.data[index + 1] ?? [];
    for (let at = 0; at < ys.length && marks < mostMarks; at += 1) {
      const y = ys[at];
      if (typeof y !== 'number' || (y >= low && y <= high)) continue;
      const [x, edge, way] = [
        plot.valToPos(plot.data[0][at]!, 'x', true),
        y > high ? bbox.top : bbox.top + bbox.height,
        y > high ? 1 : -1,
      ];
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      marks += 1;
      ctx.beginPath();
      ctx.moveTo(x, edge);
      ctx.lineTo(x - size, edge + way * size);
      ctx.lineTo(x + size, edge + way * size);
      ctx.fill();
    }
  }
}
