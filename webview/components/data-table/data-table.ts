import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { breakable } from '../names.ts';
import { keep, keptOf } from '../page-settings.ts';
import { setStyle } from '../set-style.ts';
import { columnMenu } from './column-menu.ts';
import { bestOf, charactersOf, keysBetween, nextOrder, sortRows, type Column, type ColumnOrder } from './columns.ts';
import { copyWholeNames, nameResizer, nameText } from './name-column.ts';
import { boundedWidth, fitRowName, spaceBesideName, type RowName } from './name-fit.ts';
import type { TableModel } from './table-model.ts';

/** The event of a table when a person selects rows: their keys. */
export const selectEvent = 'plinth-select';

const [rowHeight, longRowHeight] = [26, 46];
/** Below this width of the window names get less room. */
const narrow = 560;
/** The width of a digit as a share of the size of the font. */
const digitShare = 0.57;
/** A table with more rows scrolls by itself. */
const manyRows = 60;
/** A table with more rows has a filter. */
const fewRows = 8;

type TableLine = { row: unknown } | { group: string; count: number } | { detail: TemplateResult; height: number };

class DataTable extends LitElement {
  static override properties = {
    of: { attribute: false },
    selected: { attribute: false },
    order: { state: true },
    filter: { state: true },
    shownKeys: { state: true },
    closed: { state: true },
    opened: { state: true },
    nameWidth: { state: true },
  };
  declare of: TableModel<unknown> | undefined;
  declare selected: ReadonlySet<string>;
  declare order: ColumnOrder | null;
  declare filter: string;
  /** Null until a person chooses columns. */
  declare shownKeys: readonly string[] | null;
  /** Headings whose rows are hidden. */
  declare closed: ReadonlySet<string> | undefined;
  /** Keys of the rows whose detail is shown. */
  declare opened: ReadonlySet<string>;
  /** The width that a person gave the name column, in px; null for the usual one. */
  declare nameWidth: number | null;
  #virtual: Virtualizer<HTMLElement, HTMLElement> | undefined;
  #leave: (() => void) | undefined;
  #lastChosen: string | undefined;
  /** The lines of the last drawing, and the keys of their rows. */
  #lines: TableLine[] = [];
  #widths = new Map<string, number>();
  /** The width of a digit in px, about. */
  #digit = 8;

  constructor() {
    super();
    this.selected = new Set();
    this.order = null;
    this.filter = '';
    this.shownKeys = null;
    this.opened = new Set();
    this.nameWidth = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#virtual ??= new Virtualizer<HTMLElement, HTMLElement>(this.#options());
    this.#leave ??= this.#virtual._didMount();
    this.#digit = Number.parseFloat(getComputedStyle(this).fontSize) * digitShare || this.#digit;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#leave?.();
    this.#leave = undefined;
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has('of')) return;
    this.#widths.clear();
    this.closed ??= new Set(this.of?.closedGroups);
    const before = changed.get('of') as TableModel<unknown> | undefined;
    if (this.of && this.of.keptAs !== before?.keptAs) this.nameWidth = this.#keptWidth(this.of);
  }

  override updated(): void {
    this.#virtual?.setOptions(this.#options());
    this.#virtual?._willUpdate();
  }

  override firstUpdated(): void {
    this.requestUpdate();
  }

  #options(): ConstructorParameters<typeof Virtualizer<HTMLElement, HTMLElement>>[0] {
    return {
      count: this.#lines.length,
      getScrollElement: () => this.querySelector<HTMLElement>('.data-scroller'),
      estimateSize: (index) => this.#heightOf(index),
      overscan: 8,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.requestUpdate(),
    };
  }

  override render(): TemplateResult | typeof nothing {
    const { of } = this;
    if (!of) return nothing;
    const found = this.filter.trim() === '' ? { rows: of.rows } : of.filter(of.rows, this.filter);
    const rows = 'rows' in found ? found.rows : [];
    const columns = this.#shownColumns(of);
    this.#lines = this.#linesOf(of, rows, columns);
    const keys = rows.map((row) => of.keyOf(row));
    return html`${this.#tools(of, rows.length, 'problem' in found ? found.problem : '')}
      <div
        class=${`data-scroller ${this.#lines.length > manyRows ? 'long' : ''}`}
        tabindex="0"
        role="group"
        aria-label=${of.label}
      >
        <table
          class=${`data ${this.order === null && of.groupOf ? 'grouped' : ''}`}
          aria-rowcount=${this.#lines.length + 1}
          aria-label=${of.label}
          @copy=${copyWholeNames}
          ${setStyle({ '--name-width': `${Math.round(this.#widthOfNames(of))}px` })}
        >
          ${this.#head(of, columns, keys)} ${this.#body(of, columns)}
        </table>
      </div>`;
  }

  #shownColumns({ columns, usual }: TableModel<unknown>): Column<unknown>[] {
    const shown = new Set(this.shownKeys ?? usual);
    return columns.filter(({ key }, index) => index === 0 || shown.has(key) || this.order?.key === key);
  }

  #heightOf(index: number): number {
    const line = this.#lines[index];
    if (!line) return rowHeight;
    if ('height' in line) return line.height;
    return 'row' in line && this.of && this.#fittedName(this.of, line.row).lines === 2 ? longRowHeight : rowHeight;
  }

  #linesOf(of: TableModel<unknown>, rows: readonly unknown[], columns: readonly Column<unknown>[]): TableLine[] {
    const sorted = columns.find(({ key }) => key === this.order?.key);
    if (sorted && this.order) return this.#withDetails(of, sortRows(rows, sorted, this.order.isDescending));
    const { groupOf } = of;
    if (!groupOf) return this.#withDetails(of, rows);
    const groups = Map.groupBy(rows, (row) => groupOf(row));
    if (groups.size < 2) return this.#withDetails(of, rows);
    const order = of.groups ?? [];
    const ordered = [...groups].toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    return ordered.flatMap(([group, own]): TableLine[] => [
      { group, count: own.length },
      ...(this.closed?.has(group) && this.filter === '' ? [] : this.#withDetails(of, own)),
    ]);
  }

  #withDetails(of: TableModel<unknown>, rows: readonly unknown[]): TableLine[] {
    return rows.flatMap((row): TableLine[] => {
      const detail = this.opened.has(of.keyOf(row)) ? of.detailOf?.(row) : undefined;
      return detail ? [{ row }, { detail: detail.content, height: detail.height }] : [{ row }];
    });
  }

  #tools(of: TableModel<unknown>, count: number, problem: string): TemplateResult | typeof nothing {
    const input = (event: Event): void => void (this.filter = (event.target as HTMLInputElement).value);
    const filter = html`<input
      type="search"
      class="filter"
      placeholder=${of.filterExample}
      aria-label=${l10n.t('Filter')}
      aria-invalid=${problem !== ''}
      .value=${this.filter}
      @input=${input}
    />`;
    const total = of.rows.length;
    return html`<div class="table-tools">
        ${total > fewRows || this.filter !== '' ? filter : nothing}
        ${count === total ? nothing : html`<span class="count" role="status">${l10n.t('{0} of {1}', count, total)}</span>`}
        ${columnMenu(of.columns.slice(1), new Set(this.shownKeys ?? of.usual), {
          show: (keys) => (this.shownKeys = keys),
          sort: (column) => this.#sortBy(column),
        })}
      </div>
      ${problem === '' ? nothing : html`<p class="worse" role="alert">${problem}</p>`}`;
  }

  #sortBy(column: Column<unknown>): void {
    this.order = nextOrder(column, this.order);
  }

  #keptWidth({ keptAs }: TableModel<unknown>): number | null {
    const width = keptOf(this, `name-width:${keptAs}`);
    return typeof width === 'number' && Number.isFinite(width) ? boundedWidth(width) : null;
  }

  /** Returns the width of the name column, in px. */
  #widthOfNames(of: TableModel<unknown>): number {
    const usual = this.#charactersOf(of, of.columns[0]!) * this.#digit + spaceBesideName(of, of.rows[0]);
    return Math.min(
      this.nameWidth ?? usual,
      innerWidth <= narrow ? Math.max(16 * this.#digit, innerWidth * 0.42) : Infinity,
    );
  }

  #fittedName(of: TableModel<unknown>, row: unknown): RowName {
    return fitRowName(of, row, this.order === null, { column: this.#widthOfNames(of), digit: this.#digit });
  }

  #resizer(of: TableModel<unknown>): TemplateResult {
    return nameResizer({
      widthOf: () => this.querySelector<HTMLElement>('th.name')?.offsetWidth ?? this.#widthOfNames(of),
      resize: (width) => (this.nameWidth = width),
      keep: () => keep(this, `name-width:${of.keptAs}`, this.nameWidth),
    });
  }

  #head(of: TableModel<unknown>, columns: readonly Column<unknown>[], keys: readonly string[]): TemplateResult {
    const canSelect = of.rows.some((row) => of.nameOf(row) !== '');
    const areAll = keys.length > 0 && keys.every((key) => this.selected.has(key));
    const isSome = keys.some((key) => this.selected.has(key));
    const turn = (): void => this.#select(areAll ? new Set() : new Set(keys));
    const all = html`<input
      type="checkbox"
      aria-label=${l10n.t('Select all')}
      .checked=${areAll}
      .indeterminate=${isSome && !areAll}
      @change=${turn}
    />`;
    return html`<thead>
      <tr>
        ${columns.map((column, index) => {
          const isSorted = this.order?.key === column.key;
          const order = isSorted ? (this.order?.isDescending ? 'descending' : 'ascending') : 'none';
          const width: Record<string, string> =
            index === 0 ? {} : { 'min-width': `${this.#charactersOf(of, column)}ch` };
          return html`<th
            scope="col"
            class=${`${column.kind} ${index === 0 ? 'name' : ''} ${isSorted ? 'sorted' : ''}`}
            aria-sort=${order}
            ${setStyle(width)}
          >
            ${index === 0 && canSelect ? all : nothing}
            <button class="sort" title=${column.title} @click=${() => this.#sortBy(column)}>
              ${breakable(column.title)}
            </button>
            ${index === 0 ? this.#resizer(of) : nothing}
          </th>`;
        })}
      </tr>
    </thead>`;
  }

  #charactersOf(of: TableModel<unknown>, column: Column<unknown>): number {
    const known = this.#widths.get(column.key) ?? charactersOf(of.rows, column);
    this.#widths.set(column.key, known);
    return known;
  }

  #body(of: TableModel<unknown>, columns: readonly Column<unknown>[]): TemplateResult {
    const best = new Map(columns.map((column) => [column.key, bestOf(of.rows, column)]));
    const draw = (line: TableLine, index: number): TemplateResult => {
      if ('row' in line) return this.#row(of, columns, best, line.row, index);
      return 'group' in line ? this.#groupHead(line, columns.length) : detailLine(line.detail, columns.length);
    };
    if (this.#lines.length <= manyRows)
      return html`<tbody>
        ${this.#lines.map(draw)}
      </tbody>`;
    this.#virtual?.setOptions(this.#options());
    const items = this.#virtual?.getVirtualItems() ?? [];
    const [first, last] = [items[0], items.at(-1)];
    const after = (this.#virtual?.getTotalSize() ?? 0) - (last?.end ?? 0);
    return html`<tbody>
      ${spacer(first?.start ?? 0)} ${items.map(({ index }) => draw(this.#lines[index]!, index))} ${spacer(after)}
    </tbody>`;
  }

  #row(
    of: TableModel<unknown>,
    columns: readonly Column<unknown>[],
    best: ReadonlyMap<string, number | null>,
    row: unknown,
    index: number,
  ): TemplateResult {
    const key = of.keyOf(row);
    const name = of.nameOf(row);
    const box = html`<input
      type="checkbox"
      aria-label=${l10n.t('Select {0}', name)}
      .checked=${this.selected.has(key)}
      @click=${(event: MouseEvent) => this.#choose(of, key, event.shiftKey)}
    />`;
    return html`<tr
      class=${this.selected.has(key) ? 'selected' : ''}
      aria-rowindex=${index + 2}
      data-vscode-context=${of.menuOf?.(row) ?? nothing}
    >
      ${columns.map((column, at) => {
        if (at === 0) {
          const { text: fitted, lines, isInner } = this.#fittedName(of, row);
          const content = column.cell?.(row, fitted) ?? nameText(fitted, column.text(row));
          return html`<th scope="row" class=${`name ${lines === 2 ? 'two-lines' : ''} ${isInner ? 'inner' : ''}`}>
            <span>${name === '' ? nothing : box}${this.#opener(of, row, key)}${content}</span>
          </th>`;
        }
        const text = column.text(row);
        const content = column.cell?.(row, text) ?? text;
        const value = column.sortValue(row);
        const isBest = value !== null && value === best.get(column.key);
        const kind = `${column.kind} ${isBest ? 'best' : ''} ${this.order?.key === column.key ? 'sorted' : ''}`;
        return html`<td class=${kind} title=${column.tooltip?.(row) ?? nothing}>${content}</td>`;
      })}
    </tr>`;
  }

  #opener(of: TableModel<unknown>, row: unknown, key: string): TemplateResult | typeof nothing {
    if (!of.detailOf) return nothing;
    if (!of.detailOf(row)) return html`<span class="opener"></span>`;
    const isOpen = this.opened.has(key);
    const others = [...this.opened].filter((one) => one !== key);
    const turn = (): void => void (this.opened = new Set(isOpen ? others : [...others, key]));
    return html`<button
      class="opener"
      aria-expanded=${isOpen}
      aria-label=${l10n.t('Show what belongs to it')}
      @click=${turn}
    >
      ${isOpen ? '▾' : '▸'}
    </button>`;
  }

  #groupHead({ group, count }: { group: string; count: number }, span: number): TemplateResult {
    const isClosed = this.closed?.has(group) ?? false;
    const turn = (): void => {
      const others = [...(this.closed ?? [])].filter((one) => one !== group);
      this.closed = new Set(isClosed ? others : [...others, group]);
    };
    return html`<tr class="group">
      <th scope="rowgroup" colspan=${span}>
        <button class="link" aria-expanded=${!isClosed} @click=${turn}>${group}</button>
        <span class="count">${count}</span>
      </th>
    </tr>`;
  }

  /** Selects a row or takes it out; with the shift key all rows since the one before. */
  #choose(of: TableModel<unknown>, key: string, isRange: boolean): void {
    const keys = this.#lines.flatMap((line) => ('row' in line ? [of.keyOf(line.row)] : []));
    const range = isRange && this.#lastChosen !== undefined ? keysBetween(keys, this.#lastChosen, key) : [key];
    const next = new Set(this.selected);
    const isOn = !this.selected.has(key);
    for (const one of range)
      if (isOn) next.add(one);
      else next.delete(one);
    this.#lastChosen = key;
    this.#select(next);
  }

  #select(next: ReadonlySet<string>): void {
    this.dispatchEvent(new CustomEvent(selectEvent, { detail: next, bubbles: true }));
  }
}

function detailLine(content: TemplateResult, span: number): TemplateResult {
  return html`<tr class="detail">
    <td colspan=${span}>${content}</td>
  </tr>`;
}

function spacer(height: number): TemplateResult | typeof nothing {
  if (height <= 0) return nothing;
  return html`<tr class="spacer" aria-hidden="true">
    <td ${setStyle({ height: `${height}px` })}></td>
  </tr>`;
}

customElements.define('plinth-data-table', DataTable);
