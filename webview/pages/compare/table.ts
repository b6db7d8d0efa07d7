import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { versionLook } from '../../components/colours.ts';
import { breakable } from '../../components/names.ts';
import { setStyle } from '../../components/set-style.ts';
import { pairCells, plainCells, rankedCells } from './cells.ts';
import {
  filterRows,
  gainOf,
  groupRows,
  sortRows,
  type Group,
  type Kind,
  type Order,
  type Shown,
  type TableRow,
} from './matrix.ts';
import type { ColumnHead, Section } from './rows.ts';

/** So many rows are drawn at a time: the first at once, the others when they are about to come into view. */
const chunkRows = 40;
const rowHeight = 25;
const near = '400px';
/** A table with more rows has a filter. */
const fewRows = 12;

interface Content {
  section: Section;
  rows: readonly TableRow[];
  columns: readonly ColumnHead[];
  /** The rows that a chosen count of a summary stands for; null for all. */
  kind: Kind | null;
}

/** A line of the table: a row under the prefix that its group's head shows, or such a head. */
type TableLine = { row: TableRow; prefix: string } | Group;

/** One table of the comparison in a scroller of its own, whose head and names stay. A row for each name, a column for each version. */
class CompareTable extends LitElement {
  static override properties = {
    of: { attribute: false },
    drawn: { state: true },
    order: { state: true },
    filter: { state: true },
    closed: { state: true },
    shown: { state: true },
  };
  declare of: Content | undefined;
  declare drawn: ReadonlySet<number>;
  declare order: Order | null;
  declare filter: string;
  /** Prefixes of the groups that are closed. */
  declare closed: ReadonlySet<string>;
  declare shown: Shown;
  #observer: IntersectionObserver | undefined;

  constructor() {
    super();
    this.drawn = new Set([0]);
    this.order = null;
    this.filter = '';
    this.closed = new Set();
    this.shown = 'value';
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    this.#observer = undefined;
  }

  override updated(): void {
    this.#observer ??= new IntersectionObserver((entries) => this.#came(entries), { rootMargin: near });
    for (const body of this.querySelectorAll('tbody[data-group]')) this.#observer.observe(body);
  }

  #came(entries: readonly IntersectionObserverEntry[]): void {
    const chunks = entries
      .filter(({ isIntersecting }) => isIntersecting)
      .map(({ target }) => Number(target.getAttribute('data-group')))
      .filter((chunk) => !Number.isNaN(chunk));
    if (chunks.some((chunk) => !this.drawn.has(chunk))) this.drawn = new Set([...this.drawn, ...chunks]);
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { section, rows, columns, kind } = this.of;
    const lines = this.#lines(filterRows(rows, this.filter, kind), section.judged ? '/' : '.');
    const isPair = section.judged && columns.length === 2;
    const most = isPair ? Math.max(...rows.map((row) => Math.abs(gainOf(row, 1) ?? 0))) : 0;
    const labels = columns.map(({ label }) => label);
    const cells = (row: TableRow): unknown =>
      !section.judged
        ? plainCells(row, labels)
        : isPair
          ? pairCells(row, labels, most)
          : rankedCells(row, labels, this.shown);
    return html`${this.#tools(section, rows.length, columns.length)}
      <div class="matrix" tabindex="0" role="region" aria-labelledby=${section.id}>
        <table role="table" class=${section.judged ? 'judged' : 'plain'} aria-rowcount=${lines.length + 1}>
          ${this.#head(columns, section.judged, isPair)}
          ${Array.from({ length: Math.ceil(lines.length / chunkRows) }, (_, chunk) => this.#chunk(chunk, lines, cells))}
        </table>
      </div>`;
  }

  /** Returns the lines in their order. Groups have heads as long as nobody sorts. */
  #lines(rows: readonly TableRow[], separator: '/' | '.'): TableLine[] {
    if (this.order) return sortRows(rows, this.order, this.shown).map((row) => ({ row, prefix: '' }));
    return groupRows(rows, separator).flatMap((group): TableLine[] => {
      const { prefix } = group;
      const own = group.rows.map((row) => ({ row, prefix }));
      return prefix === '' ? own : this.closed.has(prefix) ? [group] : [group, ...own];
    });
  }

  #tools({ judged }: Section, rows: number, columns: number): TemplateResult | typeof nothing {
    if (rows <= fewRows && (!judged || columns < 3)) return nothing;
    const input = (event: Event): HTMLInputElement => event.target as HTMLInputElement;
    const names: [Shown, string][] = [
      ['value', l10n.t('Value')],
      ['delta', 'Δ'],
      ['share', 'Δ %'],
    ];
    return html`<div class="acts table-tools">
      <input
        type="search"
        placeholder=${l10n.t('Filter')}
        aria-label=${l10n.t('Filter by name')}
        .value=${this.filter}
        @input=${(event: Event) => (this.filter = input(event).value)}
      />
      ${
        judged && columns > 2
          ? html`<span role="group" aria-label=${l10n.t('Cells show')} class="switch"
              >${names.map(([shown, name]) => html`<button aria-pressed=${this.shown === shown} @click=${() => (this.shown = shown)}>${name}</button>`)}</span
            >`
          : nothing
      }
    </div>`;
  }

  #head(columns: readonly ColumnHead[], isJudged: boolean, isPair: boolean): TemplateResult {
    return html`<thead role="rowgroup">
      <tr role="row">
        ${this.#sortHead(-1, l10n.t('Name'), 'name')}
        ${columns.map(({ label, note }, place) => {
          const text = html`<span class=${`swatch c${versionLook(place).colour}`}></span>${label}`;
          const small = place === 0 ? l10n.t('baseline') : note;
          return this.#sortHead(
            place,
            html`${text}${small === '' ? nothing : html`<small>${small}</small>`}`,
            isJudged ? 'number' : '',
          );
        })}
        ${
          isPair
            ? html`<th role="columnheader" scope="col" class="number">Δ</th>
                <th role="columnheader" scope="col" class="number">Δ %</th>
                <th role="columnheader" scope="col"><span class="sr">${l10n.t('Difference')}</span></th>`
            : nothing
        }
      </tr>
    </thead>`;
  }

  /** Returns a head that sorts: first the best or highest, then the other way, then as before. */
  #sortHead(column: number, content: unknown, kind: string): TemplateResult {
    const { order } = this;
    const isOwn = order?.column === column;
    const first = column >= 0;
    const next = !isOwn
      ? { column, isDescending: first }
      : order.isDescending === first
        ? { column, isDescending: !first }
        : null;
    const sort = !isOwn ? 'none' : order.isDescending ? 'descending' : 'ascending';
    return html`<th role="columnheader" scope="col" class=${kind} aria-sort=${sort}>
      <button class="sort" @click=${() => (this.order = next)}>${content}</button>
    </th>`;
  }

  #chunk(chunk: number, lines: readonly TableLine[], cells: (row: TableRow) => unknown): TemplateResult {
    const start = chunk * chunkRows;
    const mine = lines.slice(start, start + chunkRows);
    if (!this.drawn.has(chunk))
      return html`<tbody role="rowgroup" data-group=${chunk} aria-hidden="true">
        <tr>
          <td ${setStyle({ height: `${mine.length * rowHeight}px` })}></td>
        </tr>
      </tbody>`;
    return html`<tbody role="rowgroup">
      ${mine.map((line, index) => ('rows' in line ? this.#groupHead(line) : rowOf(line, start + index, cells(line.row))))}
    </tbody>`;
  }

  #groupHead({ prefix, rows }: Group): TemplateResult {
    const isClosed = this.closed.has(prefix);
    const turn = (): void => {
      this.closed = isClosed
        ? new Set([...this.closed].filter((one) => one !== prefix))
        : new Set([...this.closed, prefix]);
    };
    return html`<tr role="row" class="group">
      <th role="rowheader" scope="rowgroup" colspan="99">
        <button class="link" aria-expanded=${!isClosed} @click=${turn}>${breakable(prefix)}</button>
        <span class="count">${rows.length}</span>
      </th>
    </tr>`;
  }
}

function rowOf({ row, prefix }: { row: TableRow; prefix: string }, index: number, cells: unknown): TemplateResult {
  const why = row.notComparable?.find((text) => text !== null);
  return html`<tr role="row" class=${row.differs ? 'differs' : 'same'} aria-rowindex=${index + 2}>
    <th role="rowheader" scope="row" class="name" title=${row.name}>
      ${prefix === '' ? nothing : html`<span class="prefix">${prefix}</span>`}${breakable(row.name.slice(prefix.length))}${why ? html`<small class="note">${why}</small>` : nothing}
    </th>
    ${cells}
  </tr>`;
}

customElements.define('plinth-compare-table', CompareTable);
