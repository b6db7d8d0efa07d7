import { html, nothing, svg, type TemplateResult } from 'lit';
import { MeasuredElement } from '../../../components/elements/measured-element.ts';
import * as l10n from '@vscode/l10n';
import { focusEvent } from '../../../components/charts/chart.ts';
import { versionLook } from '../../../components/colours.ts';
import type { Axis, Brush } from '../layout/parallel.ts';
import type { ColumnHead } from '../rows.ts';

interface ParallelContent {
  axes: readonly Axis[];
  columns: readonly ColumnHead[];
  /** Which way of the last axis, the metric's, is better. */
  direction: 'higher' | 'lower' | null;
  brushes: ReadonlyMap<string, Brush>;
  outside: ReadonlySet<number>;
  brushed(axis: string, brush: Brush | null): void;
}

const height = 240;
const [top, bottom, side] = [36, 12, 64];
const [leastBrush, keyBrush] = [0.02, 0.25];
const maxLabel = 14;
/** Axes are never closer. A plot that is too wide for the page scrolls. */
const leastAxis = 92;

/** Parallel coordinates: a line for each version through its params and the metric. */
class ParallelPlot extends MeasuredElement {
  static override properties = {
    of: { attribute: false },
    focused: { attribute: false },
    drag: { state: true },
  };
  declare of: ParallelContent | undefined;
  declare focused: number | null;
  /** The axis on which a person drags, and from where to where. */
  declare drag: { axis: string; from: number; to: number } | null;

  constructor() {
    super();
    this.focused = null;
    this.drag = null;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of || this.width === 0) return nothing;
    const { axes, columns, outside } = this.of;
    const width = Math.max(this.width, axes.length * leastAxis);
    const x = (index: number): number => side + (index / Math.max(1, axes.length - 1)) * (width - 2 * side);
    const places = columns
      .map((_, place) => place)
      .toSorted((a, b) => Number(a === this.focused) - Number(b === this.focused));
    return html`<svg
      class="parallel"
      width=${width}
      height=${height}
      role="group"
      aria-label=${l10n.t('Parameters and metric of each version')}
    >
      ${places.map((place) => this.#line(place, axes, x, outside.has(place)))}
      ${axes.map((axis, index) => this.#axis(axis, x(index), index, width))}
    </svg>`;
  }

  #line(place: number, axes: readonly Axis[], x: (index: number) => number, isOutside: boolean): TemplateResult {
    const parts = axes.flatMap(({ positions }, index) => {
      const at = positions[place] ?? null;
      return at === null ? [] : [`${x(index).toFixed(1)},${yOf(at).toFixed(1)}`];
    });
    const { colour, dash } = versionLook(this.of?.columns[place]?.colourPlace ?? place);
    const isFaded = isOutside || (this.focused !== null && this.focused !== place);
    const point = (at: number | null) => () => window.dispatchEvent(new CustomEvent(focusEvent, { detail: at }));
    const label = this.of?.columns[place]?.label ?? '';
    return svg`<polyline class=${`c${colour} ${isFaded ? 'faded' : ''} ${place === 0 ? 'baseline' : ''}`} points=${parts.join(' ')} stroke-dasharray=${dash.join(' ') || nothing} @mouseenter=${point(place)} @mouseleave=${point(null)}><title>${label}</title></polyline>` as TemplateResult;
  }

  #axis({ name, ticks, isLog }: Axis, x: number, index: number, width: number): TemplateResult {
    const { axes, direction } = this.of!;
    const isLast = index === axes.length - 1;
    const brush = this.drag?.axis === name ? sorted(this.drag.from, this.drag.to) : this.of?.brushes.get(name);
    const better = !isLast || direction === null ? '' : direction === 'higher' ? ' ↑' : ' ↓';
    const title = `${shortened(name)}${isLog ? ' (log)' : ''}${better}`;
    const anchor = index === 0 ? 'start' : isLast ? 'end' : 'middle';
    const text = isLast ? x - 8 : x + 8;
    return svg`<g class="axis">
      <text class="axis-title" x=${index === 0 ? 2 : isLast ? width - 2 : x} y="14" text-anchor=${anchor}>${title}<title>${name}</title></text>
      <line x1=${x} x2=${x} y1=${top} y2=${height - bottom} />
      ${ticks.map(({ at, label }) => svg`<text class="tick" x=${text} y=${yOf(at) + 4} text-anchor=${isLast ? 'end' : 'start'}>${shortened(label)}</text>`)}
      ${brush ? svg`<rect class="brush" x=${x - 6} width="12" y=${yOf(brush[1])} height=${yOf(brush[0]) - yOf(brush[1])} />` : nothing}
      <rect class="handle" x=${x - 12} width="24" y=${top} height=${height - top - bottom} tabindex="0" role="slider"
        aria-orientation="vertical" aria-label=${l10n.t('Choose versions by {0}', name)} aria-valuemin="0" aria-valuemax="100"
        aria-valuenow=${Math.round(100 * (brush?.[0] ?? 0))} aria-valuetext=${brushText(brush)}
        @pointerdown=${(event: PointerEvent) => this.#start(event, name)} @pointermove=${(event: PointerEvent) => this.#move(event)}
        @pointerup=${() => this.#end()} @dblclick=${() => this.of?.brushed(name, null)}
        @keydown=${(event: KeyboardEvent) => this.#moveByKey(event, name)} />
    </g>` as TemplateResult;
  }

  #start(event: PointerEvent, axis: string): void {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    const at = this.#positionOf(event);
    this.drag = { axis, from: at, to: at };
  }

  #move(event: PointerEvent): void {
    if (this.drag) this.drag = { ...this.drag, to: this.#positionOf(event) };
  }

  /** A press without a drag removes the brush. */
  #end(): void {
    if (!this.drag) return;
    const { axis, from, to } = this.drag;
    this.drag = null;
    this.of?.brushed(axis, Math.abs(from - to) < leastBrush ? null : sorted(from, to));
  }

  #positionOf({ clientY }: PointerEvent): number {
    const own = clientY - (this.querySelector('svg')?.getBoundingClientRect().top ?? 0);
    return Math.min(1, Math.max(0, (height - bottom - own) / (height - top - bottom)));
  }

  /** Arrow keys put a quarter of the axis into the brush and move it; Escape removes it. */
  #moveByKey(event: KeyboardEvent, axis: string): void {
    const step = { ArrowUp: keyBrush / 2, ArrowDown: -keyBrush / 2 }[event.key];
    if (event.key === 'Escape') this.of?.brushed(axis, null);
    if (step === undefined) return;
    event.preventDefault();
    const from = this.of?.brushes.get(axis)?.[0];
    const low = from === undefined ? (step > 0 ? 0 : 1 - keyBrush) : Math.min(1 - keyBrush, Math.max(0, from + step));
    this.of?.brushed(axis, [low, low + keyBrush]);
  }
}

function yOf(at: number): number {
  return height - bottom - at * (height - top - bottom);
}

function sorted(a: number, b: number): Brush {
  return a < b ? [a, b] : [b, a];
}

function brushText(brush: Brush | undefined): string {
  if (!brush) return l10n.t('all');
  return l10n.t('{0} to {1} % of the axis', Math.round(100 * brush[0]), Math.round(100 * brush[1]));
}

/** Keeps the end of a name, which says most. */
function shortened(name: string): string {
  return name.length > maxLabel ? `…${name.slice(1 - maxLabel)}` : name;
}

customElements.define('plinth-parallel-plot', ParallelPlot);
