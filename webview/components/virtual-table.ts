import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { setStyle } from './set-style.ts';
import * as l10n from '@vscode/l10n';

const rowHeight = 24;
const short = 60;

/** A table of any length with a filter. Only the rows in view are drawn. */
class LongTable extends LitElement {
  static override properties = {
    label: {},
    head: { attribute: false },
    rows: { attribute: false },
    filter: { state: true },
  };
  declare label: string;
  declare head: string[];
  declare rows: string[][];
  declare filter: string;
  #virtual: Virtualizer<HTMLElement, HTMLElement> | undefined;
  #leave: (() => void) | undefined;

  constructor() {
    super();
    this.label = '';
    this.head = [];
    this.rows = [];
    this.filter = '';
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#leave?.();
    this.#leave = undefined;
  }

  #shown(): string[][] {
    const wanted = this.filter.toLowerCase();
    return wanted === ''
      ? this.rows
      : this.rows.filter((row) => row.some((cell) => cell.toLowerCase().includes(wanted)));
  }

  override firstUpdated(): void {
    this.#virtual = new Virtualizer<HTMLElement, HTMLElement>(this.#options());
    this.#leave = this.#virtual._didMount();
    this.#virtual._willUpdate();
    this.requestUpdate();
  }

  override updated(): void {
    this.#virtual?.setOptions(this.#options());
    this.#virtual?._willUpdate();
  }

  #options(): ConstructorParameters<typeof Virtualizer<HTMLElement, HTMLElement>>[0] {
    return {
      count: this.#shown().length,
      getScrollElement: () => this.querySelector<HTMLElement>('.long'),
      estimateSize: () => rowHeight,
      overscan: 10,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.requestUpdate(),
    };
  }

  override render(): TemplateResult {
    const rows = this.#shown();
    const items = this.#virtual?.getVirtualItems() ?? [];
    const filter = html`<label
      >${l10n.t('Filter')}
      <input
        type="search"
        .value=${this.filter}
        @input=${(event: Event) => (this.filter = (event.target as HTMLInputElement).value)}
    /></label>`;
    return html`${this.rows.length > short ? filter : nothing}
      <div class="long" tabindex="0" role="table" aria-label=${this.label} aria-rowcount=${rows.length}>
        <div class="line head" role="row">
          ${this.head.map((name) => html`<span role="columnheader">${name}</span>`)}
        </div>
        <div role="rowgroup" ${setStyle({ height: `${rows.length * rowHeight}px`, position: 'relative' })}>
          ${items.map(
            (item) =>
              html`<div
                class="line"
                role="row"
                aria-rowindex=${item.index + 1}
                ${setStyle({ position: 'absolute', top: `${item.start}px`, left: '0', right: '0' })}
              >
                ${(rows[item.index] ?? []).map((cell) => html`<span role="cell" title=${cell}>${cell}</span>`)}
              </div>`,
          )}
        </div>
      </div>`;
  }
}

customElements.define('plinth-long-table', LongTable);
