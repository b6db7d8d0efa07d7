import type { CompareRow, Comparison } from '../../daemon/protocol/routes.ts';
import { number } from '../labels.ts';

/** The whole page as text. Everything from the registry is escaped; the only script is ours, by nonce. Pure. */
export function comparisonPage(comparison: Comparison, nonce: string): string {
  const sections = [
    section('Metrics', comparison.metrics, comparison.versions, true),
    section('Parameters', comparison.params, comparison.versions, false),
    section('Facts', comparison.facts, comparison.versions, false),
    section('Files', comparison.files, comparison.versions, false),
  ];
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Comparison</title><style nonce="${nonce}">${style}</style></head>
<body class="only-differences">
<header><h1>${comparison.versions.map(escape).join(' ↔ ')}</h1>
<p>${escape(verdict(comparison))}</p>
<p><label><input type="checkbox" id="only" checked> Only differences</label>
<button id="differences">Diff Editor</button> <button id="promote">Promote ${escape(comparison.versions.at(-1) ?? '')}…</button></p></header>
<main>${sections.join('')}</main>
<script nonce="${nonce}">${script}</script></body></html>`;
}

/** What it comes to, in words. */
export function verdict({ metrics, versions }: Comparison): string {
  const last = versions.length - 1;
  const judged = metrics.filter((row) => row.better[last] !== null && row.better[last] !== undefined);
  if (judged.length === 0) return 'No metric that both have and whose direction is known differs.';
  const better = judged.filter((row) => row.better[last]).length;
  const worse = judged.filter((row) => row.better[last] === false).map((row) => row.name);
  const tail = worse.length === 0 ? '' : `; worse: ${worse.join(', ')}`;
  return `${versions[last]} is better on ${better} of ${judged.length} metrics${tail}.`;
}

function section(title: string, rows: readonly CompareRow[], versions: readonly string[], judged: boolean): string {
  if (rows.length === 0) return '';
  const differing = rows.filter((row) => row.differs).length;
  const head = ['', ...versions, ...(judged ? ['Δ', ''] : [])]
    .map((name) => `<th scope="col">${escape(name)}</th>`)
    .join('');
  const body = rows.map((row) => line(row, judged)).join('');
  const count = `${differing} of ${rows.length} differ`;
  return `<section><h2>${title} <small>${count}</small></h2><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></section>`;
}

function line(row: CompareRow, judged: boolean): string {
  const cells = row.values.map((value) => `<td>${escape(cell(value))}</td>`).join('');
  const last = row.values.length - 1;
  const delta = row.deltas[last];
  const better = row.better[last];
  const word = better === true ? '▲ better' : better === false ? '▼ worse' : '';
  const change = judged
    ? `<td>${delta === null || delta === undefined ? '' : escape(number(delta))}</td><td class="${better === false ? 'worse' : 'better'}">${word}</td>`
    : '';
  return `<tr class="${row.differs ? 'differs' : 'same'}"><th scope="row">${escape(row.name)}</th>${cells}${change}</tr>`;
}

function cell(value: CompareRow['values'][number]): string {
  if (value === null) return '–';
  if (typeof value === 'number') return number(value);
  const text =
    typeof value === 'string' ? value.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, '$1…') : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); color: var(--vscode-foreground); padding: 0 1rem 2rem; }
h1 { font-size: 1.4em; font-weight: 600; } h2 { font-size: 1.1em; margin: 1.5em 0 .3em; } small { color: var(--vscode-descriptionForeground); font-weight: normal; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2em 1.2em .2em 0; border-bottom: 1px solid var(--vscode-widget-border, transparent); font-variant-numeric: tabular-nums; }
th[scope=row] { font-weight: normal; } .better { color: var(--vscode-testing-iconPassed, var(--vscode-foreground)); } .worse { color: var(--vscode-errorForeground); }
.only-differences .same { display: none; }
button { color: var(--vscode-button-foreground); background: var(--vscode-button-background); border: 1px solid var(--vscode-button-border, transparent); padding: .3em .8em; cursor: pointer; }
button:focus-visible, input:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
main { overflow-x: auto; }`;

const script = `
const vscode = acquireVsCodeApi();
document.getElementById('only').addEventListener('change', (event) => document.body.classList.toggle('only-differences', event.target.checked));
for (const id of ['differences', 'promote']) document.getElementById(id).addEventListener('click', () => vscode.postMessage({ kind: id }));`;
