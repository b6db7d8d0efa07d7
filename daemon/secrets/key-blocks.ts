import type { Span } from './span.ts';

const edge = /-----(BEGIN|END) [A-Z0-9 ]{0,60}(?:PRIVATE KEY(?: BLOCK)?|PGP MESSAGE)-----/g;
/** A line of a key: base64, a header such as `Proc-Type: 4,ENCRYPTED`, or nothing. Quotes and a diff's sign may stand around it. */
const keyLine = /^[+\- \t"'#*]*(?:[A-Za-z0-9+/=]{1,200}|[A-Za-z-]{1,40}: [^\n]{1,200})?(?:\\n)?["',\\ \t\r]*$/;
const maxLines = 500;

/** Private keys in PEM or PGP armour; of one whose beginning or end is cut off (in a diff), the lines that are there. */
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

/** Where the lines of a key that begins here stop, at most `limit`. */
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

/** Where the lines of a key that ends here begin, not before `limit`. */
function startOfLines(text: string, end: number, limit: number): number {
  let start = lineStart(text, end, limit);
  for (let count = 0; count < maxLines && start > limit; count += 1) {
    const previous = lineStart(text, start - 1, limit);
    if (start - previous > 500 || !keyLine.test(text.slice(previous, start - 1))) break;
    start = previous;
  }
  return start;
}

/** Looks back at most 501 letters, so that a long line costs nothing. */
function lineStart(text: string, at: number, limit: number): number {
  const from = Math.max(limit, at - 501);
  const part = text.slice(from, at);
  const newline = part.lastIndexOf('\n');
  return newline === -1 ? (from === limit ? limit : at) : from + newline + 1;
}
