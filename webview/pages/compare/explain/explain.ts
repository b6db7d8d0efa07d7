import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Json } from '../../../../daemon/protocol/json.ts';
import { numberText } from '../../../../daemon/shared/format.ts';
import { isQuality, type Direction } from '../../../../daemon/shared/metrics.ts';
import { focusEvent } from '../../../components/charts/chart.ts';
import { svgChart } from '../../../components/charts/svg-chart.ts';
import { paramImportance } from '../layout/importance.ts';
import { axisOf, outsideBrushes, paramAxes, type Brush } from '../layout/parallel.ts';
import type { TableRow } from '../matrix.ts';
import type { ColumnHead } from '../rows.ts';
import './parallel-plot.ts';
import './scatter-plot.ts';

/** What the plots are drawn from. */
export interface Explained {
  columns: readonly ColumnHead[];
  /** Place of the version in production; null for none. */
  production: number | null;
  params: readonly TableRow[];
  metrics: readonly TableRow[];
  primary: TableRow | undefined;
  /** Called with the places that no brush leaves out. */
  exclude(places: ReadonlySet<number>): void;
}

/** Shows which params go with the primary metric, and which versions are best in two metrics. */
class Explain extends LitElement {
  static override properties = {
    of: { attribute: false },
    brushes: { state: true },
    focused: { state: true },
    x: { state: true },
    y: { state: true },
    tables: { state: true },
  };
  declare of: Explained | undefined;
  declare brushes: ReadonlyMap<string, Brush>;
  /** The version that a person points at, on this plot or elsewhere. */
  declare focused: number | null;
  /** Metrics of the scatter plot; undefined for the usual ones. */
  declare x: string | undefined;
  declare y: string | undefined;
  /** Which plots are shown as tables. */
  declare tables: ReadonlySet<'parallel' | 'scatter'>;
  readonly #hear = (event: Event): void => void (this.focused = (event as CustomEvent<number | null>).detail);

  constructor() {
    super();
    this.brushes = new Map();
    this.focused = null;
    this.tables = new Set();
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener(focusEvent, this.#hear);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener(focusEvent, this.#hear);
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { primary } = this.of;
    return html`${primary ? this.#parallel(this.of, primary) : nothing}
      <div class="explain-pair">
        ${this.#scatter(this.of)} ${primary ? importanceList(this.of, primary) : nothing}
      </div>`;
  }

  #parallel({ columns, params, exclude }: Explained, primary: TableRow): TemplateResult | typeof nothing {
    const metric = axisOf(primary);
    const axes = paramAxes(params.filter(({ differs }) => differs));
    if (!metric || axes.length === 0) return nothing;
    const all = [...axes, metric];
    const brushed = (name: string, brush: Brush | null): void => {
      const next = new Map(this.brushes);
      if (brush) next.set(name, brush);
      else next.delete(name);
      this.brushes = next;
      exclude(outsideBrushes(all, next));
    };
    const clear = (): void => {
      this.brushes = new Map();
      exclude(new Set());
    };
    const plot = html`<plinth-parallel-plot
      .of=${{ axes: all, columns, direction: primary.direction, brushes: this.brushes, outside: outsideBrushes(all, this.brushes), brushed }}
      .focused=${this.focused}
    ></plinth-parallel-plot>`;
    const named = new Map([...params, primary].map((row) => [row.name, row]));
    const shown = all.flatMap(({ name }) => named.get(name) ?? []);
    return html`${this.#chart('parallel', l10n.t('Parameters and {0}', primary.name), columns, shown, plot)}
      <p class="count">
        ${l10n.t('Drag on an axis to choose versions by it.')}
        ${this.brushes.size > 0 ? html`<button class="link" @click=${clear}>${l10n.t('Choose all versions')}</button>` : nothing}
      </p>`;
  }

  #scatter({ columns, metrics, primary, production }: Explained): TemplateResult | typeof nothing {
    const measured = metrics.filter(({ values }) => values.filter((value) => typeof value === 'number').length > 1);
    const rowOf = (name: string | undefined): TableRow | undefined => measured.find((row) => row.name === name);
    const y = rowOf(this.y) ?? primary ?? measured[0];
    const x = rowOf(this.x) ?? usualCost(measured, y);
    if (!x || !y) return nothing;
    const choose = (label: string, chosen: string, set: (name: string) => void): TemplateResult =>
      html`<label
        >${label}
        <select @change=${(event: Event) => set((event.target as HTMLSelectElement).value)}>
          ${measured.map(({ name }) => html`<option value=${name} ?selected=${name === chosen}>${name}</option>`)}
        </select></label
      >`;
    const plot = html`<plinth-scatter-plot
      .of=${{ columns, x, y, production }}
      .focused=${this.focused}
    ></plinth-scatter-plot>`;
    return html`<div>
      <p class="acts">
        ${choose(l10n.t('X axis'), x.name, (name) => (this.x = name))}
        ${choose(l10n.t('Y axis'), y.name, (name) => (this.y = name))}
      </p>
      ${this.#chart('scatter', l10n.t('{0} against {1}', y.name, x.name), columns, [x, y], plot)}
    </div>`;
  }

  #chart(
    key: 'parallel' | 'scatter',
    name: string,
    columns: readonly ColumnHead[],
    shown: readonly TableRow[],
    plot: TemplateResult,
  ): TemplateResult {
    const rows = (): string[][] => [
      [l10n.t('Version'), ...shown.map((row) => row.name)],
      ...columns.map(({ label }, place) => [label, ...shown.map(({ values }) => exactText(values[place]))]),
    ];
    const showTable = (isTable: boolean): void => {
      const others = [...this.tables].filter((one) => one !== key);
      this.tables = new Set(isTable ? [...others, key] : others);
    };
    return svgChart({ name, rows, plot, isTable: this.tables.has(key), showTable });
  }
}

/** Returns a value with the digits that were measured, without those of binary numbers; empty for none. */
function exactText(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object'
    ? JSON.stringify(value)
    : typeof value === 'number'
      ? numberText(value, 15)
      : String(value);
}

/** Returns the cost that is set against the quality: a metric that is no quality and less of which is better; else another metric. */
function usualCost(metrics: readonly TableRow[], quality: TableRow | undefined): TableRow | undefined {
  const others = metrics.filter((row) => row !== quality && row.differs);
  const isCost = (row: TableRow, direction: Direction | null): boolean =>
    !isQuality(row.name) && row.direction === direction;
  return others.find((row) => isCost(row, 'lower')) ?? others.find((row) => isCost(row, 'higher')) ?? others[0];
}

function importanceList({ params }: Explained, primary: TableRow): TemplateResult | typeof nothing {
  const found = paramImportance(params, primary);
  if (found.length === 0) return nothing;
  const rows = found.map(
    ({ name, words, correlation, count }) =>
      html`<li title=${l10n.t('Spearman’s ρ over {0} versions', count)}>
        <span class="importance-name" title=${name}
          >${name}${words ? html` <small>${words[0]} → ${words[1]}</small>` : nothing}</span
        >
        <meter min="0" max="1" .value=${Math.abs(correlation)} aria-hidden="true"></meter>
        <span class="number">${correlation < 0 ? '−' : '+'}${Math.abs(correlation).toFixed(2)}</span>
      </li>`,
  );
  return html`<div class="importance">
    <h3>${l10n.t('What goes with {0}', primary.name)}</h3>
    <p class="count">${l10n.t('Rank correlation of parameters; a few versions prove nothing.')}</p>
    <ul>
      ${rows}
    </ul>
  </div>`;
}

customElements.define('plinth-explain', Explain);
