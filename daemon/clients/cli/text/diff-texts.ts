import type { Comparison } from '../../../protocol/comparison.ts';
import type { Json } from '../../../protocol/json.ts';
import { summarizeComparison } from '../../../shared/comparison-summary.ts';
import { cellText, diffCells, diffColumns } from './diff-cells.ts';
import { diffWarnings, type DiffSection } from './diff-sections.ts';

/** Compares each candidate with the baseline in one sentence. */
export function comparisonSummaries(comparison: Comparison): string[] {
  return comparison.versions.slice(1).map((_, at) => summarizeComparison(comparison, at + 1));
}

/** Formats the comparison as Markdown tables below its summary, for a report or a pull request. */
export function diffMarkdown(comparison: Comparison, sections: readonly DiffSection[]): string[] {
  const parts = sections.flatMap(({ title, rows, note }) => {
    const heading = [title, ...diffColumns(comparison.versions).slice(1)];
    const body = rows.map((row) => diffCells(row).map(cellText));
    const lines = [
      markdownRow(heading),
      markdownRow(
        heading.map(() => '---'),
        false,
      ),
      ...body.map((cells) => markdownRow(cells)),
    ];
    return ['', ...lines, ...(note === '' ? [] : ['', escapedMarkdown(note)])];
  });
  const warnings = diffWarnings(comparison).map((text) => `> ${escapedMarkdown(text)}`);
  return [
    ...comparisonSummaries(comparison).map(escapedMarkdown),
    ...(warnings.length > 0 ? ['', ...warnings] : []),
    ...parts,
  ];
}

function markdownRow(cells: readonly string[], escape = true): string {
  return `| ${cells.map((cell) => (escape ? escapedMarkdown(cell) : cell)).join(' | ')} |`;
}

function escapedMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\|`<>*_[\]#]/g, '\\$&');
}

/**
 * Formats one CSV row for each value: section, name, then the value of each column and, for candidates, the difference and its
 * meaning. RFC 4180; text that a spreadsheet would take as a formula begins with an apostrophe.
 */
export function diffCsv(comparison: Comparison, sections: readonly DiffSection[]): string[] {
  const [baseline = '', ...candidates] = comparison.versions;
  const heading = [
    'section',
    'name',
    baseline,
    ...candidates.flatMap((one) => [one, `${one} difference`, `${one} means`]),
  ];
  const body = sections.flatMap(({ title, rows }) =>
    rows.map((row) => {
      const { changes: change = [], notComparable: why = [] } = row;
      const cells = candidates.flatMap((_, index) => {
        const at = index + 1;
        const better = row.better[at];
        const word = why[at]
          ? 'not comparable'
          : better === true
            ? 'better'
            : better === false
              ? 'worse'
              : (change[at] ?? '');
        return [row.values[at] ?? null, row.deltas[at] ?? null, word];
      });
      return [title, row.name, row.values[0] ?? null, ...cells];
    }),
  );
  return [heading, ...body].map((cells) => cells.map(csvCell).join(','));
}

function csvCell(value: Json): string {
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
