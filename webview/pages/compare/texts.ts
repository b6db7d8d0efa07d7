import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { CompareRow } from '../../../daemon/protocol/comparison.ts';
import { section } from '../../components/section.ts';
import '../../components/text-difference.ts';
import type { ComparedText } from '../../components/text-difference.ts';
import type { ColumnHead } from './rows.ts';

/** Shows how the captured texts differ, file by file. Those that are the same are named in one line. */
export function textSection(
  rows: readonly CompareRow[],
  columns: readonly ColumnHead[],
  editor: boolean,
): TemplateResult | typeof nothing {
  if (rows.length === 0) return nothing;
  const differing = rows.filter(({ differs }) => differs);
  const same = rows.filter(({ differs }) => !differs).map(({ name }) => name);
  const count = html`<span class="count">${l10n.t('{0} of {1} differ', differing.length, rows.length)}</span>`;
  const content = html`${differing.map((row) => html`<plinth-text-difference .of=${comparedText(row, columns)} .editor=${editor}></plinth-text-difference>`)}
  ${same.length === 0 ? nothing : html`<p class="count">${l10n.t('Identical: {0}', same.join(', '))}</p>`}`;
  return section('config', l10n.t('Config files'), content, count);
}

function comparedText({ name, values }: CompareRow, columns: readonly ColumnHead[]): ComparedText {
  return {
    name,
    columns: columns.map(({ reference, label }, place) => {
      const digest = values[place];
      return { reference, label, digest: typeof digest === 'string' ? digest : null };
    }),
  };
}
