import { html, nothing, svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Json } from '../../../daemon/protocol/json.ts';
import { changeOf, judge, type Judgement } from '../../../daemon/shared/comparison-summary.ts';
import { numberText, rowFormat, shareText } from '../../../daemon/shared/format.ts';
import { cellText } from '../../components/text.ts';
import type { ColumnHead } from './rows.ts';
import { placesOf, ranksOf, type Shown, type TableRow } from './matrix.ts';

const [barWidth, barHeight] = [72, 8];
/** A row's values are tinted in so many steps on either side. */
const tintSteps = 4;

/** Leaves room for a sign. */
const noMark = html`<span class="mark"></span>`;

/** Shows a judgement by sign and colour, and in words for screen readers. */
export function markOf(judgement: Judgement): TemplateResult {
  switch (judgement) {
    case 'better':
      return html`<span class="mark better" aria-hidden="true">▲</span><span class="sr">${l10n.t('better')}</span>`;
    case 'worse':
      return html`<span class="mark worse" aria-hidden="true">▼</span><span class="sr">${l10n.t('worse')}</span>`;
    case 'within-noise':
      return html`<span class="mark" aria-hidden="true">≈</span><span class="sr">${l10n.t('within noise')}</span>`;
    default:
      return noMark;
  }
}

/** Returns the cells of a metric for two versions: both values, the difference, its share, and a bar. */
export function pairCells(row: TableRow, labels: readonly string[], most: number): TemplateResult[] {
  const format = formatOf(row);
  const [base, delta] = [row.values[0], row.deltas[1] ?? 0];
  const { judgement, gain } = changeOf(row, 1);
  const sign = delta > 0 ? '+' : '';
  const isNumber = typeof row.deltas[1] === 'number';
  const values = row.values.map((value, at) => {
    const kind = at === 1 && judgement === 'better' ? 'best' : '';
    return valueCell(row, at, { text: valueText(value, format), label: labels[at] ?? '', kind, mark: nothing });
  });
  const change = html`<td role="cell" class="number delta">
      ${isNumber && delta !== 0 ? `${sign}${format(delta)}` : ''} ${markOf(judgement)}
    </td>
    <td role="cell" class="number share">${isNumber && typeof base === 'number' ? shareText(base, delta) : ''}</td>
    <td role="cell" class="bar-cell" aria-hidden="true">${gain === null ? nothing : bar(gain, most, judgement)}</td>`;
  return [...values, change];
}

/** Returns the cells of the versions that each opened group joins, behind that of the group. */
export function withMemberCells(
  row: TableRow,
  cells: readonly TemplateResult[],
  columns: readonly ColumnHead[],
  opened: ReadonlySet<number>,
): TemplateResult[] {
  const format = formatOf(row);
  return cells.flatMap((cell, at) => {
    const own = opened.has(at) ? row.members?.[at] : undefined;
    if (!own) return [cell];
    const members = own.values.map((value, index) => {
      const label = columns[at]?.members?.[index]?.label ?? '';
      return valueCell(own, index, { text: valueText(value, format), label, kind: 'member', mark: nothing });
    });
    return [cell, ...members];
  });
}

/** Formats a change that is positive if better: `▲ 1.1 %`. */
export function gainText(gain: number): string {
  return `${gain > 0 ? '▲' : '▼'} ${numberText(Number(Math.abs(100 * gain).toPrecision(2)))} %`;
}

/** Draws a bar to the right for better, to the left for worse, grey within noise. */
function bar(gain: number, most: number, judgement: Judgement): TemplateResult {
  const width = Math.max(1, (Math.min(Math.abs(gain), most) / (most || 1)) * (barWidth / 2));
  const x = gain > 0 ? barWidth / 2 : barWidth / 2 - width;
  return html`<svg class=${judgement === 'within-noise' ? 'noise' : judgement} width=${barWidth} height=${barHeight}>
    ${svg`<rect x=${x} y="0" width=${width} height=${barHeight} /><line x1=${barWidth / 2} x2=${barWidth / 2} y1="0" y2=${barHeight} />`}
  </svg>`;
}

/**
 * Returns the cells of a metric for three and more versions, tinted by rank; the best has ▲, the worst ▼, and what is within noise of
 * the baseline ≈ and no tint.
 */
export function rankedCells(row: TableRow, labels: readonly string[], shown: Shown): TemplateResult[] {
  const format = formatOf(row);
  const ranks = ranksOf(row);
  const places = shown === 'rank' ? placesOf(row) : [];
  const isOwn = shown === 'value' || shown === 'rank';
  const isNoise = row.values.map((_, at) => at > 0 && judge(row, at) === 'within-noise');
  const isClear = row.values.some((_, at) => at > 0 && !isNoise[at] && ranks[at] !== null);
  return row.values.map((value, at) => {
    const rank = (at === 0 ? isClear : !isNoise[at]) ? (ranks[at] ?? null) : null;
    const tint = rank === null ? '' : `tint${Math.round((1 - rank) * (2 * tintSteps - 1)) + 1}`;
    const judgement = isNoise[at] ? 'within-noise' : isOwn ? extremeOf(rank) : at === 0 ? 'equal' : judge(row, at);
    const text =
      shown === 'rank'
        ? String(places[at] ?? '–')
        : isOwn || at === 0
          ? valueText(value, format)
          : changeText(row, at, shown, format);
    return valueCell(row, at, {
      text,
      label: labels[at] ?? '',
      kind: `${tint} ${rank === 0 ? 'best' : ''}`,
      mark: markOf(judgement),
    });
  });
}

function extremeOf(rank: number | null): Judgement {
  return rank === 0 ? 'better' : rank === 1 ? 'worse' : 'equal';
}

function changeText({ values, deltas }: TableRow, at: number, shown: Shown, format: (value: number) => string): string {
  const [base, delta] = [values[0], deltas[at]];
  if (typeof delta !== 'number' || typeof base !== 'number') return '–';
  if (delta === 0) return '=';
  return shown === 'share' ? shareText(base, delta) || '–' : `${delta > 0 ? '+' : ''}${format(delta)}`;
}

interface Cell {
  text: string;
  /** Its version, which stands before it where there is no room for a column. */
  label: string;
  kind: string;
  mark: TemplateResult | typeof nothing;
}

function valueCell(row: TableRow, at: number, { text, label, kind, mark }: Cell): TemplateResult {
  const value = row.values[at] ?? null;
  const reason = row.notComparable?.[at] ?? '';
  const range = rangeText(row, at);
  const note = reason !== '' ? reason : row.members ? '' : range;
  const title = [value === null ? l10n.t('none') : cellText(value), reason, range, conflictText(row, at)];
  const titleText = title.filter((part) => part !== '').join(' · ');
  const conflict = conflictMark(row, at);
  // Most cells hold only a text. A page has thousands of them, so each has as few nodes as it can.
  if (note === '' && conflict === nothing && (mark === nothing || mark === noMark)) {
    const room = mark === noMark ? 'unmarked' : '';
    // prettier-ignore
    return html`<td role="cell" class=${`number ${kind} ${room}`} data-label=${label} title=${titleText} .textContent=${text}></td>`;
  }
  return html`<td role="cell" class=${`number ${kind}`} data-label=${label} title=${titleText}>
    ${text}${note === '' ? nothing : html`<sup aria-label=${note}>*</sup>`} ${conflict}${mark}
  </td>`;
}

/** Returns the range of a metric in repeated trainings, or in the versions of a group; empty where there are none. */
function rangeText({ spread, members }: TableRow, at: number): string {
  const range = spread?.[at];
  if (!range) return '';
  const { count, least, most } = range;
  return members
    ? l10n.t('mean of {0} versions: {1} … {2}', count, numberText(least), numberText(most))
    : l10n.t('{0} repeated trainings: {1} … {2}', count, numberText(least), numberText(most));
}

/** Returns what the sources of a value say where they contradict each other; empty where they do not. */
function conflictText({ conflicts }: TableRow, at: number): string {
  const said = conflicts?.[at];
  if (!said) return '';
  return l10n.t('Sources disagree: {0}', said.map(({ source, value }) => `${source} ${cellText(value)}`).join(', '));
}

function conflictMark(row: TableRow, at: number): TemplateResult | typeof nothing {
  const text = conflictText(row, at);
  return text === '' ? nothing : html`<span class="conflict" role="img" aria-label=${text}>⚠</span> `;
}

function formatOf({ values }: TableRow): (value: number) => string {
  return rowFormat(values.filter((value) => typeof value === 'number'));
}

function valueText(value: Json | undefined, format: (value: number) => string): string {
  if (value === null || value === undefined || value === 'NaN') return '–';
  return typeof value === 'number' ? format(value) : cellText(value);
}

/** Returns the cells of a row that is not judged. Those equal to the baseline's are grey; of numbers the change is shown as a share. */
export function plainCells(row: TableRow, labels: readonly string[]): TemplateResult[] {
  const format = formatOf(row);
  return row.values.map((value, at) => {
    const isNumber = typeof value === 'number';
    const isEqual = at > 0 && JSON.stringify(value) === JSON.stringify(row.values[0]);
    const [base, delta] = [row.values[0], row.deltas[at]];
    const share = typeof base === 'number' && typeof delta === 'number' ? shareText(base, delta) : '';
    const text = value === null ? l10n.t('none') : valueText(value, format);
    const kind = `${isNumber ? 'number' : 'text'} ${isEqual ? 'equal' : ''} ${value === null ? 'missing' : ''}`;
    const title = [cellText(value), conflictText(row, at)].filter((part) => part !== '').join(' · ');
    const label = labels[at] ?? '';
    const conflict = conflictMark(row, at);
    const isPlain = conflict === nothing && (share === '' || at === 0);
    // prettier-ignore
    if (isPlain) return html`<td role="cell" class=${kind} data-label=${label} title=${title} .textContent=${text}></td>`;
    return html`<td role="cell" class=${kind} data-label=${label} title=${title}>
      ${text}${share === '' || at === 0 ? nothing : html` <small>${share}</small>`} ${conflict}
    </td>`;
  });
}
