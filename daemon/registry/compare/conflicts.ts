import type { CompareRow, SourcedValue } from '../../protocol/comparison.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import type { Json } from '../../protocol/json.ts';
import type { Column } from './column.ts';
import type { Values } from './rows.ts';

/** Returns the rows with what the sources of a column say where they contradict each other. `valuesOf` returns what one source says. */
export function withConflicts<T extends CompareRow>(
  rows: readonly T[],
  columns: readonly Pick<Column, 'evidence'>[],
  valuesOf: (evidence: Evidence) => Values,
): T[] {
  const conflicts = columns.map(({ evidence }) => conflictsOf(evidence, valuesOf));
  if (conflicts.every((found) => found.size === 0)) return [...rows];
  return rows.map((row) => {
    const own = conflicts.map((found) => found.get(row.name) ?? null);
    return own.every((one) => one === null) ? row : { ...row, conflicts: own };
  });
}

/**
 * Returns by name what sources say if they contradict each other. A series says only what was measured at one of its steps, so it
 * is compared with other series, and a single value with other single values.
 */
function conflictsOf(
  evidence: readonly Evidence[],
  valuesOf: (evidence: Evidence) => Values,
): Map<string, SourcedValue[]> {
  const [series, single] = [true, false].map((isSeries) =>
    evidence.filter(({ origin }) => (origin?.isSeries === true) === isSeries),
  );
  return new Map([series, single].flatMap((of = []) => (of.length < 2 ? [] : contradictions(of, valuesOf))));
}

function contradictions(
  evidence: readonly Evidence[],
  valuesOf: (evidence: Evidence) => Values,
): [string, SourcedValue[]][] {
  const said = evidence.flatMap((one) =>
    Object.entries(valuesOf(one)).map(([name, value]) => ({ name, source: one.source, value })),
  );
  return [...Map.groupBy(said, ({ name }) => name)].flatMap(([name, of]) =>
    of.some(({ value }) => !isSame(value, of[0]!.value))
      ? [[name, of.map(({ source, value }): SourcedValue => ({ source, value }))] as [string, SourcedValue[]]]
      : [],
  );
}

/** True if both are the same value, or one is the other with fewer digits. */
function isSame(a: Json, b: Json): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return JSON.stringify(a) === JSON.stringify(b);
  return a === b || isRounded(a, b) || isRounded(b, a);
}

const leastDigits = 2;

/** True if `short` is `long`, rounded to as many decimals as `short` has. One digit is not taken for a rounded number. */
function isRounded(short: number, long: number): boolean {
  const [, decimals = ''] = String(short).split('.');
  const digits = String(Math.abs(short))
    .replace(/^[0.]+/, '')
    .replace('.', '');
  if (decimals === '' || decimals.includes('e') || digits.length < leastDigits) return false;
  return Math.abs(short - long) <= 0.5000001 * 10 ** -decimals.length;
}
