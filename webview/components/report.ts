import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ConfusionMatrix, NumberTable } from '../../daemon/shared/report-tables.ts';
import type { TextTable } from '../../daemon/shared/csv-table.ts';
import { numberText } from '../../daemon/shared/format.ts';
import { host } from './host.ts';
import { ReportContents, type ShownReport } from './report-content.ts';
import { facts, plainTable } from './section.ts';

/** One picture or report. Its bytes are requested when it comes into view. An HTML page is not shown here, only opened separately. */
class Report extends LitElement {
  static override properties = { of: { attribute: false } };
  declare of: ShownReport | undefined;
  readonly #contents = new ReportContents(this, () => (this.of ? [this.of] : []));

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    return html`<figure>
      <figcaption>${reportLink(this.of)}</figcaption>
      ${this.#body(this.of)}
    </figure>`;
  }

  #body(report: ShownReport): TemplateResult | typeof nothing {
    const { path, kind } = report;
    if (kind === 'page')
      return html`<p class="count">${l10n.t('An HTML page. It opens separately, and its scripts do not run.')}</p>`;
    const content = this.#contents.of(report);
    if (!content) return html`<p class="count">${l10n.t('Loading…')}</p>`;
    if ('problem' in content) return html`<p role="alert">${content.problem}</p>`;
    if ('picture' in content) return html`<img src=${content.picture} alt=${path} />`;
    if ('matrix' in content) return matrixTable(path, content.matrix);
    if ('table' in content) return numberTable(path, content.table);
    if ('csv' in content) return textTable(path, content.csv);
    return html`<pre tabindex="0">${content.text}</pre>`;
  }
}

/** Shows the heading of a report, which opens it as a document of its own. */
export function reportLink({ reference, path, label }: ShownReport): TemplateResult {
  const open = (): void => host.post({ kind: 'openReport', reference, path });
  return html`<button
    class="link"
    @click=${open}
    aria-label=${`${label}: ${l10n.t('Open {0} of {1}', path, reference)}`}
  >
    ${label}
  </button>`;
}

function textTable(path: string, { head, rows, moreRows }: TextTable): TemplateResult {
  const more = html`<p class="count">${l10n.t('{0} more rows are not shown.', moreRows)}</p>`;
  return html`${plainTable(path, head, rows)}${moreRows > 0 ? more : nothing}`;
}

function numberTable(path: string, { columns, rows, single }: NumberTable): TemplateResult {
  const shown = rows.map(({ name, values }) => [name, ...values.map((one) => (one === null ? '' : numberText(one)))]);
  const alone = single.map(({ name, value }) => [name, numberText(value)] as const);
  return html`${plainTable(path, ['', ...columns], shown)}${facts(alone)}`;
}

function matrixTable(path: string, { labels, counts }: ConfusionMatrix): TemplateResult | typeof nothing {
  const names = labels ?? counts.map((_, index) => String(index));
  const rows = counts.map((row, at) => [
    names[at] ?? '',
    ...row.map((count, column) =>
      column === at ? html`<strong>${count.toLocaleString()}</strong>` : count.toLocaleString(),
    ),
  ]);
  return plainTable(path, [l10n.t('True \\ predicted'), ...names], rows);
}

customElements.define('plinth-report', Report);
