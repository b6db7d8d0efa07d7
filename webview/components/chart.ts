import { html, LitElement, nothing, render, type PropertyValues, type TemplateResult } from 'lit';
import './locale-fix.ts';
import uPlot from 'uplot';
import { host } from './host.ts';
import * as l10n from '@vscode/l10n';
import { plainTable } from './section.ts';
import { drawing } from './drawing.ts';
import { csvTable } from './text.ts';
import { rowFormat, numberText } from '../../daemon/shared/format.ts';
import { alignLines, bestText, rowsOf, type Line, type Look } from './chart-points.ts';
import { versionLook } from './colours.ts';
import { palette, themeEvent } from './theme.ts';

const height = 190;
const maxRows = 200;
const maxRead = 12;
const faded = 0.25;

/** The event of the window when a person points at a version: its place, or null. Curves of others fade. */
export const focusEvent = 'plinth-focus';

/**
 * A chart of one metric. Each curve has the colour of its version, and the cursor follows the neighbouring charts. It can also be
 * shown as a table of points.
 */
class Chart extends LitElement {
  static override properties = {
    name: {},
    training: {},
    direction: {},
    lines: { attribute: false },
    look: { attribute: false },
    hiddenLines: { attribute: false },
    table: { state: true },
  };
  declare name: string;
  declare training: string | null;
  declare direction: 'higher' | 'lower' | null;
  /** Undefined until the points arrive. */
  declare lines: Line[] | undefined;
  declare look: Look;
  /** Places of versions that are not drawn. */
  declare hiddenLines: ReadonlySet<number>;
  declare table: boolean;
  #plot: uPlot | undefined;
  #resized: ResizeObserver | undefined;
  #seen: IntersectionObserver | undefined;
  #isInView = false;
  readonly #redraw = (): void => this.requestUpdate();
  readonly #focus = (event: Event): void => this.#fadeOthers((event as CustomEvent<number | null>).detail);

  constructor() {
    super();
    this.name = '';
    this.training = null;
    this.direction = null;
    this.look = { x: 'step', log: false, smoothing: 0 };
    this.hiddenLines = new Set();
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
    window.addEventListener(themeEvent, this.#redraw);
    window.addEventListener(focusEvent, this.#focus);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized?.disconnect();
    this.#seen?.disconnect();
    window.removeEventListener(themeEvent, this.#redraw);
    window.removeEventListener(focusEvent, this.#focus);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  /** Requests the points, and draws the chart, only when it is visible. */
  #comeIntoView(): void {
    this.#seen?.disconnect();
    this.#isInView = true;
    for (const detail of [this.name, this.training ?? []].flat())
      this.dispatchEvent(new CustomEvent('plinth-wanted', { detail, bubbles: true }));
    this.requestUpdate();
  }

  #width(): number {
    return Math.max(200, this.clientWidth - 2);
  }

  override updated(_changed: PropertyValues): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    const plotElement = this.querySelector<HTMLElement>('.plot');
    if (!plotElement || !this.#isInView || this.table || !this.lines || this.lines.length === 0) return;
    this.#plot = new uPlot(this.#options(this.lines), this.#data(this.lines), plotElement);
  }

  /** Returns the smoothed curves and, behind them, the measured ones; without smoothing only those. */
  #data(lines: readonly Line[]): uPlot.AlignedData {
    if (this.look.smoothing === 0) return alignLines(lines, this.look);
    const measured = alignLines(lines, { ...this.look, smoothing: 0 });
    return uPlot.join([alignLines(lines, this.look), measured]);
  }

  #options(lines: readonly Line[]): uPlot.Options {
    const { text, grid: stroke } = palette();
    const font = `11px ${getComputedStyle(this).fontFamily}`;
    const grid = { stroke, width: 1 };
    const axis: uPlot.Axis = { stroke: text, grid, ticks: grid, font, labelFont: font };
    const series = lines.map((line) => this.#series(line));
    const measured = lines.map((line) => ({ ...this.#series(line), alpha: faded, points: { show: false } }));
    const label = this.look.x === 'time' ? l10n.t('time') : l10n.t('step');
    return {
      width: this.#width(),
      height,
      hooks: { draw: [(plot) => this.#markBest(plot, lines)], setCursor: [(plot) => this.#read(plot, lines)] },
      cursor: { sync: { key: 'plinth' } },
      focus: { alpha: faded },
      legend: { show: false },
      scales: { x: { time: this.look.x === 'time' }, y: { distr: this.look.log ? 3 : 1 } },
      axes: [
        { ...axis, label, labelSize: 16, size: 26 },
        {
          ...axis,
          size: 52,
          values: (_plot, values) => values.map((value) => (value === null ? '' : numberText(value))),
        },
      ],
      series: [{ label }, ...series, ...(this.look.smoothing > 0 ? measured : [])],
    };
  }

  #series({ label, place, isTraining, points }: Line): uPlot.Series {
    const { colour, dash } = versionLook(place);
    return {
      label,
      show: !this.hiddenLines.has(place),
      stroke: palette().versions[colour] ?? palette().text,
      dash: isTraining ? [3, 3] : [...dash],
      width: isTraining ? 1 : place === 0 ? 2 : 1.5,
      spanGaps: false,
      points: { show: points.values.length <= 30 },
    };
  }

  #fadeOthers(place: number | null): void {
    const plot = this.#plot;
    if (!plot || !this.lines) return;
    const count = this.lines.length;
    for (const [index, line] of plot.series.entries()) {
      if (index === 0) continue;
      const isOther = place !== null && this.lines[(index - 1) % count]?.place !== place;
      line.alpha = isOther || index > count ? faded : 1;
    }
    plot.redraw(false);
  }

  /** Shows the values at the cursor, of the chart that a person points at. */
  #read(plot: uPlot, lines: readonly Line[]): void {
    const target = this.querySelector<HTMLElement>('.readout');
    const at = plot.cursor.idx ?? null;
    if (!target) return;
    target.hidden = at === null || (plot.cursor.left ?? -1) < 0 || !plot.over.matches(':hover');
    if (target.hidden || at === null) return;
    const found = lines.flatMap((line, index) => {
      const value = this.hiddenLines.has(line.place) ? null : nearest(plot.data[index + 1] ?? [], at);
      return value === null ? [] : [{ line, value }];
    });
    const format = rowFormat(found.map(({ value }) => value));
    const sign = this.direction === 'lower' ? 1 : -1;
    const rows = found.toSorted((a, b) => (a.value - b.value) * sign).slice(0, maxRead);
    const x = plot.data[0][at] ?? 0;
    render(
      html`<strong>${this.look.x === 'time' ? new Date(x * 1000).toLocaleTimeString() : numberText(x)}</strong>
        ${rows.map(
          ({ line, value }) =>
            html`<span class=${`swatch c${versionLook(line.place).colour}`}></span>
              <span>${line.label}${line.isTraining ? ` (${l10n.t('train')})` : ''}</span>
              <span class="number">${format(value)}</span>`,
        )}`,
      target,
    );
    const isRight = (plot.cursor.left ?? 0) > plot.over.clientWidth / 2;
    target.style.setProperty('inset-inline', isRight ? '60px auto' : 'auto 8px');
  }

  /** Marks the best point of each curve as measured, not as smoothed. */
  #markBest(plot: uPlot, lines: readonly Line[]): void {
    if (this.look.smoothing > 0) return;
    for (const { best, points, place } of lines) {
      const x = best === null ? null : this.look.x === 'time' ? best.time : best.step;
      if (best === null || x === null || points.values.length < 3 || this.hiddenLines.has(place)) continue;
      const left = plot.valToPos(this.look.x === 'time' ? x / 1000 : x, 'x', true);
      plot.ctx.beginPath();
      plot.ctx.arc(left, plot.valToPos(best.value, 'y', true), 4 * devicePixelRatio, 0, 2 * Math.PI);
      plot.ctx.strokeStyle = palette().versions[versionLook(place).colour] ?? '';
      plot.ctx.lineWidth = 1.5 * devicePixelRatio;
      plot.ctx.stroke();
    }
  }

  override render(): TemplateResult {
    const lines = this.lines ?? [];
    const better =
      this.direction === null
        ? ''
        : this.direction === 'lower'
          ? l10n.t('lower is better')
          : l10n.t('higher is better');
    const facts = [bestText(lines, this.direction), better, this.training ? l10n.t('dashed: {0}', this.training) : ''];
    return html`<figure aria-label=${this.name}>
      <figcaption>
        <strong title=${this.name}>${this.name}</strong>
        <span class="count">${facts.filter((fact) => fact !== '').join(' · ')}</span>
        <span class="acts">
          <button class="link" aria-pressed=${this.table} @click=${() => (this.table = !this.table)}>
            ${this.table ? l10n.t('Show as chart') : l10n.t('Show as table')}
          </button>
          ${this.table || lines.length === 0 ? nothing : html`<button class="link" @click=${() => this.#savePicture()}>PNG</button> <button class="link" @click=${() => this.#saveDrawing(lines)}>SVG</button>`}
          <button class="link" @click=${() => this.#saveTable(lines)}>CSV</button>
        </span>
      </figcaption>
      ${this.#body(lines)}
    </figure>`;
  }

  #body(lines: Line[]): TemplateResult | typeof nothing {
    if (this.table) return this.#table(lines);
    if (this.lines && lines.length === 0) return html`<p class="count">${l10n.t('No points yet.')}</p>`;
    return html`<div class=${this.lines ? 'plot' : 'plot waiting'}></div>
      <div class="readout" hidden></div>`;
  }

  #table(lines: Line[]): TemplateResult | typeof nothing {
    const rows = rowsOf(lines);
    const more =
      rows.length > maxRows
        ? html`<p class="count">${l10n.t('{0} more rows are in the CSV.', rows.length - maxRows)}</p>`
        : nothing;
    return html`${plainTable(this.name, headOf(lines), rows.slice(0, maxRows))}${more}`;
  }

  #saveTable(lines: Line[]): void {
    const content = csvTable([headOf(lines), ...rowsOf(lines)]);
    host.post({ kind: 'save', name: `${this.name}.csv`, type: 'text/csv', content });
  }

  #saveDrawing(lines: Line[]): void {
    const [xs, ...curves] = alignLines(lines, this.look) as [number[], ...(number | null)[][]];
    const drawn = curves.map((ys, index) => ({
      label: headOf(lines)[index + 1] ?? '',
      stroke: palette().versions[versionLook(lines[index]?.place ?? 0).colour] ?? '#000',
      ys,
    }));
    const content = drawing(this.name, xs, drawn);
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

function headOf(lines: readonly Line[]): string[] {
  return [
    l10n.t('step'),
    ...lines.map(({ label, isTraining }) => (isTraining ? `${label} (${l10n.t('train')})` : label)),
  ];
}

/** Returns the value at an index of a curve, or that of the nearest point before or after it. */
function nearest(values: ArrayLike<number | null | undefined>, at: number): number | null {
  for (let away = 0; away < values.length; away += 1) {
    const value = values[at - away] ?? values[at + away];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

customElements.define('plinth-chart', Chart);
