import { cellText } from '../../components/text.ts';
import type { TableRow } from './matrix.ts';

/** One table of the comparison. */
export interface Section {
  id: string;
  title: string;
  rows: readonly TableRow[];
  /** True when its values can be better or worse. */
  judged: boolean;
}

/** A column of the comparison, as heads, chips and legends show it. */
export interface ColumnHead {
  reference: string;
  /** `v7`; of other models with their name. */
  label: string;
  /** Number of the version; null for a run, and for a version of another model than the first. */
  number: number | null;
  isProduction: boolean;
  /** Its place in the compared set. */
  place: number;
  /** The place whose colour it has: its own one, or that of its group. */
  colourPlace: number;
  /** The versions of a group; absent for a version. */
  members?: readonly ColumnHead[];
  /** Stage and aliases, `production · @champion`; empty for none. */
  note: string;
}

/** Returns the rows as texts, the header first. */
export function textsOf({ title }: Section, rows: readonly TableRow[], versions: readonly string[]): string[][] {
  return [[title, ...versions], ...rows.map((row) => [row.name, ...row.values.map((value) => cellText(value))])];
}

/** Returns a row with the values of some columns only. */
export function pickColumns(row: TableRow, places: readonly number[]): TableRow {
  const pick = <T>(all: readonly T[]): T[] => places.flatMap((place) => (place in all ? [all[place] as T] : []));
  return {
    ...row,
    values: pick(row.values),
    deltas: pick(row.deltas),
    better: pick(row.better),
    ...(row.notComparable && { notComparable: pick(row.notComparable) }),
    ...(row.spread && { spread: pick(row.spread) }),
    ...(row.conflicts && { conflicts: pick(row.conflicts) }),
  };
}
