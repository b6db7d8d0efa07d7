import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { MetricHistory } from '../../../daemon/protocol/routes/models.ts';
import { rowFormat } from '../../../daemon/shared/format.ts';
import { host } from '../../components/host.ts';
import { barsHeight, barStep, layOutHistoryBars, type HistoryBar } from './layout/history-bars.ts';

export interface HistoryBarsContent {
  model: string;
  history: MetricHistory;
  metric: string;
  direction: 'higher' | 'lower' | null;
  /** Number of the version in production; null for none. */
  production: number | null;
  /** Colour place of each compared version, by number. */
  compared: ReadonlyMap<number, number>;
}

/** A metric of all versions of the model as bars, sorted. Compared versions have their colours, and the one in production has a ring. */
class HistoryBars extends LitElement {
  static override properties = { of: { attribute: false }, at: { state: true } };
  declare of: HistoryBarsContent | undefined;
  /** The bar that a person points at. */
  declare at: number | null;

  constructor() {
    super();
    this.at = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { history, metric, direction } = this.of;
    const bars = layOutHistoryBars(history, metric, direction);
    if (bars.length === 0) return html`<p class="count">${l10n.t('No version has a value.')}</p>`;
    const format = rowFormat(bars.map(({ value }) => value));
    const textOf = (bar: HistoryBar): string => this.#textOf(bar, format);
    const pointed = this.at === null ? undefined : bars[this.at];
    const width = bars.length * barStep;
    return html`<div class="history-bars">
      <svg
        width=${width}
        height=${barsHeight}
        tabindex="0"
        role="slider"
        aria-label=${l10n.t('{0} of all versions, sorted', metric)}
        aria-valuemin="1"
        aria-valuemax=${bars.length}
        aria-valuenow=${(this.at ?? 0) + 1}
        aria-valuetext=${textOf(pointed ?? bars[0]!)}
        @pointermove=${(event: PointerEvent) => (this.at = placeOf(event, bars.length))}
        @pointerleave=${() => (this.at = null)}
        @click=${(event: PointerEvent) => this.#open(bars[placeOf(event, bars.length)])}
        @keydown=${(event: KeyboardEvent) => this.#moveByKey(event, bars)}
      >
        ${bars.map((bar, index) => this.#bar(bar, index))}
      </svg>
      <span class="count"
        >${pointed ? textOf(pointed) : l10n.t('{0} versions, the best at the left', bars.length)}</span
      >
    </div>`;
  }

  #bar({ number, x, y, height }: HistoryBar, index: number): TemplateResult {
    const { production, compared } = this.of!;
    const place = compared.get(number);
    const kind = `${place === undefined ? 'other' : `c${place % 8}`} ${number === production ? 'production' : ''} ${index === this.at ? 'at' : ''}`;
    return svg`<rect class=${kind} data-version=${number} x=${x + 2} y=${y} width=${barStep - 4} height=${height} />` as TemplateResult;
  }

  #textOf({ number, value }: HistoryBar, format: (value: number) => string): string {
    const isProduction = number === this.of?.production;
    return `v${number} ${format(value)}${isProduction ? ` · ${l10n.t('production')}` : ''}`;
  }

  #moveByKey(event: KeyboardEvent, bars: readonly HistoryBar[]): void {
    const last = bars.length - 1;
    const next = { ArrowLeft: (this.at ?? 1) - 1, ArrowRight: (this.at ?? -1) + 1, Home: 0, End: last }[event.key];
    if (event.key === 'Enter') return this.#open(bars[this.at ?? 0]);
    if (next === undefined) return;
    event.preventDefault();
    this.at = Math.min(last, Math.max(0, next));
  }

  #open(bar: HistoryBar | undefined): void {
    const { model } = this.of!;
    if (bar) host.post({ kind: 'open', place: { page: 'version', model, version: String(bar.number) } });
  }
}

function placeOf({ clientX, currentTarget }: PointerEvent, count: number): number {
  const { left } = (currentTarget as Element).getBoundingClientRect();
  return Math.min(count - 1, Math.max(0, Math.floor((clientX - left) / barStep)));
}

customElements.define('plinth-history-bars', HistoryBars);
