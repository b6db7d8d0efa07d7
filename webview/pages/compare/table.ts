import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { changeOf } from '../../../daemon/shared/comparison-summary.ts';
import type { MetricHistory } from '../../../daemon/protocol/routes/models.ts';
import { versionLook } from '../../components/colours.ts';
import { breakable } from '../../components/names.ts';
import { openMenu, type MenuItem } from '../../components/popup-menu.ts';
import { setStyle } from '../../components/set-style.ts';
import { pairCells, plainCells, rankedCells, withMemberCells } from './cells.ts';
import { jumpEvent } from './jump.ts';
import {
  filterRows,
  groupRows,
  sortRows,
  type Group,
  type Kind,
  type Order,
  type Shown,
  type TableRow,
} from './matrix.ts';
import type { ColumnHead, Section } from './rows.ts';
import { sparklineCell } from './sparkline.ts';

/** So many rows are drawn at a time: the first at once, the others when they are about to come into view. */
const chunkRows = 40;
const rowHeight = 25;
const near = '400px';

/** What only rows of metrics have. */
export interface MetricTable {
  history: MetricHistory | null;
  /** Numbers of the compared versions, by place; null for a run and another model. */
  numbers: readonly (number | null)[];
  pinned: readonly string[];
  hidden: ReadonlySet<string>;
  /** Metrics with a curve. */
  curves: ReadonlySet<string>;
  /** Pins a metric or removes its pin; absent where a person may not. */
  togglePin?: (metric: string) => void;
  menuOf(row: TableRow): MenuItem[];
  /** Shows the metric of all versions of the model. */
  barsOf(row: TableRow): TemplateResult | typeof nothing;
  showHidden(): void;
  /** Chooses the param by which versions are grouped; nothing where they cannot be. */
  groupBy: TemplateResult | typeof nothing;
}

export interface TableContent {
  section: Section;
  rows: readonly TableRow[];
  columns: readonly ColumnHead[];
  matches: (name: string) => boolean;
  /** The rows that a chosen count of a summary stands for; null for all. */
  kind: Kind | null;
  metrics: MetricTable | null;
}

/** A line of the table: a row under the prefix that its group's head shows, or such a head. */
type TableLine = { row: TableRow; prefix: string } | Group;

/** One table of the comparison in a scroller of its own, whose head and names stay. A row for each name, a column for each version. */
class CompareTable extends LitElement {
  static override properties = {
    of: { attribute: false },
    drawn: { state: true },
    order: { state: true },
    closed: { state: true },
    shown: { state: true },
    wanted: { state: true },
    opened: { state: true },
    expanded: { state: true },
  };
  declare of: TableContent | undefined;
  declare drawn: ReadonlySet<number>;
  declare order: Order | null;
  /** Prefixes of the groups that are closed. */
  declare closed: ReadonlySet<string>;
  declare shown: Shown;
  /** The metric whose row a person asked for. */
  declare wanted: string | null;
  /** Places of the groups whose versions are shown. */
  declare opened: ReadonlySet<number>;
  /** The metric that is shown for all versions of the model. */
  declare expanded: string | null;
  #observer: IntersectionObserver | undefined;
  readonly #jump = (event: Event): void => this.#goTo((event as CustomEvent<string>).detail);

  constructor() {
    super();
    this.drawn = new Set([0]);
    this.order = null;
    this.closed = new Set();
    this.shown = 'value';
    this.wanted = null;
    this.opened = new Set();
    this.expanded = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener(jumpEvent, this.#jump);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener(jumpEvent, this.#jump);
    this.#observer?.disconnect();
    this.#observer = undefined;
  }

  override updated(): void {
    this.#observer ??= new IntersectionObserver((entries) => this.#came(entries), { rootMargin: near });
    for (const body of this.querySelectorAll('tbody[data-group]')) this.#observer.observe(body);
    const row = this.wanted === null ? null : this.querySelector<HTMLElement>('tr.wanted');
    row?.scrollIntoView({ block: 'center' });
    row?.querySelector<HTMLElement>('th')?.focus({ preventScroll: true });
  }

  #came(entries: readonly IntersectionObserverEntry[]): void {
    const chunks = entries
      .filter(({ isIntersecting }) => isIntersecting)
      .map(({ target }) => Number(target.getAttribute('data-group')))
      .filter((chunk) => !Number.isNaN(chunk));
    if (chunks.some((chunk) => !this.drawn.has(chunk))) this.drawn = new Set([...this.drawn, ...chunks]);
  }

  /** Draws the row of a metric, opens its group, and brings it into view. */
  #goTo(metric: string): void {
    if (!this.of?.metrics) return;
    const prefix = [...this.closed].find((one) => metric.startsWith(one));
    if (prefix !== undefined) this.closed = new Set([...this.closed].filter((one) => one !== prefix));
    const at = this.#lines().findIndex((line) => 'row' in line && line.row.name === metric);
    if (at < 0) return;
    this.drawn = new Set([...this.drawn, Math.floor(at / chunkRows)]);
    this.wanted = metric;
    this.requestUpdate();
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { section, rows, columns } = this.of;
    const lines = this.#lines();
    const isPair = section.judged && columns.length === 2;
    const most = isPair ? Math.max(...rows.map((row) => Math.abs(changeOf(row, 1).gain ?? 0))) : 0;
    const labels = columns.map(({ label }) => label);
    const cells = (row: TableRow): unknown => {
      if (!section.judged) return plainCells(row, labels);
      const own = isPair ? pairCells(row, labels, most) : rankedCells(row, labels, this.shown);
      return row.members ? withMemberCells(row, own, columns, this.opened) : own;
    };
    return html`${this.#tools(section, columns.length)}
      <div class="matrix" tabindex="0" role="region" aria-labelledby=${section.id}>
        <table role="table" class=${section.judged ? 'judged' : 'plain'} aria-rowcount=${lines.length + 1}>
          ${this.#head(columns, section.judged, isPair)}
          ${Array.from({ length: Math.ceil(lines.length / chunkRows) }, (_, chunk) => this.#chunk(chunk, lines, cells))}
        </table>
      </div>`;
  }

  /** Returns the lines in their order. Groups have heads as long as nobody sorts; pinned metrics stand above them. */
  #lines(): TableLine[] {
    const { section, rows, matches, kind, metrics } = this.of!;
    const shown = filterRows(rows, matches, kind).filter(({ name }) => !metrics?.hidden.has(name));
    if (this.order) return sortRows(shown, this.order, this.shown).map((row) => ({ row, prefix: '' }));
    const pinned = shown.filter(({ name }) => metrics?.pinned.includes(name));
    const rest = shown.filter((row) => !pinned.includes(row));
    const groups = groupRows(rest, section.judged ? '/' : '.').flatMap((group): TableLine[] => {
      const { prefix } = group;
      const own = group.rows.map((row) => ({ row, prefix }));
      return prefix === '' ? own : this.closed.has(prefix) ? [group] : [group, ...own];
    });
    return [...pinned.map((row) => ({ row, prefix: '' })), ...groups];
  }

  #tools({ judged }: Section, columns: number): TemplateResult | typeof nothing {
    const hidden = this.of?.metrics?.hidden.size ?? 0;
    const hasSwitch = judged && columns > 2;
    const groupBy = this.of?.metrics?.groupBy ?? nothing;
    if (!hasSwitch && hidden === 0 && groupBy === nothing) return nothing;
    const names: [Shown, string][] = [
      ['value', l10n.t('Value')],
      ['delta', 'Δ'],
      ['share', 'Δ %'],
      ['rank', l10n.t('Rank')],
    ];
    const buttons = names.map(
      ([shown, name]) =>
        html`<button aria-pressed=${this.shown === shown} @click=${() => (this.shown = shown)}>${name}</button>`,
    );
    return html`<div class="acts table-tools">
      ${hasSwitch ? html`<span role="group" aria-label=${l10n.t('Cells show')} class="switch">${buttons}</span>` : nothing}
      ${groupBy}
      ${hidden > 0 ? html`<button class="link" @click=${() => this.of?.metrics?.showHidden()}>${l10n.t('Show {0} hidden metrics', hidden)}</button>` : nothing}
    </div>`;
  }

  #head(columns: readonly ColumnHead[], isJudged: boolean, isPair: boolean): TemplateResult {
    return html`<thead role="rowgroup">
      <tr role="row">
        ${this.#sortHead(-1, l10n.t('Name'), 'name')}
        ${this.of?.metrics ? html`<th role="columnheader" scope="col" class="spark">${l10n.t('History')}</th>` : nothing}
        ${columns.map((column, place) => this.#columnHeads(column, place, isJudged ? 'number' : ''))}
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

  /** Returns the head of a column, and those of the versions of an opened group. */
  #columnHeads({ label, note, colourPlace, members }: ColumnHead, place: number, kind: string): unknown {
    const isOpened = this.opened.has(place);
    const small = members ? note : place === 0 ? l10n.t('baseline') : note;
    const head = html`<span class=${`swatch c${versionLook(colourPlace).colour}`}></span
      >${label}${small === '' ? nothing : html`<small>${small}</small>`}`;
    if (!members) return this.#sortHead(place, head, kind);
    const turn = (): void => {
      const others = [...this.opened].filter((one) => one !== place);
      this.opened = new Set(isOpened ? others : [...others, place]);
    };
    const title = l10n.t('Show the versions of {0}', label);
    const fold = html`<button
      class="bare fold"
      aria-expanded=${isOpened}
      aria-label=${title}
      title=${title}
      @click=${turn}
    ></button>`;
    return html`${this.#sortHead(place, head, kind, fold)}${
      isOpened
        ? members.map((one) => html`<th role="columnheader" scope="col" class=${`${kind} member`}>${one.label}</th>`)
        : nothing
    }`;
  }

  /** Returns a head that sorts: first the best or highest (the first rank), then the other way, then as before. */
  #sortHead(column: number, content: unknown, kind: string, extra: unknown = nothing): TemplateResult {
    const { order } = this;
    const isOwn = order?.column === column;
    const first = column >= 0 && this.shown !== 'rank';
    const next = !isOwn
      ? { column, isDescending: first }
      : order.isDescending === first
        ? { column, isDescending: !first }
        : null;
    const sort = !isOwn ? 'none' : order.isDescending ? 'descending' : 'ascending';
    return html`<th role="columnheader" scope="col" class=${kind} aria-sort=${sort}>
      <button class="sort" @click=${() => (this.order = next)}>${content}</button>${extra}
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
      ${mine.map((line, index) => ('rows' in line ? this.#groupHead(line) : this.#row(line, start + index, cells(line.row))))}
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

  #row({ row, prefix }: { row: TableRow; prefix: string }, index: number, cells: unknown): TemplateResult {
    const { metrics } = this.of!;
    const why = row.notComparable?.find((text) => text !== null);
    const kind = `${row.differs ? 'differs' : 'same'} ${row.name === this.wanted ? 'wanted' : ''}`;
    const menu = (event: Event): void => {
      if (!metrics) return;
      event.preventDefault();
      const anchor = (event.currentTarget as HTMLElement).closest('tr')?.querySelector<HTMLElement>('.row-menu');
      if (anchor) openMenu(anchor, row.name, metrics.menuOf(row));
    };
    return html`<tr role="row" class=${kind} aria-rowindex=${index + 2} @contextmenu=${menu}>
        <th
          role="rowheader"
          scope="row"
          class="name"
          title=${row.name}
          aria-label=${why ? `${row.name}: ${why}` : row.name}
          tabindex=${row.name === this.wanted ? -1 : nothing}
        >
          ${metrics ? this.#rowActs(row, metrics, menu) : nothing}
          ${prefix === '' ? nothing : html`<span class="prefix">${prefix}</span>`}${breakable(row.name.slice(prefix.length))}${why ? html`<small class="note">${why}</small>` : nothing}
        </th>
        ${metrics ? this.#sparkline(row.name, metrics) : nothing} ${cells}
      </tr>
      ${
        metrics && row.name === this.expanded
          ? html`<tr class="expanded">
              <td role="cell" colspan="99">${metrics.barsOf(row)}</td>
            </tr>`
          : nothing
      }`;
  }

  #sparkline(name: string, { history, numbers, curves }: MetricTable): TemplateResult {
    const isExpanded = this.expanded === name;
    const turn = (): void => void (this.expanded = isExpanded ? null : name);
    return sparklineCell(history, name, numbers, curves.has(name), { isExpanded, turn });
  }

  #rowActs({ name }: TableRow, { pinned, togglePin }: MetricTable, menu: (event: Event) => void): TemplateResult {
    const isPinned = pinned.includes(name);
    const label = isPinned ? l10n.t('Unpin {0}', name) : l10n.t('Pin {0}', name);
    return html`<span class="row-acts">
      ${togglePin ? html`<button class="bare pin" aria-pressed=${isPinned} title=${label} aria-label=${label} @click=${() => togglePin(name)}>${isPinned ? '★' : '☆'}</button>` : nothing}
      <button class="bare row-menu" aria-haspopup="menu" aria-label=${l10n.t('Actions for {0}', name)} @click=${menu}>
        ⋯
      </button>
    </span>`;
  }
}

customElements.define('plinth-compare-table', CompareTable);
