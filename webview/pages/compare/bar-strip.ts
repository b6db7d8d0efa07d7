import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { setStyle } from '../../components/set-style.ts';
import { gainText } from './cells.ts';
import { jumpTo } from './jump.ts';
import { barWidth, gap, height, layOutBars, type Bar, type NamedChange } from './layout/bars.ts';

/** The judged metrics of one version as bars, from the worst to the best. A click, or Enter, goes to the row of a metric. */
class BarStrip extends LitElement {
  static override properties = { changes: { attribute: false }, label: {}, at: { state: true } };
  declare changes: readonly NamedChange[];
  declare label: string;
  /** The bar that a person points at. */
  declare at: number | null;

  constructor() {
    super();
    this.changes = [];
    this.label = '';
    this.at = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult | typeof nothing {
    const count = this.changes.length;
    if (count === 0) return nothing;
    const width = count * (barWidth + gap);
    const pointed = this.at === null ? undefined : this.changes[this.at];
    return html`<svg
        class="strip"
        viewBox=${`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        ${setStyle({ width: `${width}px` })}
        tabindex="0"
        role="slider"
        aria-label=${l10n.t('Judged metrics of {0}, from the worst to the best', this.label)}
        aria-valuemin="1"
        aria-valuemax=${count}
        aria-valuenow=${(this.at ?? 0) + 1}
        aria-valuetext=${changeText(pointed ?? this.changes[0]!)}
        @pointermove=${(event: PointerEvent) => (this.at = this.#placeOf(event))}
        @pointerleave=${() => (this.at = null)}
        @click=${(event: PointerEvent) => this.#jump(this.#placeOf(event))}
        @keydown=${(event: KeyboardEvent) => this.#moveByKey(event)}
      >
        ${svg`<line x1="0" x2=${width} y1=${height / 2} y2=${height / 2} />`} ${this.#bars()}
      </svg>
      <span class="count strip-name">${pointed ? changeText(pointed) : nothing}</span>`;
  }

  /** Draws the bars of one kind as one shape, since a page has thousands of them. */
  #bars(): TemplateResult[] {
    const bars = layOutBars(this.changes);
    const groups = Map.groupBy(bars, ({ kind }) => kind);
    const shapes = [...groups].map(
      ([kind, of]) => svg`<path class=${kind} d=${of.map(pathOf).join('')} />` as TemplateResult,
    );
    const pointed = this.at === null ? undefined : bars[this.at];
    return pointed ? [...shapes, svg`<path class="at" d=${pathOf(pointed)} />` as TemplateResult] : shapes;
  }

  #placeOf({ clientX, currentTarget }: PointerEvent): number {
    const { left, width } = (currentTarget as Element).getBoundingClientRect();
    const at = Math.floor(((clientX - left) / width) * this.changes.length);
    return Math.min(this.changes.length - 1, Math.max(0, at));
  }

  #moveByKey(event: KeyboardEvent): void {
    const last = this.changes.length - 1;
    const next = { ArrowLeft: (this.at ?? 1) - 1, ArrowRight: (this.at ?? -1) + 1, Home: 0, End: last }[event.key];
    if (event.key === 'Enter') return this.#jump(this.at ?? 0);
    if (next === undefined) return;
    event.preventDefault();
    this.at = Math.min(last, Math.max(0, next));
  }

  #jump(at: number): void {
    const change = this.changes[at];
    if (change) jumpTo(change.name);
  }
}

function pathOf({ x, y, height: length }: Bar): string {
  return `M${x} ${y}h${barWidth}v${length}h${-barWidth}z`;
}

function changeText({ name, judgement, gain }: NamedChange): string {
  const text = { better: l10n.t('better'), worse: l10n.t('worse'), 'within-noise': l10n.t('within noise') }[
    judgement as 'better'
  ];
  return [name, gain === null ? '' : gainText(gain), text].filter((part) => part !== '').join(' ');
}

customElements.define('plinth-bar-strip', BarStrip);
