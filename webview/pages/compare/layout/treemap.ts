/** A rectangle of a treemap, in the units of the whole. */
export interface Tile<T> {
  item: T;
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Rest {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Lays out items by their size in rectangles as square as possible (squarified treemap). Items without a size are left out. */
export function layOutTreemap<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  width: number,
  height: number,
): Tile<T>[] {
  const sized = items
    .map((item) => ({ item, size: sizeOf(item) }))
    .filter(({ size }) => size > 0 && Number.isFinite(size))
    .toSorted((a, b) => b.size - a.size);
  const total = sized.reduce((sum, { size }) => sum + size, 0);
  const scaled = sized.map(({ item, size }) => ({ item, area: (size / total) * width * height }));
  const tiles: Tile<T>[] = [];
  let rest: Rest = { x: 0, y: 0, width, height };
  for (let from = 0; from < scaled.length;) {
    const side = Math.min(rest.width, rest.height);
    let to = from + 1;
    while (to < scaled.length && worst(scaled.slice(from, to + 1), side) <= worst(scaled.slice(from, to), side))
      to += 1;
    rest = placeRow(scaled.slice(from, to), rest, tiles);
    from = to;
  }
  return tiles;
}

/** Returns how far the least square rectangle of a row is from a square, 1 or more. */
function worst(row: readonly { area: number }[], side: number): number {
  const sum = row.reduce((total, { area }) => total + area, 0);
  return Math.max(
    ...row.map(({ area }) => Math.max((side * side * area) / (sum * sum), (sum * sum) / (side * side * area))),
  );
}

/** Puts a row along the shorter side, and returns what is left. */
function placeRow<T>(row: readonly { item: T; area: number }[], rest: Rest, tiles: Tile<T>[]): Rest {
  const sum = row.reduce((total, { area }) => total + area, 0);
  const isUpright = rest.width >= rest.height;
  const thickness = sum / (isUpright ? rest.height : rest.width);
  let at = isUpright ? rest.y : rest.x;
  for (const { item, area } of row) {
    const length = area / thickness;
    tiles.push(
      isUpright
        ? { item, x: rest.x, y: at, width: thickness, height: length }
        : { item, x: at, y: rest.y, width: length, height: thickness },
    );
    at += length;
  }
  return isUpright
    ? { ...rest, x: rest.x + thickness, width: rest.width - thickness }
    : { ...rest, y: rest.y + thickness, height: rest.height - thickness };
}
