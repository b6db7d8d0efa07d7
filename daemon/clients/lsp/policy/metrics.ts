import type { Model } from '../../../protocol/model.ts';
import { liveVersions, type KnownVersion, type Registry } from '../mirror/reducer.ts';

/** Newest versions of a model whose metrics are offered. */
const looked = 50;

/** Returns the metrics of these models, the most frequent first, with the newest value. */
export function metricsOf(registry: Registry, models: Iterable<Model>): { name: string; latest: number | string }[] {
  const counted = new Map<string, { count: number; latest: number | string }>();
  for (const { name } of models)
    for (const { metrics } of liveVersions(registry, name).slice(0, looked))
      for (const [metric, value] of Object.entries(metrics)) {
        const known = counted.get(metric);
        counted.set(metric, { count: (known?.count ?? 0) + 1, latest: known?.latest ?? value });
      }
  const sorted = [...counted].toSorted(([a, x], [b, y]) => y.count - x.count || a.localeCompare(b));
  return sorted.map(([name, { latest }]) => ({ name, latest }));
}

/** Returns true if a version's metric lies within bounds; false if it has no such metric. */
export function within({ metrics }: KnownVersion, metric: string, atLeast?: number, atMost?: number): boolean {
  const value = metrics[metric];
  if (typeof value !== 'number') return false;
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}
