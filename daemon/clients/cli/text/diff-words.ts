/** Texts of more words than this are compared only by their common beginning and end. */
const maxWords = 400;

/**
 * Returns the words of a text that another text lacks, each with the word before it and `…` for equal parts: `python train.py …
 * --lr 0.1 …` against `… --lr 0.2 …`.
 */
export function differingWords(text: string, other: string): string {
  const [words, others] = [wordsOf(text), wordsOf(other)];
  const start = words.findIndex((word, at) => word !== others[at]);
  const from = start < 0 ? words.length : start;
  let end = 0;
  while (end < Math.min(words.length, others.length) - from && words.at(-1 - end) === others.at(-1 - end)) end += 1;
  const [mine, theirs] = [words.slice(from, words.length - end), others.slice(from, others.length - end)];
  const shared = mine.length * theirs.length > maxWords ** 2 ? [] : sharedWords(mine, theirs);
  const differs = words.map((_, at) => at >= from && at < words.length - end && !shared.includes(at - from));
  if (!differs.includes(true))
    return words.length > from || from > 0 ? `… ${words[from - 1] ?? ''} …`.replace('  ', ' ') : '–';
  const kept = words.map((word, at) => (differs[at] || differs[at + 1] ? word : '…'));
  return kept.filter((word, at) => word !== '…' || kept[at - 1] !== '…').join(' ');
}

function wordsOf(text: string): string[] {
  return text.split(/\s+|(?<=[,;])/).filter((word) => word !== '');
}

/** Returns the positions of words of `a` in a longest common subsequence with `b`. */
function sharedWords(a: readonly string[], b: readonly string[]): number[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      rows[i]![j] = a[i] === b[j] ? rows[i + 1]![j + 1]! + 1 : Math.max(rows[i + 1]![j]!, rows[i]![j + 1]!);
  const found: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      found.push(i);
      i += 1;
      j += 1;
    } else if (rows[i + 1]![j]! >= rows[i]![j + 1]!) i += 1;
    else j += 1;
  }
  return found;
}
