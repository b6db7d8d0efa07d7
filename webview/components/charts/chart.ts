import { html, LitElement, nothing, render, type PropertyValues, type TemplateResult } from 'lit';
import '../locale-fix.ts';
import uPlot from 'uplot';
import { InView } from '../elements/in-view.ts';
import * as l10n from '@vscode/l10n';
import { plainTable } from '../section.ts';
import { chartMenu, type ChartContent } from './chart-menu.ts';
import { drawing } from './drawing.ts';
import { dateText, numberText, rowFormat, spanText } from '../../../daemon/shared/format.ts';
import {
  alignBands,
  alignLines,
  bestText,
  clippedRangeOf,
  isLineOf,
  linesOfSeries,
  nearestIndex,
  rowsOf,
  smoothingOf,
  usualChartLook,
  type ChartLook,
  type Line,
} from './chart-points.ts';
import type { ChartSize } from './chart-arrangement.ts';
import { axisLabel, faded, plotOptions } from './chart-options.ts';
import { groundColour } from './standalone-svg.ts';
import { versionLook } from '../colours.ts';
import { palette, themeEvent } from '../theme.ts';

const heights: Record<ChartSize, number> = { S: 130, M: 190, L: 300 };
const wideHeight = 420;
const maxRows = 200;
const maxRead = 12;

/** The event of the window when a person points at a version: its place, or null. Curves of others fade. */
export const focusEvent = 'plinth-focus';
/** The event of the window when the crosshair moves: what is there, or null when it leaves the chart. */
export const crosshairEvent = 'plinth-crosshair';

/** The event of a chart that a person pins, or no longer pins: its metric. */
export const pinEvent = 'plinth-pin-chart';

/** The measured values of a metric next to the crosshair. */
export interface Crosshair {
  metric: string;
  direction: 'higher' | 'lower' | null;
  /** The place on the x axis as text. */
  at: string;
  values: CrosshairValue[];
}

interface CrosshairValue {
  line: Line;
  value: number;
  /** The least and the greatest value of the curves whose mean it is; null for a curve of one version. */
  range: readonly [number, number] | null;
}

/**
 * A chart of one metric. Each curve has the colour of its version, and the cursor follows the neighbouring charts. Dragging zooms all
 * charts of the page, a double click shows everything again. It can also be shown as a table of points.
 */
class Chart extends LitElement {
  static override properties = {
    name: {},
    training: {},
    direction: {},
    lines: { attribute: false },
    look: { attribute: false },
    hiddenLines: { attribute: false },
    size: { attribute: false },
    pinned: { attribute: false },
    table: { state: true },
    wide: { state: true },
  };
  declare name: string;
  declare training: string | null;
  declare direction: 'higher' | 'lower' | null;
  /** Undefined until the points arrive. */
  declare lines: Line[] | undefined;
  declare look: ChartLook;
  /** Places of versions that are not drawn. */
  declare hiddenLines: ReadonlySet<number>;
  declare size: ChartSize;
  /** Whether a person pinned it; null where charts cannot be pinned or moved. */
  declare pinned: boolean | null;
  declare table: boolean;
  declare wide: boolean;
  #plot: uPlot | undefined;
  #resized: ResizeObserver | undefined;
  readonly #view = new InView(this, () => this.#comeIntoView(), '200px');
  readonly #recolour = (): void => this.#plot?.redraw(false);
  readonly #focus = (event: Event): void => this.#fadeOthers((event as CustomEvent<number | null>).detail);

  constructor() {
    super();
    this.name = '';
    this.training = null;
    this.direction = null;
    this.look = usualChartLook;
    this.hiddenLines = new Set();
    this.size = 'M';
    this.pinned = null;
    this.table = false;
    this.wide = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized = new ResizeObserver(() => this.#plot?.setSize({ width: this.#width(), height: this.#height() }));
    this.#resized.observe(this);
    window.addEventListener(themeEvent, this.#recolour);
    window.addEventListener(focusEvent, this.#focus);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized?.disconnect();
    window.removeEventListener(themeEvent, this.#recolour);
    window.removeEventListener(focusEvent, this.#focus);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  /** Requests the points, and draws the chart, only when it is visible. */
  #comeIntoView(): void {
    for (const detail of [this.name, this.training ?? []].flat())
      this.dispatchEvent(new CustomEvent('plinth-wanted', { detail, bubbles: true }));
    this.requestUpdate();
  }

  #width(): number {
    return Math.max(200, this.clientWidth - 2);
  }

  #height(): number {
    return this.wide ? wideHeight : heights[this.size];
  }

  override updated(changed: PropertyValues): void {
    if (changed.has('wide')) this.classList.toggle('wide-chart', this.wide);
    this.#plot?.destroy();
    this.#plot = undefined;
    const plotElement = this.querySelector<HTMLElement>('.plot');
    if (!plotElement || !this.#view.wasSeen || this.table || !this.lines || this.lines.length === 0) return;
    this.#plot = this.#draw(this.lines, plotElement);
  }

  #draw(lines: readonly Line[], into: HTMLElement): uPlot {
    const smoothing = smoothingOf(lines, this.look);
    const shown = alignLines(lines, this.look, smoothing);
    const behind = [smoothing === 0 ? [] : alignLines(lines, this.look, 0), alignBands(lines, this.look) ?? []];
    const data = uPlot.join([shown, ...behind.filter((table): table is uPlot.AlignedData => table.length > 0)]);
    const { name, direction, look } = this;
    const options = plotOptions(
      {
        name,
        direction,
        lines,
        look,
        smoothing,
        hidden: this.hiddenLines,
        width: this.#width(),
        height: this.#height(),
        font: `11px ${getComputedStyle(this).fontFamily}`,
      },
      data,
      {
        moved: (plot) => this.#read(plot, lines),
        zoomed: (range) => this.#zoom(range),
      },
    );
    return new uPlot(options, data, into);
  }

  /** Lets the page zoom all of its charts; a chart on a page that does not is zoomed by itself. */
  #zoom(detail: ChartLook['zoom']): void {
    const event = new CustomEvent('plinth-zoom', { detail, bubbles: true, cancelable: true });
    if (this.dispatchEvent(event)) this.look = { ...this.look, zoom: detail };
  }

  #fadeOthers(place: number | null): void {
    const plot = this.#plot;
    if (!plot || !this.lines) return;
    for (const [index, { line, role }] of linesOfSeries(this.lines, smoothingOf(this.lines, this.look)).entries()) {
      const series = plot.series[index + 1];
      const isOther = place !== null && !isLineOf(line, place);
      if (series) series.alpha = role === 'edge' ? (isOther ? 0 : 1) : isOther || role === 'measured' ? faded : 1;
    }
    plot.redraw(false);
  }

  /** Shows the measured values at the cursor, of the chart that a person points at. */
  #read(plot: uPlot, lines: readonly Line[]): void {
    const target = this.querySelector<HTMLElement>('.readout');
    const left = plot.cursor.left ?? -1;
    const isOwn = plot.over.matches(':hover') || this.querySelector('.plot')?.matches(':focus-visible') === true;
    if (!target) return;
    const wasShown = !target.hidden;
    target.hidden = left < 0 || !isOwn;
    if (target.hidden) {
      if (wasShown) window.dispatchEvent(new CustomEvent<Crosshair | null>(crosshairEvent, { detail: null }));
      return;
    }
    const found = this.#valuesAt(plot.posToVal(left, 'x'), lines);
    render(readoutOf(found), target);
    const isRight = left > plot.over.clientWidth / 2;
    target.style.setProperty('inset-inline', isRight ? '60px auto' : 'auto 8px');
    window.dispatchEvent(new CustomEvent<Crosshair | null>(crosshairEvent, { detail: found }));
  }

  #valuesAt(x: number, lines: readonly Line[]): Crosshair {
    const values = lines.flatMap((line): CrosshairValue[] => {
      const index = this.hiddenLines.has(line.place) ? null : nearestIndex(line, this.look.x, x);
      if (index === null) return [];
      const { band } = line;
      const range = band ? ([band.least[index]!, band.most[index]!] as const) : null;
      return [{ line, value: line.points.values[index]!, range }];
    });
    const sign = this.direction === 'lower' ? 1 : -1;
    values.sort((a, b) => (a.value - b.value) * sign);
    const at =
      this.look.x === 'wall'
        ? dateText(x * 1000)
        : this.look.x === 'relative'
          ? spanText(x * 1000)
          : numberText(this.look.x === 'step' ? Math.round(x) : x);
    return { metric: this.name, direction: this.direction, at, values };
  }

  /** Moves the crosshair by keys, as the pointer does. */
  #moveByKey(event: KeyboardEvent): void {
    const plot = this.#plot;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!plot || step === undefined) return;
    event.preventDefault();
    const xs = plot.data[0];
    const from = plot.cursor.idx ?? (step > 0 ? -1 : xs.length);
    const to = Math.min(xs.length - 1, Math.max(0, from + step * Math.max(1, Math.round(xs.length / 100))));
    plot.setCursor({ left: plot.valToPos(xs[to] ?? 0, 'x'), top: plot.over.clientHeight / 2 });
  }

  override render(): TemplateResult {
    const lines = this.lines ?? [];
    const better =
      this.direction === null
        ? ''
        : this.direction === 'lower'
          ? l10n.t('lower is better')
          : l10n.t('higher is better');
    const facts = [
      bestText(lines, this.direction),
      better,
      this.training ? l10n.t('dashed: {0}', this.training) : '',
      this.#clippedText(lines),
    ];
    return html`<figure aria-label=${this.name}>
      <figcaption>
        <strong title=${this.name} draggable=${this.pinned === null ? nothing : 'true'}>${this.name}</strong>
        <span class="count">${facts.filter((fact) => fact !== '').join(' · ')}</span>
        <span class="acts">
          ${this.pinned === null ? nothing : html`<button class="link" aria-pressed=${this.pinned} @click=${() => this.#turnPin()}>${this.pinned ? l10n.t('Unpin') : l10n.t('Pin')}</button>`}
          <button class="link" aria-pressed=${this.wide} @click=${() => (this.wide = !this.wide)}>
            ${this.wide ? l10n.t('Smaller') : l10n.t('Larger')}
          </button>
          ${this.#menu(lines)}
        </span>
      </figcaption>
      ${this.#body(lines)}
    </figure>`;
  }

  #turnPin(): void {
    this.dispatchEvent(new CustomEvent(pinEvent, { detail: this.name, bubbles: true }));
  }

  /** Says how many measured values of the drawn curves are beyond the clipped axis. */
  #clippedText(lines: readonly Line[]): string {
    if (!this.look.clip || this.look.log || this.look.zoom) return '';
    const clipped = clippedRangeOf(lines, this.hiddenLines);
    return clipped ? l10n.t('{0} outliers clipped', clipped.outside) : '';
  }

  #body(lines: Line[]): TemplateResult | typeof nothing {
    if (this.table) return this.#table(lines);
    if (this.lines && lines.length === 0) return html`<p class="count">${l10n.t('No points yet.')}</p>`;
    const keys = (event: KeyboardEvent): void => this.#moveByKey(event);
    return html`<div
        class=${this.lines ? 'plot' : 'plot waiting'}
        tabindex="0"
        role="group"
        aria-label=${l10n.t('Curves of {0}; arrow keys move the crosshair', this.name)}
        @keydown=${keys}
      ></div>
      <div class="readout" hidden></div>`;
  }

  #table(lines: Line[]): TemplateResult | typeof nothing {
    const rows = rowsOf(lines);
    const more =
      rows.length > maxRows
        ? html`<p class="count">${l10n.t('{0} more rows are in the CSV.', rows.length - maxRows)}</p>`
        : nothing;
    return html`${plainTable(this.name, headOf(lines, this.look), rows.slice(0, maxRows))}${more}`;
  }

  #menu(lines: Line[]): TemplateResult | typeof nothing {
    const content: ChartContent = {
      name: this.name,
      rows: () => [headOf(lines, this.look), ...rowsOf(lines)],
      svg: () => (lines.length === 0 ? undefined : this.#drawing(lines)),
      canvas: () => this.querySelector('canvas'),
    };
    return chartMenu(content, { isShown: this.table, show: (isShown) => (this.table = isShown) });
  }

  #drawing(lines: Line[]): string {
    const [xs, ...curves] = alignLines(lines, this.look, smoothingOf(lines, this.look)) as [
      number[],
      ...(number | null)[][],
    ];
    const drawn = curves.map((ys, index) => ({
      label: headOf(lines, this.look)[index + 1] ?? '',
      stroke: palette().versions[versionLook(lines[index]?.place ?? 0).colour] ?? '#000',
      ys,
    }));
    return drawing(this.name, xs, drawn, { ground: groundColour(), text: palette().text });
  }
}

function readoutOf({ at, values }: Crosshair): TemplateResult {
  const format = rowFormat(values.map(({ value }) => value));
  return html`<strong>${at}</strong> ${values.slice(0, maxRead).map(
      ({ line, value, range }) =>
        html`<span class=${`swatch c${versionLook(line.place).colour}`}></span>
          <span>${line.label}${line.isTraining ? ` (${l10n.t('train')})` : ''}</span>
          <span class="number"
            >${format(value)}${range ? html` <small>${format(range[0])} … ${format(range[1])}</small>` : nothing}</span
          >`,
    )}
    ${values.length > maxRead ? html`<small>${l10n.t('{0} more', values.length - maxRead)}</small>` : nothing}`;
}

function headOf(lines: readonly Line[], look: ChartLook): string[] {
  return [
    lines.some(({ xs }) => xs !== undefined) ? axisLabel(look) : l10n.t('step'),
    ...lines.map(({ label, isTraining, band }) => {
      const remarks = [isTraining ? l10n.t('train') : '', band ? l10n.t('mean') : ''].filter((note) => note !== '');
      return remarks.length === 0 ? label : `${label} (${remarks.join(', ')})`;
    }),
  ];
}

customElements.define('plinth-chart', Chart);
