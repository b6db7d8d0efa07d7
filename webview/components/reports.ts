import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Lineage, RunReport } from '../../daemon/protocol/lineage.ts';
import { ruleText } from '../../daemon/shared/evidence.ts';
import { sizeText } from '../../daemon/shared/format.ts';
import './report.ts';
import type { ShownReport } from './report-content.ts';
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
