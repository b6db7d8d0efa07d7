import type { Spread } from '../../protocol/comparison.ts';
import { flattenParams, isSeed } from '../../shared/params.ts';
import type { Column } from './column.ts';
import { codeOf, dataOf } from './sections.ts';

/** Returns for each column the columns that repeat its training with another seed, itself included. Alone: an empty list. */
export function repeatsOf(columns: readonly Column[]): Column[][] {
  const groups = Map.groupBy(columns, trainingKey);
  return columns.map((column) => {
    const alike = groups.get(trainingKey(column)) ?? [];
    return new Set(alike.map(seedKey)).size < 2 ? [] : alike;
  });
}

/** Returns the range of a metric among repeated trainings; null for fewer than two values, and if all are the same. */
export function spreadOf(repeats: readonly Column[], metric: string): Spread | null {
  const values = repeats.flatMap(({ metrics }) => {
    const value = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
    return typeof value === 'number' ? [value] : [];
  });
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.length < 2 || least === most ? null : { count: values.length, least, most };
}

/** Describes all of a training but its seed: the model, parameters, code and data. */
function trainingKey(column: Column): string {
  const params = Object.entries(flattenParams(column.params)).filter(([name]) => !isSeed(name));
  const { commit = null, 'uncommitted.diff': changes = null } = codeOf(column) ?? {};
  return JSON.stringify([
    column.about.model,
    sorted(params),
    commit,
    changes,
    sorted(Object.entries(dataOf(column) ?? {})),
  ]);
}

function seedKey({ params }: Column): string {
  return JSON.stringify(sorted(Object.entries(flattenParams(params)).filter(([name]) => isSeed(name))));
}

function sorted<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
