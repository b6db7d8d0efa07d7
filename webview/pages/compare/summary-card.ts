import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Comparison } from '../../../daemon/protocol/comparison.ts';
import { judge, judgedChanges, type Judgement } from '../../../daemon/shared/comparison-summary.ts';
import { rowFormat, shareText, sizeText } from '../../../daemon/shared/format.ts';
import { versionLook } from '../../components/colours.ts';
import { breakable } from '../../components/names.ts';
import './bar-strip.ts';
import { markOf } from './cells.ts';
import type { Kind, TableRow } from './matrix.ts';
import type { ColumnHead } from './rows.ts';

interface Choice {
  kind: Kind | null;
  choose(kind: Kind | null): void;
}

interface JudgedComparison extends Pick<Comparison, 'facts'> {
  metrics: readonly TableRow[];
}

/** Shows one row for each candidate: its primary metric against the baseline's, and how many metrics are better and worse. */
export function summaryCard(
  comparison: JudgedComparison,
  columns: readonly ColumnHead[],
  primary: TableRow | undefined,
  choice: Choice,
): TemplateResult | typeof nothing {
  if (comparison.metrics.length === 0) return nothing;
  const rows = columns.slice(1).map(
    ({ label }, index) =>
      html`<li>
        <span class="who"
          ><span class=${`swatch c${versionLook(columns[index + 1]?.colourPlace ?? 0).colour}`}></span
          ><strong>${label}</strong></span
        >
        ${primary ? primaryText(primary, index + 1) : nothing}
        <span class="counts">${countButtons(comparison, { column: index + 1, label }, choice)}</span>
        ${sizeChange(comparison, index + 1)}
        <plinth-bar-strip .changes=${judgedChanges(comparison.metrics, index + 1)} .label=${label}></plinth-bar-strip>
      </li>`,
  );
  return html`<ul class="summary-card" aria-label=${l10n.t('Compared with {0}', columns[0]?.label ?? '')}>
    ${rows}
  </ul>`;
}

function primaryText(row: TableRow, column: number): TemplateResult {
  const [base, value] = [row.values[0], row.values[column]];
  const numbers = row.values.filter((one) => typeof one === 'number');
  const format = rowFormat(numbers);
  const text = (one: unknown): string => (typeof one === 'number' ? format(one) : '–');
  const delta = row.deltas[column];
  const share = typeof base === 'number' && typeof delta === 'number' ? shareText(base, delta) : '';
  return html`<span class="primary"
    >${breakable(row.name)}
    <span class="number">${text(base)} → ${text(value)}</span> ${share === '' ? nothing : `(${share})`}
    ${markOf(judge(row, column))}</span
  >`;
}

function countButtons(
  { metrics }: JudgedComparison,
  { column, label }: { column: number; label: string },
  { kind, choose }: Choice,
): TemplateResult[] {
  const counts = Map.groupBy(metrics, (row) => judge(row, column));
  const texts: [Judgement, (count: number) => string][] = [
    ['better', (count) => l10n.t('{0} better', count)],
    ['worse', (count) => l10n.t('{0} worse', count)],
    ['within-noise', (count) => l10n.t('{0} within noise', count)],
    ['unjudged', (count) => l10n.t('{0} unjudged', count)],
    ['not-comparable', (count) => l10n.t('{0} not comparable', count)],
  ];
  return texts.flatMap(([judgement, text]) => {
    const count = counts.get(judgement)?.length ?? 0;
    if (count === 0) return [];
    const isChosen = kind?.column === column && kind.judgement === judgement;
    return html`<button
      class=${`count-button ${judgement}`}
      aria-pressed=${isChosen}
      aria-label=${`${label}: ${text(count)}`}
      @click=${() => choose(isChosen ? null : { column, judgement })}
    >
      ${text(count)}
    </button>`;
  });
}

function sizeChange({ facts }: JudgedComparison, column: number): TemplateResult | typeof nothing {
  const size = facts.find(({ name }) => name === 'size');
  const value = size?.values[column];
  if (typeof value !== 'number') return nothing;
  const delta = size?.deltas[column] ?? 0;
  const change = delta === 0 ? '±0' : `${delta > 0 ? '+' : '−'}${sizeText(Math.abs(delta))}`;
  return html`<span class="count">${sizeText(value)} ${change}</span>`;
}
