import type { Points } from '../../../protocol/series.ts';
import { escapeHtml } from './html.ts';
import { numberText } from '../../../shared/format.ts';

/** Curves of one metric, one for each column. */
export interface Curves {
  metric: string;
  columns: readonly Points[];
}

const width = 420;
const height = 180;
const left = 56;
const bottom = 22;
/** Colours of curves. Dashes distinguish them as well, for readers who do not see colours. */
const colours = ['#0b62c4', '#b8430f', '#1a7f37', '#8250df', '#9a6700', '#bf3989', '#1b7c83', '#57606a'];
const dashes = ['', '6 3', '2 2', '8 3 2 3'];

interface Frame {
  x: [number, number];
  y: [number, number];
}

/** Draws a chart as SVG; empty if no column has two finite points. */
export function chartOf({ metric, columns }: Curves, versions: readonly string[]): string {
  const bySteps = columns.every((points) => points.steps.every((step) => !Number.isNaN(step)));
  const xOf = (points: Points, index: number): number => (bySteps ? (points.steps[index] as number) : index);
  const frame = frameOf(columns, xOf);
  if (!frame) return '';
  const lines = columns.map((points, at) => {
    const path = pathOf(points, frame, xOf);
    const dash = dashes[Math.floor(at / colours.length) % dashes.length] ?? '';
    const style = `stroke="${colours[at % colours.length]}" stroke-dasharray="${dash}"`;
    return path === ''
      ? ''
      : `<path d="${path}" fill="none" stroke-width="1.5" ${style}><title>${escapeHtml(versions[at] ?? '')}</title></path>`;
  });
  const name = escapeHtml(metric);
  return [
    `<figure><figcaption>${name}</figcaption>`,
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${name}">`,
    axes(frame, bySteps),
    ...lines,
    '</svg></figure>',
  ].join('\n');
}

/** Returns a legend with the colour of each column. */
export function legendOf(versions: readonly string[]): string {
  const items = versions.map((version, at) => {
    const dash = dashes[Math.floor(at / colours.length) % dashes.length] ?? '';
    const line = `<line x1="0" y1="6" x2="28" y2="6" stroke="${colours[at % colours.length]}" stroke-width="2" stroke-dasharray="${dash}"/>`;
    return `<li><svg width="28" height="12" aria-hidden="true">${line}</svg> ${escapeHtml(version)}</li>`;
  });
  return `<ul class="legend">${items.join('')}</ul>`;
}

function frameOf(columns: readonly Points[], xOf: (points: Points, index: number) => number): Frame | undefined {
  const frame: Frame = { x: [Infinity, -Infinity], y: [Infinity, -Infinity] };
  let finite = 0;
  for (const points of columns) {
    points.values.forEach((value, index) => {
      if (!Number.isFinite(value)) return;
      finite += 1;
      widen(frame.x, xOf(points, index));
      widen(frame.y, value);
    });
  }
  if (finite < 2) return undefined;
  if (frame.y[0] === frame.y[1]) frame.y = [frame.y[0] - 0.5, frame.y[1] + 0.5];
  if (frame.x[0] === frame.x[1]) frame.x = [frame.x[0] - 0.5, frame.x[1] + 0.5];
  return frame;
}

function widen(range: [number, number], value: number): void {
  if (value < range[0]) range[0] = value;
  if (value > range[1]) range[1] = value;
}

/** Returns the SVG path of a curve, interrupted at missing values; a single point is a dot. */
function pathOf(points: Points, { x, y }: Frame, xOf: (points: Points, index: number) => number): string {
  let path = '';
  let isOpen = false;
  points.values.forEach((value, index) => {
    if (!Number.isFinite(value)) return void (isOpen = false);
    const px = left + ((xOf(points, index) - x[0]) / (x[1] - x[0])) * (width - left - 8);
    const py = 8 + (1 - (value - y[0]) / (y[1] - y[0])) * (height - bottom - 8);
    path += `${isOpen ? 'L' : 'M'}${px.toFixed(1)} ${py.toFixed(1)}${isOpen ? '' : 'h.1'}`;
    isOpen = true;
  });
  return path;
}

function axes({ x, y }: Frame, bySteps: boolean): string {
  const floor = height - bottom;
  const text = (px: number, py: number, anchor: string, value: string): string =>
    `<text x="${px}" y="${py}" text-anchor="${anchor}">${escapeHtml(value)}</text>`;
  return [
    `<path class="axis" d="M${left} 8V${floor}H${width - 8}" fill="none"/>`,
    text(left - 4, 14, 'end', numberText(y[1])),
    text(left - 4, floor, 'end', numberText(y[0])),
    text(left, height - 6, 'start', numberText(x[0])),
    text(width - 8, height - 6, 'end', `${numberText(x[1])} ${bySteps ? 'steps' : 'points'}`),
  ].join('');
}
