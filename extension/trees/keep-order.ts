import type { Model } from '../../daemon/protocol/model.ts';

/**
 * Returns the models in the order in which they are shown already, so that no row moves under the pointer when something changes. New ones
 * come before the model that follows them in the sorted order.
 */
export function keepOrder(sorted: readonly Model[], shown: readonly string[] | undefined): readonly Model[] {
  if (shown === undefined) return sorted;
  const rank = new Map(shown.map((name, index) => [name, index]));
  const kept = sorted
    .filter(({ name }) => rank.has(name))
    .toSorted((a, b) => (rank.get(a.name) ?? 0) - (rank.get(b.name) ?? 0));
  const added = new Map<string, Model[]>();
  let waiting: Model[] = [];
  for (const model of sorted) {
    if (!rank.has(model.name)) waiting.push(model);
    else if (waiting.length > 0) {
      added.set(model.name, waiting);
      waiting = [];
    }
  }
  return [...kept.flatMap((model) => [...(added.get(model.name) ?? []), model]), ...waiting];
}
