import { structuredPatch } from 'diff';

/** A line of a unified difference. */
export interface DiffLine {
  sign: ' ' | '+' | '-';
  text: string;
  /** Number in the text before and in the one after; null where it is not in one. */
  before: number | null;
  after: number | null;
}

export interface TextDifference {
  added: number;
  removed: number;
  /** Changed lines with their context; gaps between them are not listed. */
  hunks: DiffLine[][];
}

const context = 2;
/** Finding the differences of two long texts that have nothing in common is given up after this time. */
const longestMs = 500;

/** Returns what differs between two texts, line by line; undefined if that takes too long. Pure but for the clock. */
export function compareTexts(before: string, after: string): TextDifference | undefined {
  const patch = structuredPatch('', '', before, after, undefined, undefined, { context, timeout: longestMs });
  if (!patch) return undefined;
  const hunks = patch.hunks.map(({ oldStart, newStart, lines }) => {
    let [old, next] = [oldStart, newStart];
    return lines
      .filter((line) => !line.startsWith('\\'))
      .map((line): DiffLine => {
        const sign = line.startsWith('+') ? '+' : line.startsWith('-') ? '-' : ' ';
        const [at, to] = [sign === '+' ? null : old, sign === '-' ? null : next];
        if (at !== null) old += 1;
        if (to !== null) next += 1;
        return { sign, text: line.slice(1), before: at, after: to };
      });
  });
  const count = (sign: string): number => hunks.flat().filter((line) => line.sign === sign).length;
  return { added: count('+'), removed: count('-'), hunks };
}

const [checkedCharacters, mostUnreadable] = [4000, 0.05];

/** True for bytes that are no text, though they were decoded as one. */
export function isBinaryText(text: string): boolean {
  const head = text.slice(0, checkedCharacters);
  const unreadable = head.split('').filter((one) => one === '\uFFFD').length;
  return head.includes('\0') || unreadable > head.length * mostUnreadable;
}

/** Returns the hunks up to so many changed lines, and how many changed lines are left. */
export function firstChanges(hunks: readonly DiffLine[][], most: number): { shown: DiffLine[][]; left: number } {
  let changed = 0;
  const shown = hunks.map((hunk) =>
    hunk.filter(({ sign }) => {
      if (sign !== ' ') changed += 1;
      return changed <= most;
    }),
  );
  return { shown: shown.filter((hunk) => hunk.length > 0), left: Math.max(0, changed - most) };
}
