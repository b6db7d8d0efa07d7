import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { CompareRow, MetricRow } from '../../../daemon/protocol/comparison.ts';
import { setStyle } from '../../components/set-style.ts';
import * as l10n from '@vscode/l10n';
import { cellText } from '../../components/text.ts';
import { changeText, type Section } from './rows.ts';

/** So many rows are drawn at a time: the first at once, the others when they are about to come into view. */
const groupRows = 40;
const rowHeight = 25;
const near = '400px';
/** A longer text is cut at about this many characters. Pointing at the cell shows all of it. */
const shortText = 24;

interface Shown {
  section: Section;
  rows: readonly CompareRow[];
  versions: readonly string[];
}

/** One table of the comparison: a row for each name, a column for each version and, when values can be better, a column for its difference. */
class CompareTable extends LitElement {
  static override properties = { of: { attribute: false }, drawn: { state: true } };
  declare of: Shown | undefined;
  declare drawn: ReadonlySet<number>;
  #observer: IntersectionObserver | undefined;

  constructor() {
    super();
    this.drawn = new Set([0]);
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
    const groups = entries
      .filter(({ isIntersecting }) => isIntersecting)
      .map(({ target }) => Number(target.getAttribute('data-group')))
      .filter((group) => !Number.isNaN(group));
    if (groups.some((group) => !this.drawn.has(group))) this.drawn = new Set([...this.drawn, ...groups]);
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { section, rows, versions } = this.of;
    const heads = versions.map(
      (version, index) =>
        html`<th scope="col">${version}${index === 0 ? html` <small>${l10n.t('baseline')}</small>` : nothing}</th>
          ${section.judged && index > 0 ? html`<th scope="col">${l10n.t('Difference')}</th>` : nothing}`,
    );
    return html`<div class="wide" tabindex="0" role="region" aria-labelledby=${section.id}>
      <table aria-rowcount=${rows.length + 1}>
        <thead>
          <tr>
            <th scope="col">${l10n.t('Name')}</th>
            ${heads}
          </tr>
        </thead>
        ${Array.from({ length: Math.ceil(rows.length / groupRows) }, (_, group) => this.#group(group, section, rows))}
      </table>
    </div>`;
  }

  #group(group: number, section: Section, rows: readonly CompareRow[]): TemplateResult {
    const start = group * groupRows;
    const mine = rows.slice(start, start + groupRows);
    if (this.drawn.has(group))
      return html`<tbody>
        ${mine.map((row, index) => rowOf(section, row, start + index))}
      </tbody>`;
    return html`<tbody data-group=${group} aria-hidden="true">
      <tr>
        <td ${setStyle({ height: `${mine.length * rowHeight}px` })}></td>
      </tr>
    </tbody>`;
  }
}

function rowOf(section: Section, row: CompareRow, index: number): TemplateResult {
  const cells = row.values.map((value, column) => {
    const cell = cellOf(value);
    return section.judged && column > 0 ? html`${cell}${change(row, column)}` : cell;
  });
  const why = 'notComparable' in row ? (row as MetricRow).notComparable.find((text) => text !== null) : undefined;
  const note = why ? html`<small class="note">${why}</small>` : nothing;
  return html`<tr class=${row.differs ? 'differs' : 'same'} aria-rowindex=${index + 2}>
    <th scope="row">${row.name} ${note}</th>
    ${cells}
  </tr>`;
}

function cellOf(value: CompareRow['values'][number]): TemplateResult {
  if (value === null) return html`<td><span class="count">${l10n.t('none')}</span></td>`;
  const text = cellText(value);
  return text.length > shortText ? html`<td title=${text}>${text}</td>` : html`<td>${text}</td>`;
}

/** Shows better or worse by sign, word and colour. */
function change(row: CompareRow, index: number): TemplateResult {
  const better = row.better[index] ?? null;
  const text = changeText(row, index);
  if (better === null) return html`<td>${text}</td>`;
  return better
    ? html`<td class="better">${text} ${`▲ ${l10n.t('better')}`}</td>`
    : html`<td class="worse">${text} ${`▼ ${l10n.t('worse')}`}</td>`;
}

customElements.define('plinth-compare-table', CompareTable);
