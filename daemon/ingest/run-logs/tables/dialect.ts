import { parse } from 'csv-parse/sync';
import { asNumber } from '../readers/collector.ts';

const delimiters = [',', ';', '\t'] as const;

/** Number format of a table: `0.91`, or `0,91` as in many countries' spreadsheets. */
export type Notation = 'point' | 'comma';

export interface Dialect {
  delimiter: string;
  /** Null if the rows so far do not show it: then numbers with a comma are left out. */
  notation: Notation | null;
}

/** Returns the separator that splits the header into the most names; a comma if none splits it. */
export function delimiterOf(header: string): string {
  const counts = delimiters.map((delimiter) => ({ delimiter, names: splitLines(header, delimiter)[0]?.length ?? 0 }));
  return counts.reduce((best, one) => (one.names > best.names ? one : best)).delimiter;
}

const groups = /^[+-]?[1-9]\d{0,2}(,\d{3})+$/;
const commaNumber = /^[+-]?\d+,\d+(e[+-]?\d+)?$/i;
const groupedPoint = /^[+-]?\d{1,3}(,\d{3})+\.\d+$/;
const groupedComma = /^[+-]?\d{1,3}(\.\d{3})+,\d+$/;
const pointNumber = /^[+-]?\d*\.\d+(e[+-]?\d+)?$/i;

/** Guesses the number format from some rows; null if they do not show it. Spreadsheets with decimal commas separate cells by semicolons. */
export function notationOf(rows: readonly (readonly string[])[], delimiter: string): Notation | null {
  const cells = rows.flat().map((cell) => cell.trim());
  if (cells.some((cell) => groupedPoint.test(cell))) return 'point';
  if (cells.some((cell) => groupedComma.test(cell) || (commaNumber.test(cell) && !groups.test(cell)))) return 'comma';
  if (cells.some((cell) => pointNumber.test(cell))) return 'point';
  return delimiter === ';' && cells.some((cell) => groups.test(cell)) ? 'comma' : null;
}

/** Parses a cell; `ambiguous` if it may be two numbers (`12,000`), undefined if it is none. */
export function numberIn(cell: string | undefined, notation: Notation | null): number | 'ambiguous' | undefined {
  const plain = asNumber(cell);
  if (plain !== undefined || cell === undefined || !cell.includes(',')) return plain;
  const text = cell.trim();
  if (notation === 'comma')
    return asNumber(groupedComma.test(text) ? text.replaceAll('.', '').replace(',', '.') : text.replace(',', '.'));
  if (groupedPoint.test(text)) return asNumber(text.replaceAll(',', ''));
  if (!groups.test(text)) return undefined;
  return notation === 'point' ? asNumber(text.replaceAll(',', '')) : 'ambiguous';
}

/** Splits complete lines into cells. Only text with a quote, which is rare in logs, goes through the full parser. */
export function splitLines(text: string, delimiter: string): string[][] {
  if (!text.includes('"')) {
    const lines = (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).split('\n');
    return lines.filter((line) => line !== '' && line !== '\r').map((line) => withoutReturn(line).split(delimiter));
  }
  try {
    return parse(text, { delimiter, bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true });
  } catch {
    return [];
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
