import { stripVTControlCharacters } from 'node:util';
import { oneLine } from './sanitize.ts';
import type { Style } from './color.ts';
import type { Screen } from './screen.ts';

export type Cell = string | { text: string; style: Style | undefined };

export interface Column {
  title: string;
  align?: 'right';
  /** Minimum width while other columns can still shrink. */
  least?: number;
}

const gap = '  ';
const minWidth = 4;

/** Returns the lines of a table with a heading. On a terminal, columns shrink until it fits, the widest first; elsewhere nothing is cut. */
export function table(
  screen: Pick<Screen, 'width' | 'style'>,
  columns: readonly Column[],
  rows: readonly Cell[][],
): string[] {
  const texts = rows.map((row) => row.map((cell) => oneLine(typeof cell === 'string' ? cell : cell.text)));
  const content = columns.map((_, at) => Math.max(0, ...texts.map((row) => displayWidth(row[at] ?? ''))));
  const widths = widthsOf(columns, content, screen.width);
  const shown = columns.map((_, at) => at).filter((at) => widths[at] !== 0);
  const heading = shown.map((at) => screen.style('dim', padded(columns[at]!.title, widths[at]!, columns[at]!.align)));
  const body = rows.map((row, index) =>
    shown.map((at) => drawTable(screen, row[at] ?? '', texts[index]![at] ?? '', widths[at]!, columns[at])),
  );
  return [heading, ...body].map((cells) => cells.join(gap).trimEnd());
}

/** Returns the width of each column. If space is short, an empty column is left out with width 0. */
function widthsOf(columns: readonly Column[], content: readonly number[], total: number | undefined): number[] {
  const wanted = columns.map((column, at) => Math.max(displayWidth(column.title), content[at]!));
  const needed = wanted.reduce((sum, width) => sum + width + gap.length, -gap.length);
  if (total === undefined || needed <= total) return wanted;
  const kept = columns.map((_, at) => at).filter((at) => content[at]! > 0);
  const least = kept.map((at) => columns[at]!.least ?? (columns[at]!.align === 'right' ? content[at]! : minWidth));
  const widths = fitted(
    kept.map((at) => wanted[at]!),
    least,
    total,
  );
  return columns.map((_, at) => (kept.includes(at) ? widths[kept.indexOf(at)]! : 0));
}

function drawTable(
  screen: Pick<Screen, 'style'>,
  cell: Cell,
  text: string,
  width: number,
  column: Column | undefined,
): string {
  const shown = padded(text, width, column?.align);
  return typeof cell === 'string' || cell.style === undefined ? shown : screen.style(cell.style, shown);
}

/** Shrinks the widest column, one character at a time; those above their minimum width first, so that numbers are cut last. */
function fitted(wanted: readonly number[], least: readonly number[], total: number): number[] {
  const widths = [...wanted];
  const room = total - gap.length * (widths.length - 1);
  for (let over = widths.reduce((sum, width) => sum + width, 0) - room; over > 0; over -= 1) {
    const slack = widths.map((width, at) => (width > least[at]! ? width : 0));
    const candidates = slack.some((width) => width > 0) ? slack : widths.map((width) => (width > 1 ? width : 0));
    const widest = candidates.indexOf(Math.max(...candidates));
    if (candidates[widest] === 0) break;
    widths[widest]! -= 1;
  }
  return widths;
}

function padded(text: string, width: number, align: 'right' | undefined): string {
  const cut = cutTo(text, width);
  const space = ' '.repeat(Math.max(0, width - displayWidth(cut)));
  return align === 'right' ? space + cut : cut + space;
}

/** Cuts a text to `width` columns and ends it with `…` if it does not fit. */
export function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    used += displayWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const plain = /^[\u0020-\u007e\u00a0-\u02ff]*$/;
/** Scripts and signs that take two columns (Unicode's East Asian Wide in its main blocks, and emoji). */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Returns the number of columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** Returns lines of `name  value` with names in one column. Pairs without a value are left out. */
export function pairs(
  screen: Pick<Screen, 'style'>,
  values: readonly (readonly [string, string | undefined])[],
): string[] {
  const shown = values.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '');
  const width = Math.max(0, ...shown.map(([name]) => displayWidth(name)));
  return shown.map(([name, value]) => `${screen.style('dim', padded(name, width, undefined))}${gap}${value}`);
}
