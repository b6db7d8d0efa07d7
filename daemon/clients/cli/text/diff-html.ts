import type { Comparison } from '../../../protocol/comparison.ts';
import { cellText, diffCells, diffColumns } from './diff-cells.ts';
import { chartOf, legendOf, type Curves } from './diff-curves.ts';
import { diffWarnings, type DiffSection } from './diff-sections.ts';
import { comparisonSummaries } from './diff-texts.ts';
import { escapeHtml } from './html.ts';
import type { Cell } from '../terminal/table.ts';

const style = `:root{color-scheme:light dark}body{font:14px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{border-bottom:1px solid #8884;padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}
td{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.green{color:light-dark(#11632a,#57d97a)}.red{color:light-dark(#b02a1f,#ff8b80)}
.scroll{overflow-x:auto}.charts{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}figcaption{font-weight:600}svg text{font:11px system-ui;fill:currentColor}
svg{max-width:100%;height:auto}.axis{stroke:currentColor;opacity:.5}.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:1rem}blockquote{border-left:3px solid #8888;margin:1rem 0;padding-left:1rem}`;

/** Returns a self-contained HTML file with the comparison: tables and curves, no script, nothing loaded, every text escaped. */
export function diffHtml(
  comparison: Comparison,
  sections: readonly DiffSection[],
  curves: readonly Curves[],
): string[] {
  const { versions } = comparison;
  const title = escapeHtml(versions.join(' ↔ '));
  const charts = curves.map((one) => chartOf(one, versions)).filter((chart) => chart !== '');
  const warnings = diffWarnings(comparison).map((text) => `<p>${escapeHtml(text)}</p>`);
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>`,
    `<style>${style}</style></head><body><main>`,
    `<h1>${title}</h1>`,
    ...comparisonSummaries(comparison).map((text) => `<p>${escapeHtml(text)}</p>`),
    ...(warnings.length > 0 ? ['<blockquote>', ...warnings, '</blockquote>'] : []),
    ...sections.flatMap((section) => tableOf(section, versions)),
    ...(charts.length > 0 ? ['<h2>curves</h2>', legendOf(versions), '<div class="charts">', ...charts, '</div>'] : []),
    '</main></body></html>',
  ];
}

function tableOf({ title, rows, note }: DiffSection, versions: readonly string[]): string[] {
  const heading = ['name', ...diffColumns(versions).slice(1)].map((text) => `<th scope="col">${escapeHtml(text)}</th>`);
  const body = rows.map((row) => `<tr>${diffCells(row).map(cellOf).join('')}</tr>`);
  return [
    `<h2>${escapeHtml(title)}</h2>`,
    `<div class="scroll"><table><thead><tr>${heading.join('')}</tr></thead><tbody>`,
    ...body,
    '</tbody></table></div>',
    ...(note === '' ? [] : [`<p>${escapeHtml(note)}</p>`]),
  ];
}

function cellOf(cell: Cell, index: number): string {
  const text = escapeHtml(cellText(cell));
  if (index === 0) return `<th scope="row">${text}</th>`;
  const styled = typeof cell === 'string' ? undefined : cell.style;
  return styled === undefined ? `<td>${text}</td>` : `<td class="${styled}">${text}</td>`;
}
