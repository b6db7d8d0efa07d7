import { html, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { section } from '../../../components/section.ts';
import type { ComparePart } from '../part.ts';
import { comparedReport } from '../pictures/reports.ts';
import type { BrowsedFiles } from './file-browser.ts';
import type { KeptFile } from './file-tree.ts';

/** Shows all kept files of the compared versions as a tree, and the chosen one in all of them. */
export function fileSection(files: readonly KeptFile[], part: ComparePart): unknown {
  void import('./file-browser.ts');
  const { view, columns, look, matches, editor } = part;
  const shown = files.filter(({ path }) => matches(path));
  const model = view.model && {
    name: view.model.name,
    history: view.model.history,
    primaryMetric: part.primary?.name ?? view.model.primaryMetric,
  };
  const of: BrowsedFiles = {
    files: shown,
    columns: columns.filter(({ place }) => !look.excluded.has(place)),
    editor,
    reportOf: ({ row }) => comparedReport(row, part),
    model,
  };
  const differing = files.filter(({ row }) => row.differs).length;
  const count = html`<span class="count">${l10n.t('{0} of {1} differ', differing, files.length)}</span>`;
  const content: TemplateResult =
    shown.length === 0
      ? html`<p class="count">${l10n.t('No file matches the filter.')}</p>`
      : html`<plinth-file-browser .of=${of}></plinth-file-browser>`;
  return section('kept', l10n.t('Files'), content, count);
}
