import type { Json } from '../../../daemon/protocol/json.ts';
import { numberText, rowFormat } from '../../../daemon/shared/format.ts';
import { numberOf } from '../../../daemon/shared/search/filter.ts';
import { directionOf, type Direction } from '../../../daemon/shared/metrics.ts';
import { isSeed } from '../../../daemon/shared/params.ts';
import { cellText } from '../text.ts';
import type { Column } from './columns.ts';

/** What names a column of metrics, params or tags: its kind and its name, as in `metric:val/auc`. */
export function valueKey(kind: 'metric' | 'param' | 'tag', name: string): string {
  return `${kind}:${name}`;
}

interface Named<Row> {
  kind: 'metric' | 'param' | 'tag';
  name: string;
  valuesOf(row: Row): Readonly<Record<string, Json>>;
  /** Of a metric; derived from its name if absent. */
  direction?: Direction | null;
}

/** Returns the column of a metric, param or tag. All of its numbers have the same decimals. */
export function valueColumn<Row>(
  rows: readonly Row[],
  { kind, name, valuesOf, direction = kind === 'metric' ? directionOf(name) : null }: Named<Row>,
): Column<Row> {
  const rawOf = (row: Row): Json | undefined => {
    const values = valuesOf(row);
    return Object.hasOwn(values, name) ? values[name] : undefined;
  };
  const areNumbers = kind === 'param' && rows.every((row) => isNumberOrMissing(rawOf(row)));
  const valueOf = (row: Row): Json | undefined => {
    const raw = rawOf(row);
    return areNumbers && typeof raw === 'string' ? Number(raw) : raw;
  };
  const numbers = rows.map(valueOf).filter((value) => typeof value === 'number');
  const format = rowFormat(numbers);
  const isNumber = numbers.length > 0 || kind === 'metric';
  return {
    key: valueKey(kind, name),
    title: name,
    kind: isNumber ? 'number' : 'text',
    direction,
    sortValue: (row) => {
      const value = valueOf(row);
      if (typeof value === 'number') return value;
      return isNumber || value === undefined || value === null ? null : cellText(value);
    },
    text: (row) => {
      const value = valueOf(row);
      if (value === undefined || value === null) return '–';
      return typeof value === 'number' && Number.isFinite(value) ? format(value) : cellText(value);
    },
    tooltip: (row) => {
      const value = valueOf(row);
      const text = typeof value === 'number' ? numberText(value, 17) : cellText(value);
      return value === undefined || value === null ? `${name}: –` : `${name}: ${text}`;
    },
  };
}

/** Some trackers log all params as texts; those of a column that are all numbers are read as such. */
function isNumberOrMissing(value: Json | undefined): boolean {
  if (typeof value === 'string') return numberOf(value) !== null;
  return value === undefined || value === null || typeof value === 'number';
}

/** Returns those of some columns that have a text in any row. */
export function filledColumns<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Column<Row>[] {
  return columns.filter((column) => rows.some((row) => column.text(row) !== ''));
}

const maxDistinct = 1000;

/** Returns the params that differ between rows, those with the most distinct values first; seeds, lists and objects last, as they say little. */
export function varyingNames(all: readonly Readonly<Record<string, Json>>[]): string[] {
  const seen = new Map<string, Set<string>>();
  const silent = new Set<string>();
  for (const values of all)
    for (const [name, value] of Object.entries(values)) {
      const known = seen.get(name) ?? new Set();
      if (known.size < maxDistinct) known.add(JSON.stringify(value));
      seen.set(name, known);
      if (isSeed(name) || (typeof value === 'object' && value !== null)) silent.add(name);
    }
  const counts = [...seen].map(([name, known]) => ({ name, count: known.size }));
  return counts
    .filter(({ count }) => count > 1)
    .toSorted((a, b) => Number(silent.has(a.name)) - Number(silent.has(b.name)) || b.count - a.count)
    .map(({ name }) => name);
}
