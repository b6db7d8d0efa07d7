import { middleEllipsis } from '../names.ts';
import type { TableModel } from './table-model.ts';

/** How the names of a table fit into its first column: at most two lines, then the middle is left out. Widths are in px. Pure. */

export const [minWidth, maxWidth] = [90, 900];
/** Of the width of a digit, what an average letter takes. */
const letterShare = 0.95;
/** Lost where a name breaks between its parts. */
const lostPerLine = 3;

export interface FittedName {
  /** The name as it is shown. */
  text: string;
  lines: 1 | 2;
}

/** Returns a name for a column in which so many characters fit into a line. */
export function fitName(name: string, characters: number): FittedName {
  const line = Math.max(8, characters);
  if (name.length <= line) return { text: name, lines: 1 };
  return { text: middleEllipsis(name, 2 * (line - lostPerLine)), lines: 2 };
}

/** Returns how many characters fit into a line of so many pixels, if a digit is so wide. */
function charactersIn(width: number, digit: number): number {
  return Math.floor(width / (digit * letterShare));
}

/** A row's name as it is shown, and whether the prefix that the head of its group has is left out. */
export interface RowName extends FittedName {
  isInner: boolean;
}

const [namePadding, nameControl] = [16, 22];

/** Returns what a name cell has besides its text, in px: paddings, the box and the opener. */
export function spaceBesideName(of: TableModel<unknown>, row: unknown): number {
  const hasBox = row !== undefined && of.nameOf(row) !== '';
  return namePadding + (hasBox ? nameControl : 0) + (of.detailOf ? nameControl : 0);
}

/** Returns the name of a row as it fits into the name column. Widths are in px. */
export function fitRowName(
  of: TableModel<unknown>,
  row: unknown,
  isGrouped: boolean,
  { column, digit }: { column: number; digit: number },
): RowName {
  const name = of.columns[0]?.text(row) ?? '';
  const group = isGrouped && of.groupOf ? of.groupOf(row) : '';
  const isInner = group !== '' && name.startsWith(group) && name.length > group.length;
  const characters = charactersIn(column - spaceBesideName(of, row), digit);
  return { ...fitName(isInner ? name.slice(group.length) : name, characters), isInner };
}

/** Returns a width within its bounds. */
export function boundedWidth(width: number): number {
  return Math.round(Math.min(maxWidth, Math.max(minWidth, width)));
}
