import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { CompareRow, Comparison } from '../../daemon/protocol/comparison.ts';
import type { Lineage, RunReport } from '../../daemon/protocol/lineage.ts';
import { ruleText } from '../../daemon/shared/evidence.ts';
import { sizeText } from '../../daemon/shared/format.ts';
import { reportKind } from '../../daemon/shared/report-files.ts';
import './report.ts';
import type { ShownReport } from './report.ts';
import { plainTable, section } from './section.ts';

/** Shows the pictures and reports of one version. Those that are not stored are listed by name, with the reason. */
export function reportSection(
  reference: string,
  { reports = [], moreReports = 0 }: Lineage,
): TemplateResult | typeof nothing {
  if (reports.length === 0) return nothing;
  const kept = reports.filter(({ digest }) => digest !== null);
  const rest = reports.filter(({ digest }) => digest === null);
  const more =
    moreReports === 0 ? nothing : html`<p class="count">${l10n.t('{0} more reports are not listed.', moreReports)}</p>`;
  return section(
    'reports',
    l10n.t('Reports'),
    html`<div class="reports">
        ${kept.map((report) => html`<plinth-report title=${sourceOf(report)} .of=${{ ...report, reference, label: report.path } satisfies ShownReport}></plinth-report>`)}
      </div>
      ${plainTable(
        l10n.t('Reports without content'),
        [l10n.t('Report'), l10n.t('Size'), l10n.t('Reason')],
        rest.map(({ path, size, reason }) => [path, sizeText(size), reason]),
      )}
      ${more}`,
  );
}

function sourceOf({ rule, reason, size }: RunReport): string {
  return `${sizeText(size)} · ${ruleText({ rule, reason })}: ${reason}`;
}

/** Shows reports of the same path side by side, one row for each path. Content that is equal in all versions is shown once. */
export function reportComparison({ reports, versions }: Comparison, only: boolean): TemplateResult | typeof nothing {
  if (reports.length === 0) return nothing;
  const differing = reports.filter(({ differs }) => differs);
  const rows = only ? differing : reports;
  const count = html`<span class="count">${l10n.t('{0} of {1} differ', differing.length, reports.length)}</span>`;
  const content =
    rows.length === 0
      ? html`<p class="count">${l10n.t('Identical.')}</p>`
      : html`${rows.map((row) => pathRow(row, versions))}`;
  return section('reports', l10n.t('Reports'), content, count);
}

function pathRow({ name, values, differs }: CompareRow, versions: readonly string[]): TemplateResult {
  const columns = differs ? versions : versions.slice(0, 1);
  const cells = columns.map((reference, index) =>
    cellOf(name, reference, differs ? reference : l10n.t('Identical in all versions'), values[index]),
  );
  return html`<h3>${name}</h3>
    <div class="reports">${cells}</div>`;
}

function cellOf(
  path: string,
  reference: string,
  label: string,
  value: CompareRow['values'][number] | undefined,
): TemplateResult {
  const isKept = typeof value === 'string' && value.startsWith('sha256:');
  if (isKept) {
    const shown = { path, kind: reportKind(path) ?? 'text', digest: value, reference, label } satisfies ShownReport;
    return html`<plinth-report .of=${shown}></plinth-report>`;
  }
  return html`<figure>
    <figcaption>${label}</figcaption>
    <p class="count">${typeof value === 'string' ? value : l10n.t('none')}</p>
  </figure>`;
}
