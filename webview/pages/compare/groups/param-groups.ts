import * as l10n from '@vscode/l10n';
import type { CompareRow, Spread } from '../../../../daemon/protocol/comparison.ts';
import type { Json } from '../../../../daemon/protocol/json.ts';
import { numberText } from '../../../../daemon/shared/format.ts';
import type { TableRow } from '../matrix.ts';
import { pickColumns } from '../rows.ts';

/** Compared versions that have one value of a param. */
export interface VersionGroup {
  /** `depth = 4`. */
  label: string;
  /** Places of its versions in the compared set. */
  places: readonly number[];
}

const maxText = 40;

/** Returns the params by which versions can be grouped: those that differ, with a value that several of the versions have. */
export function groupableParams(params: readonly CompareRow[], places: readonly number[]): string[] {
  return params
    .filter(({ values }) => {
      const count = new Set(places.map((place) => keyOf(values[place]))).size;
      return count > 1 && count < places.length;
    })
    .map(({ name }) => name);
}

/** Returns the groups of the versions at some places by a param: that of the first version first, then by value. */
export function groupByParam({ name, values }: CompareRow, places: readonly number[]): VersionGroup[] {
  const groups = [...Map.groupBy(places, (place) => keyOf(values[place]))].map(([, of]) => of);
  const [first, ...rest] = groups;
  if (!first) return [];
  const valueOf = (of: readonly number[]): Json => values[of[0] ?? 0] ?? null;
  const sorted = rest.toSorted((a, b) => compareValues(valueOf(a), valueOf(b)));
  return [first, ...sorted].map((of) => ({ label: groupLabel(name, valueOf(of)), places: of }));
}

function keyOf(value: Json | undefined): string {
  return JSON.stringify(value ?? null);
}

/** Compares numbers as such, everything else by its text, and puts what is missing last. */
function compareValues(a: Json, b: Json): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

function groupLabel(name: string, value: Json): string {
  const short = cut(name.slice(name.lastIndexOf('.') + 1));
  if (value === null) return l10n.t('{0} not set', short);
  const text = typeof value === 'number' ? numberText(value) : typeof value === 'string' ? value : keyOf(value);
  return `${short} = ${cut(text)}`;
}

function cut(text: string): string {
  return text.length > maxText ? `${text.slice(0, maxText)}…` : text;
}

/**
 * Returns a metric with one value a group: the mean of its versions, with their range as its noise. Versions whose values must not be
 * compared are left out, unless all of a group are such.
 */
export function groupRow(row: TableRow, groups: readonly VersionGroup[]): TableRow {
  const found = groups.map(({ places }) => summarizeGroup(row, places));
  const values = found.map(({ mean }) => mean);
  const [base = null] = values;
  const deltas = values.map((value, at) => (at === 0 || value === null || base === null ? null : value - base));
  const sign = row.direction === 'lower' ? -1 : 1;
  return {
    name: row.name,
    direction: row.direction,
    values,
    deltas,
    better: deltas.map((delta) => (row.direction === null || !delta ? null : delta * sign > 0)),
    differs: new Set(values).size > 1,
    notComparable: found.map(({ reason }) => reason),
    spread: found.map(({ spread }) => spread),
    members: groups.map(({ places }) => pickColumns(row, places)),
  };
}

function summarizeGroup(
  { values, notComparable }: TableRow,
  places: readonly number[],
): { mean: number | null; spread: Spread | null; reason: string | null } {
  const reasons = places.map((place) => notComparable?.[place] ?? null);
  const reason = reasons.every((one) => one !== null) ? (reasons[0] ?? null) : null;
  const numbers = places.flatMap((place, at) => {
    const value = values[place];
    return typeof value === 'number' && Number.isFinite(value) && (reason !== null || reasons[at] === null)
      ? [value]
      : [];
  });
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return {
    mean:
      numbers.length === 0
        ? null
        : least === most
          ? least
          : numbers.reduce((sum, one) => sum + one, 0) / numbers.length,
    spread: numbers.length < 2 || least === most ? null : { count: numbers.length, least, most },
    reason,
  };
}
