/**
 * Returns the rows in the order in which they are shown already, by their names, so that no row moves under the pointer when something
 * changes. New ones come before the row that follows them in the sorted order.
 */
export function keepOrder<Row extends { name: string }>(
  sorted: readonly Row[],
  shown: readonly string[] | undefined,
): readonly Row[] {
  if (shown === undefined) return sorted;
  const rank = new Map(shown.map((name, index) => [name, index]));
  const kept = sorted
    .filter(({ name }) => rank.has(name))
    .toSorted((a, b) => (rank.get(a.name) ?? 0) - (rank.get(b.name) ?? 0));
  const added = new Map<string, Row[]>();
  let waiting: Row[] = [];
  for (const row of sorted) {
    if (!rank.has(row.name)) waiting.push(row);
    else if (waiting.length > 0) {
      added.set(row.name, waiting);
      waiting = [];
    }
  }
  return [...kept.flatMap((row) => [...(added.get(row.name) ?? []), row]), ...waiting];
}
