/** Compares texts by code units, for sorting: the same order on every machine, whatever its language. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Compares entries of an object or map by their keys, for sorting. */
export function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return byText(a, b);
}

/** Makes a comparator of the texts that `textOf` reads, for sorting. */
export function byTextOf<T>(textOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => byText(textOf(a), textOf(b));
}
