import { html, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { breakable } from '../../../components/names.ts';
import { setStyle } from '../../../components/set-style.ts';
import type { MatrixCell, MatrixMap } from '../layout/matrix-difference.ts';

/** Shows a confusion matrix as a heat map of shares, or of what changed in them. */
export function matrixTable(label: string, { labels, cells }: MatrixMap, isDifference: boolean): TemplateResult {
  const most = Math.max(...cells.flat().map(({ change }) => Math.abs(change ?? 0)));
  return html`<div class="wide" tabindex="0" role="region" aria-label=${label}>
    <table class="heat">
      <thead>
        <tr>
          <th scope="col">${l10n.t('True \\ predicted')}</th>
          ${labels.map((name) => html`<th scope="col" class="number">${breakable(name)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${cells.map(
          (row, at) =>
            html`<tr>
              <th scope="row">${breakable(labels[at] ?? '')}</th>
              ${row.map((cell) => (isDifference ? changeCell(cell, most) : countCell(cell)))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function countCell({ count, share }: MatrixCell): TemplateResult {
  const title = share === null ? '' : l10n.t('{0} of the true class', percent(share));
  return html`<td
    class="number heat-cell"
    title=${title}
    ${setStyle({ '--heat': `${Math.round(60 * (share ?? 0))}%` })}
  >
    ${count.toLocaleString('en-US')}
  </td>`;
}

function changeCell({ count, share, change, isBetter }: MatrixCell, most: number): TemplateResult {
  const heat = most === 0 ? 0 : Math.round((40 * Math.abs(change ?? 0)) / most);
  const sign = change === null || change === 0 ? '' : change > 0 ? '+' : '−';
  const kind = isBetter === null ? '' : isBetter ? 'heat-better' : 'heat-worse';
  const mark = isBetter === null ? '' : isBetter ? ' ▲' : ' ▼';
  const title = share === null ? String(count) : `${count.toLocaleString('en-US')} · ${percent(share)}`;
  return html`<td class=${`number heat-cell ${kind}`} title=${title} ${setStyle({ '--heat': `${heat}%` })}>
    ${change === null ? '–' : change === 0 ? '=' : `${sign}${percent(Math.abs(change))}`}${mark}
  </td>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
