import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { numberText } from '../../../../daemon/shared/format.ts';
import { splitReference } from '../../../../daemon/shared/references.ts';
import { focusEvent } from '../../../components/charts/chart.ts';
import { versionLook } from '../../../components/colours.ts';
import { host } from '../../../components/host.ts';
import { freeLabels, layOutScatter, type ScatterLayout, type ScatterPoint } from '../layout/scatter.ts';
import type { TableRow } from '../matrix.ts';
import type { ColumnHead } from '../rows.ts';

interface ScatterContent {
  columns: readonly ColumnHead[];
  x: TableRow;
  y: TableRow;
  production: number | null;
}

const [width, height] = [420, 280];
const [left, right, top, bottom] = [62, 20, 16, 40];
const digitWidth = 7;

/** Two metrics of the versions against each other, with those on the Pareto front joined. */
class ScatterPlot extends LitElement {
  static override properties = { of: { attribute: false }, focused: { attribute: false } };
  declare of: ScatterContent | undefined;
  declare focused: number | null;

  constructor() {
    super();
    this.focused = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { x, y, production } = this.of;
    const layout = layOutScatter(x.values, y.values, { x: x.direction, y: y.direction });
    if (!layout) return html`<p class="count">${l10n.t('Fewer than two versions have both metrics.')}</p>`;
    const front = layout.front.map((place) => layout.points.find((one) => one.place === place)!);
    const line = front.map((point) => `${xOf(point.x).toFixed(1)},${yOf(point.y).toFixed(1)}`).join(' ');
    return html`<svg
        class="scatter"
        viewBox=${`0 0 ${width} ${height}`}
        role="group"
        aria-label=${l10n.t('{0} against {1}', y.name, x.name)}
      >
        ${axes(layout, x, y)} ${front.length > 1 ? svg`<polyline class="front" points=${line} />` : nothing}
        ${layout.points.map((point) => this.#point(point, production))} ${this.#labels(layout, production)}
      </svg>
      ${front.length > 0 ? html`<p class="count">${l10n.t('Not beaten in both: {0}', front.map(({ place }) => this.#labelOf(place)).join(', '))}</p>` : nothing}`;
  }

  #labelOf(place: number): string {
    return this.of?.columns[place]?.label ?? '';
  }

  #point({ place, x, y }: ScatterPoint, production: number | null): TemplateResult {
    const { columns } = this.of!;
    const values = [this.of!.x, this.of!.y].map(
      ({ name, values: all }) => `${name} ${numberText(all[place] as number)}`,
    );
    const label = `${this.#labelOf(place)}: ${values.join(', ')}`;
    const point = (at: number | null) => () => window.dispatchEvent(new CustomEvent(focusEvent, { detail: at }));
    const open = (): void => {
      const { model, version = '' } = splitReference(columns[place]?.reference ?? '');
      if (version !== '') host.post({ kind: 'open', place: { page: 'version', model, version } });
    };
    const keys = (event: KeyboardEvent): void => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === 'Enter') open();
      if (step === undefined) return;
      event.preventDefault();
      const all = [...this.querySelectorAll<SVGElement>('circle.version')];
      all[(all.indexOf(event.currentTarget as SVGElement) + step + all.length) % all.length]?.focus();
    };
    const isFaded = this.focused !== null && this.focused !== place;
    return svg`<g class=${`c${versionLook(columns[place]?.colourPlace ?? place).colour} ${isFaded ? 'faded' : ''}`}>
      ${place === production ? svg`<circle class="ring" cx=${xOf(x)} cy=${yOf(y)} r="9" />` : nothing}
      <circle class="version" cx=${xOf(x)} cy=${yOf(y)} r="5" tabindex="0" role="link" aria-label=${label}
        @mouseenter=${point(place)} @mouseleave=${point(null)} @focus=${point(place)} @blur=${point(null)} @click=${open} @keydown=${keys}><title>${label}</title></circle>
    </g>` as TemplateResult;
  }

  #labels({ points, front }: ScatterLayout, production: number | null): unknown {
    const all = points.map(({ place, x, y }) => {
      const size = this.#labelOf(place).length * digitWidth;
      const away = place === production ? 13 : 9;
      const isAtEdge = xOf(x) + away + size > width;
      return { place, x: isAtEdge ? xOf(x) - away - size : xOf(x) + away, y: yOf(y) + 4, width: size };
    });
    const first = new Set([
      ...front,
      ...(production === null ? [] : [production]),
      ...(this.focused === null ? [] : [this.focused]),
    ]);
    return freeLabels(all, first).map(
      ({ place, x, y }) => svg`<text class="tick" x=${x} y=${y}>${this.#labelOf(place)}</text>`,
    );
  }
}

function xOf(share: number): number {
  return left + 8 + share * (width - left - right - 16);
}

function yOf(share: number): number {
  return height - bottom - 8 - share * (height - top - bottom - 16);
}

function axes({ x, y }: ScatterLayout, xRow: TableRow, yRow: TableRow): TemplateResult {
  const title = ({ name, direction }: TableRow): string => {
    const short = name.length > 40 ? `…${name.slice(-39)}` : name;
    if (direction === null) return short;
    return `${short} · ${direction === 'lower' ? l10n.t('lower is better') : l10n.t('higher is better')}`;
  };
  const ticks = ([low, high]: [number, number]): [number, number][] => (low === high ? [[0.5, low]] : [[0, low], [0.5, (low + high) / 2], [1, high]]); // prettier-ignore
  return svg`<g class="axis">
    <line x1=${left} x2=${width - right} y1=${height - bottom} y2=${height - bottom} />
    <line x1=${left} x2=${left} y1=${top} y2=${height - bottom} />
    ${ticks(x).map(([at, value]) => svg`<text class="tick" x=${xOf(at)} y=${height - bottom + 14} text-anchor="middle">${numberText(value)}</text>`)}
    ${ticks(y).map(([at, value]) => svg`<text class="tick" x=${left - 6} y=${yOf(at) + 4} text-anchor="end">${numberText(value)}</text>`)}
    <text class="axis-title" x=${width - right} y=${height - 6} text-anchor="end">${title(xRow)}</text>
    <text class="axis-title" x="2" y="11">${title(yRow)}</text>
  </g>` as TemplateResult;
}

customElements.define('plinth-scatter-plot', ScatterPlot);
