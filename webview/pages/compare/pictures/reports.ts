import { html, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { CompareRow } from '../../../../daemon/protocol/comparison.ts';
import { rowFormat } from '../../../../daemon/shared/format.ts';
import { reportKind } from '../../../../daemon/shared/report-files.ts';
import { section } from '../../../components/section.ts';
import type { ComparePart } from '../part.ts';
import type { ComparedReport } from './report-row.ts';

/** Shows reports of the same path beside each other. Those that are the same are named in one line while only differences are shown. */
export function reportComparison(part: ComparePart): unknown {
  const { view, look, matches } = part;
  const { reports } = view.comparison;
  const shown = reports.filter(({ name, differs }) => matches(name) && (differs || !look.only));
  const same = look.only ? reports.filter(({ differs }) => !differs).map(({ name }) => name) : [];
  const count = html`<span class="count"
    >${l10n.t('{0} of {1} differ', reports.filter(({ differs }) => differs).length, reports.length)}</span
  >`;
  const content: TemplateResult = html`${shown.map((row) => html`<plinth-report-row .of=${comparedReport(row, part)}></plinth-report-row>`)}
  ${same.length === 0 ? '' : html`<p class="count">${l10n.t('Identical: {0}', same.join(', '))}</p>`}`;
  return section('reports', l10n.t('Reports'), content, count);
}

/** Returns a report in the compared versions. */
export function comparedReport(
  { name: path, values, differs }: CompareRow,
  { columns, primary, look }: ComparePart,
): ComparedReport {
  const format = rowFormat(primary?.values.filter((value) => typeof value === 'number') ?? []);
  const shown = columns.filter(({ place }) => !look.excluded.has(place));
  return {
    path,
    differs,
    columns: shown.map(({ reference, label, note, place, colourPlace }) => {
      const value = values[place];
      const isKept = typeof value === 'string' && value.startsWith('sha256:');
      const metric = primary?.values[place];
      const text = primary && typeof metric === 'number' ? `${primary.name} ${format(metric)}` : '';
      const report = isKept
        ? {
            path,
            kind: reportKind(path) ?? ('text' as const),
            digest: value,
            reference,
            label: differs ? label : l10n.t('Identical in all versions'),
          }
        : undefined;
      return {
        report,
        reason: isKept ? '' : `${label}: ${typeof value === 'string' ? value : l10n.t('none')}`,
        place,
        colourPlace,
        note: differs ? [note, text].filter((one) => one !== '').join(' · ') : '',
      };
    }),
  };
}
