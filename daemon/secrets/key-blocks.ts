import type { Span } from './span.ts';

const edge = /-----(BEGIN|END) [A-Z0-9 ]{0,60}(?:PRIVATE KEY(?: BLOCK)?|PGP MESSAGE)-----/g;
/** A line of a key: base64, a header such as `Proc-Type: 4,ENCRYPTED`, or empty, perhaps with quotes and a diff's sign. */
const keyLine = /^[+\- \t"'#*]*(?:[A-Za-z0-9+/=]{1,200}|[A-Za-z-]{1,40}: [^\n]{1,200})?(?:\\n)?["',\\ \t\r]*$/;
const maxLines = 500;

/** Finds private keys in PEM or PGP armour; if the beginning or end is cut off, as in a diff, the remaining lines. */
export function keyBlocks(text: string): Span[] {
  const found: Span[] = [];
  let begun: number | undefined;
  let done = 0;
  for (const match of text.matchAll(edge)) {
    const end = match.index + match[0].length;
    if (match[1] === 'BEGIN') {
      if (begun !== undefined) found.push({ start: begun, end: endOfLines(text, begun, match.index) });
      begun = match.index;
      continue;
    }
    found.push({ start: begun ?? startOfLines(text, match.index, done), end });
    [begun, done] = [undefined, end];
  }
  if (begun !== undefined) found.push({ start: begun, end: endOfLines(text, begun, text.length) });
  return found;
}

/** Returns the offset at which the lines of a key that begins at `start` end, at most `limit`. */
function endOfLines(text: string, start: number, limit: number): number {
  const first = text.indexOf('\n', start);
  if (first === -1 || first >= limit) return limit;
  let end = first;
  for (let count = 0; count < maxLines && end < limit; count += 1) {
    const next = text.indexOf('\n', end + 1);
    const stop = Math.min(next === -1 ? limit : next, limit);
    if (stop - end > 500 || !keyLine.test(text.slice(end + 1, stop))) break;
    end = stop;
  }
  return end;
}

/** Returns the offset at which the lines of a key that ends at `end` begin, not before `limit`. */
function startOfLines(text: string, end: number, limit: number): number {
  let start = lineStart(text, end, limit);
  for (let count = 0; count < maxLines && start > limit; count += 1) {
    const previous = lineStart(text, start - 1, limit);
    if (start - previous > 500 || !keyLine.test(text.slice(previous, start - 1))) break;
    start = previous;
  }
  return start;
}

/** Returns the start of the line before an offset. Looks back at most 501 characters, so that a long line takes no time. */
function lineStart(text: string, at: number, limit: number): number {
  const from = Math.max(limit, at - 501);
  const part = text.slice(from, at);
  const newline = part.lastIndexOf('\n');
  return newline === -1 ? (from === limit ? limit : at) : from + newline + 1;
}
