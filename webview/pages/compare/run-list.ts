import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { CompareRow } from '../../../daemon/protocol/comparison.ts';
import { rowFormat } from '../../../daemon/shared/format.ts';
import { crosshairEvent, focusEvent, type Crosshair } from '../../components/charts/chart.ts';
import { versionLook } from '../../components/colours.ts';
import type { ColumnHead } from './rows.ts';

export interface RunListContent {
  columns: readonly ColumnHead[];
  hidden: ReadonlySet<number>;
  /** The metric whose values are shown while nobody points at a chart; undefined for none. */
  metric: Pick<CompareRow, 'name' | 'values' | 'direction'> | undefined;
  setHidden(hidden: ReadonlySet<number>): void;
}

/** The compared versions beside the charts, sorted by their values at the crosshair. Each can be hidden from the charts. */
class RunList extends LitElement {
  static override properties = { of: { attribute: false }, crosshair: { state: true } };
  declare of: RunListContent | undefined;
  declare crosshair: Crosshair | null;
  readonly #hear = (event: Event): void => void (this.crosshair = (event as CustomEvent<Crosshair | null>).detail);

  constructor() {
    super();
    this.crosshair = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener(crosshairEvent, this.#hear);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener(crosshairEvent, this.#hear);
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { columns, hidden, setHidden } = this.of;
    const [name, values] = this.#values();
    const format = rowFormat(values.flatMap((value) => value ?? []));
    const sign = this.#direction() === 'lower' ? 1 : -1;
    const worth = (place: number): number => ((values[place] ?? null) === null ? Infinity : values[place]! * sign);
    const places = columns
      .map((_, place) => place)
      .toSorted(
        (a, b) =>
          Number(hidden.has(a)) - Number(hidden.has(b)) || (worth(a) === worth(b) ? a - b : worth(a) - worth(b)),
      );
    const head = this.crosshair ? `${name} · ${this.crosshair.at}` : name;
    return html`<p class="count run-head" title=${head}>${head}</p>
      <ul>
        ${places.map((place) => this.#row(columns[place]!, place, values[place] ?? null, format))}
      </ul>
      ${
        hidden.size > 0
          ? html`<button class="link" @click=${() => setHidden(new Set())}>
              ${l10n.t('Show {0} hidden curves', hidden.size)}
            </button>`
          : nothing
      }`;
  }

  #direction(): 'higher' | 'lower' | null {
    return this.crosshair?.direction ?? this.of?.metric?.direction ?? null;
  }

  /** Returns the name of the shown metric and its value by place. */
  #values(): [string, (number | null)[]] {
    const { columns, metric } = this.of!;
    const { crosshair } = this;
    if (!crosshair)
      return [
        metric?.name ?? '',
        columns.map((_, place) => (typeof metric?.values[place] === 'number' ? metric.values[place] : null)),
      ];
    const values = columns.map(
      (_, place) => crosshair.values.find(({ line }) => line.place === place && !line.isTraining)?.value ?? null,
    );
    return [crosshair.metric, values];
  }

  #row(
    { label, note, colourPlace, members }: ColumnHead,
    place: number,
    value: number | null,
    format: (value: number) => string,
  ): TemplateResult {
    const { hidden, setHidden } = this.of!;
    const isHidden = hidden.has(place);
    const toggle = (): void =>
      setHidden(isHidden ? new Set([...hidden].filter((one) => one !== place)) : new Set([...hidden, place]));
    const point = (at: number | null) => () => window.dispatchEvent(new CustomEvent(focusEvent, { detail: at }));
    const title = l10n.t('Show the curves of {0}', label);
    return html`<li @mouseenter=${point(members?.[0]?.place ?? place)} @mouseleave=${point(null)}>
      <button class="bare" aria-pressed=${!isHidden} title=${title} aria-label=${title} @click=${toggle}>
        <span class=${`swatch c${versionLook(colourPlace).colour} ${isHidden ? 'off' : ''}`}></span>
      </button>
      <span class="run-name" title=${note}>${label}${note === '' ? nothing : html` <small>${note}</small>`}</span>
      <span class="number">${value === null ? '–' : format(value)}</span>
    </li>`;
  }
}

customElements.define('plinth-run-list', RunList);
