import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import './locale-fix.ts';
import uPlot from 'uplot';
import type { Points, SeriesPoint } from '../../daemon/protocol/series.ts';
import { host } from './host.ts';
import * as l10n from '@vscode/l10n';
import { plainTable } from './section.ts';
import { drawing } from './drawing.ts';
import { csvTable } from './text.ts';
import { numberText } from '../../daemon/shared/format.ts';

/** One curve. */
export interface Line {
  label: string;
  points: Points;
  /** The best point, marked with a ring; null when no direction is known. */
  best: SeriesPoint | null;
}

export interface Look {
  x: 'step' | 'time';
  log: boolean;
  /** Weight of the past in the smoothed curve; 0 for no smoothing. */
  smoothing: number;
}

const colours = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'];
const dashes: number[][] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
const height = 180;
const maxRows = 200;

/**
 * A chart of one metric, whose curves differ in colour and dash and whose cursor follows the neighbouring charts. It can also be
 * shown as a table of points.
 */
class Chart extends LitElement {
  static override properties = {
    name: {},
    lines: { attribute: false },
    look: { attribute: false },
    table: { state: true },
  };
  declare name: string;
  declare lines: Line[];
  declare look: Look;
  declare table: boolean;
  #plot: uPlot | undefined;
  #resized: ResizeObserver | undefined;
  #seen: IntersectionObserver | undefined;
  #isInView = false;

  constructor() {
    super();
    this.name = '';
    this.lines = [];
    this.look = { x: 'step', log: false, smoothing: 0 };
    this.table = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized = new ResizeObserver(() => this.#plot?.setSize({ width: this.#width(), height }));
    this.#resized.observe(this);
    this.#seen = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && this.#comeIntoView(),
      { rootMargin: '200px' },
    );
    this.#seen.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized?.disconnect();
    this.#seen?.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  /** Requests the points, and draws the chart, only when it is visible. */
  #comeIntoView(): void {
    this.#seen?.disconnect();
    this.#isInView = true;
    this.dispatchEvent(new CustomEvent('plinth-wanted', { detail: this.name, bubbles: true }));
    this.requestUpdate();
  }

  #width(): number {
    return Math.max(200, this.clientWidth - 2);
  }

  override updated(_changed: PropertyValues): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    const plotElement = this.querySelector<HTMLElement>('.plot');
    if (!plotElement || !this.#isInView || this.table || this.lines.length === 0) return;
    this.#plot = new uPlot(this.#options(), alignLines(this.lines, this.look), plotElement);
  }

  #options(): uPlot.Options {
    const style = getComputedStyle(this);
    const strokes = this.#strokes();
    const grid = { stroke: style.getPropertyValue('--vscode-widget-border') || 'transparent', width: 1 };
    const axis: uPlot.Axis = { stroke: style.color, grid, ticks: grid, font: `11px ${style.fontFamily}` };
    const series = this.lines.map(({ label }, index): uPlot.Series => ({
      label,
      stroke: strokes[index] ?? style.color,
      dash: dashes[Math.floor(index / colours.length) % dashes.length] ?? [],
      width: 1.5,
      spanGaps: false,
      points: { show: (_plot, at) => this.lines[at - 1]!.points.values.length <= 30 },
    }));
    return {
      width: this.#width(),
      height,
      hooks: { draw: [(plot) => this.#markBest(plot)] },
      cursor: { sync: { key: 'plinth' } },
      legend: { live: true },
      scales: { x: { time: this.look.x === 'time' }, y: { distr: this.look.log ? 3 : 1 } },
      axes: [
        axis,
        {
          ...axis,
          size: 56,
          values: (_plot, values) => values.map((value) => (value === null ? '' : numberText(value))),
        },
      ],
      series: [{ label: this.look.x === 'time' ? l10n.t('time') : l10n.t('step') }, ...series],
    };
  }

  /** Returns the colour of each curve in the current theme. */
  #strokes(): string[] {
    const style = getComputedStyle(this);
    return this.lines.map(
      (_, index) => style.getPropertyValue(`--vscode-charts-${colours[index % colours.length]}`).trim() || style.color,
    );
  }

  /** Returns the best point of each curve as measured, not as smoothed. */
  #markBest(plot: uPlot): void {
    if (this.look.smoothing > 0) return;
    for (const [index, { best, points }] of this.lines.entries()) {
      const x = best === null ? null : this.look.x === 'time' ? best.time : best.step;
      if (best === null || x === null || points.values.length < 3) continue;
      const [left, top] = [
        plot.valToPos(this.look.x === 'time' ? x / 1000 : x, 'x', true),
        plot.valToPos(best.value, 'y', true),
      ];
      plot.ctx.beginPath();
      plot.ctx.arc(left, top, 5 * devicePixelRatio, 0, 2 * Math.PI);
      plot.ctx.strokeStyle = this.#strokes()[index] ?? '';
      plot.ctx.lineWidth = 1.5 * devicePixelRatio;
      plot.ctx.stroke();
    }
  }

  override render(): TemplateResult {
    const points = this.lines.length;
    return html`<figure aria-label=${this.name}>
      <figcaption>
        <strong>${this.name}</strong>
        <span class="count">${bestText(this.lines)}</span>
        <span class="acts">
          <button class="link" aria-pressed=${this.table} @click=${() => (this.table = !this.table)}>
            ${this.table ? l10n.t('Show as chart') : l10n.t('Show as table')}
          </button>
          ${this.table || points === 0 ? nothing : html`<button class="link" @click=${() => this.#savePicture()}>PNG</button> <button class="link" @click=${() => this.#saveDrawing()}>SVG</button>`}
          <button class="link" @click=${() => this.#saveTable()}>CSV</button>
        </span>
      </figcaption>
      ${this.table ? this.#table() : points === 0 ? html`<p class="count">${l10n.t('No points yet.')}</p>` : html`<div class="plot"></div>`}
    </figure>`;
  }

  #rows(): string[][] {
    const steps = [...new Set(this.lines.flatMap(({ points }) => [...xsOf(points, 'step')]))].toSorted((a, b) => a - b);
    const values = this.lines.map(
      ({ points }) => new Map([...xsOf(points, 'step')].map((step, index) => [step, points.values[index]])),
    );
    return steps.map((step) => [
      numberText(step),
      ...values.map((of) => (of.has(step) ? numberText(of.get(step) ?? Number.NaN) : '')),
    ]);
  }

  #table(): TemplateResult | typeof nothing {
    const rows = this.#rows();
    const more =
      rows.length > maxRows
        ? html`<p class="count">${l10n.t('{0} more rows are in the CSV.', rows.length - maxRows)}</p>`
        : nothing;
    return html`${plainTable(this.name, [l10n.t('step'), ...this.lines.map(({ label }) => label)], rows.slice(0, maxRows))}${more}`;
  }

  #saveTable(): void {
    const head = [l10n.t('step'), ...this.lines.map(({ label }) => label)];
    host.post({ kind: 'save', name: `${this.name}.csv`, type: 'text/csv', content: csvTable([head, ...this.#rows()]) });
  }

  #saveDrawing(): void {
    const [xs, ...curves] = alignLines(this.lines, this.look) as [number[], ...(number | null)[][]];
    const strokes = this.#strokes();
    const lines = curves.map((ys, index) => ({
      label: this.lines[index]?.label ?? '',
      stroke: strokes[index] ?? '#000',
      ys,
    }));
    const content = drawing(this.name, xs, lines);
    host.post({ kind: 'save', name: `${this.name}.svg`, type: 'image/svg+xml', content });
  }

  #savePicture(): void {
    this.querySelector('canvas')?.toBlob((blob) => void this.#save(blob));
  }

  async #save(blob: Blob | null): Promise<void> {
    if (!blob) return;
    const content = new Uint8Array(await blob.arrayBuffer());
    host.post({ kind: 'save', name: `${this.name}.png`, type: 'image/png', content });
  }
}

/** Returns the x values. A series without steps, or without times, uses the index of each point. */
function xsOf({ steps, times }: Points, x: Look['x']): Float64Array {
  const own = x === 'time' ? times.map((at) => at / 1000) : steps;
  return own.some(Number.isNaN) ? own.map((_, index) => index) : own;
}

/** Returns the lowest and highest value when there is only one curve. */
function bestText(lines: readonly Line[]): string {
  const values: number[] = lines.length === 1 ? [...(lines[0]?.points.values ?? [])].filter(Number.isFinite) : [];
  if (values.length === 0) return '';
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  const most = values.reduce((high, value) => Math.max(high, value), -Infinity);
  return l10n.t('{0} … {1}', numberText(least), numberText(most));
}

/** Puts all curves on one axis. uPlot needs one sorted x for all, and null where a curve has no point. */
function alignLines(lines: readonly Line[], look: Look): uPlot.AlignedData {
  return uPlot.join(lines.map(({ points }) => tableOf(points, look)));
}

function tableOf(points: Points, { x, smoothing, log }: Look): uPlot.AlignedData {
  const byX = new Map<number, number | null>();
  let smooth: number | undefined;
  for (const [index, at] of xsOf(points, x).entries()) {
    const value = points.values[index] ?? Number.NaN;
    smooth = smooth === undefined || !Number.isFinite(value) ? value : smooth * smoothing + value * (1 - smoothing);
    const shown = smoothing > 0 ? smooth : value;
    byX.set(at, Number.isFinite(shown) && (!log || shown > 0) ? shown : null);
  }
  const sorted = [...byX].toSorted(([a], [b]) => a - b);
  return [sorted.map(([at]) => at), sorted.map(([, value]) => value)];
}

customElements.define('plinth-chart', Chart);
