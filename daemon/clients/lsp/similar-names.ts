const maxOffered = 3;

/** Returns at most three names similar to the wanted one, the closest first. Pure. */
export function closestNames(wanted: string, names: Iterable<string>): string[] {
  const low = wanted.toLowerCase();
  const most = low.length < 4 ? 1 : Math.max(2, Math.floor(low.length / 3));
  const ranked = [...names].map((name) => ({ name, far: distance(low, name.toLowerCase(), most) }));
  return ranked
    .filter(({ far }) => far <= most)
    .toSorted((a, b) => a.far - b.far || a.name.localeCompare(b.name))
    .slice(0, maxOffered)
    .map(({ name }) => name);
}

/** Returns the edit distance of two names; Infinity above `most`. A common beginning counts as one difference. */
function distance(a: string, b: string, most: number): number {
  if (a === b) return 0;
  if (a.length > 2 && (b.startsWith(a) || a.startsWith(b))) return 1;
  if (Math.abs(a.length - b.length) > most) return Infinity;
  let before = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min((row[j - 1] ?? 0) + 1, (before[j] ?? 0) + 1, (before[j - 1] ?? 0) + same));
    }
    before = row;
  }
  return before[b.length] ?? Infinity;
}
