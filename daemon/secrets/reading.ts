/** State of reading a text from start to end. The current line's end is cached, so that a long line is searched once. */
export interface Reading {
  text: string;
  isDiff: boolean;
  line: { start: number; end: number };
  /** Characters in brackets that may still be examined, as brackets can be nested. */
  brackets: number;
}

export function readingOf(text: string): Reading {
  return { text, isDiff: isDiff(text), line: { start: 0, end: -1 }, brackets: 10_000 + 2 * text.length };
}

/** Returns true for a diff or part of one, whose lines begin with a sign. */
export function isDiff(text: string): boolean {
  if (text.startsWith('diff --git ') || text.startsWith('--- ')) return true;
  const lines = text.slice(0, 2000).split('\n', 20);
  return lines.some((line) => line.startsWith('+')) && lines.every((line) => /^(?:[+\- @\\]|$)/.test(line));
}

/** Returns the end of the line at an offset, without its line break. */
export function lineEnd(reading: Reading, at: number): number {
  const { text, line } = reading;
  if (at < line.start || at > line.end) {
    const next = text.indexOf('\n', at);
    reading.line = { start: at, end: next === -1 ? text.length : next };
  }
  const { end } = reading.line;
  return text[end - 1] === '\r' && end > at ? end - 1 : end;
}

const lookBack = 100;

/** Returns the text before this place in its line, without a diff's sign; undefined where that is too long. */
export function lineHead({ text, isDiff: hasSigns }: Reading, at: number): string | undefined {
  const from = Math.max(0, at - lookBack);
  const part = text.slice(from, at);
  const newline = part.lastIndexOf('\n');
  if (newline === -1 && from > 0) return undefined;
  const head = part.slice(newline + 1);
  return hasSigns ? head.replace(/^[+\- ]/, '') : head;
}

/** Returns the end of a sticky expression's match at an offset; -1 for none. */
export function skip(text: string, at: number, expression: RegExp): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : -1;
}

/** Yields the following lines that are indented more than `column`, with blank ones between them, each without its line break. */
export function* deeperLines(reading: Reading, at: number, column: number): Generator<{ start: number; end: number }> {
  const { text, isDiff: hasSigns } = reading;
  for (let end = lineEnd(reading, at); end < text.length;) {
    const begin = text.indexOf('\n', end) + 1;
    if (begin === 0) return;
    end = lineEnd(reading, begin);
    const sign = hasSigns && /[+\- ]/.test(text[begin] ?? '') ? 1 : 0;
    const start = skip(text, begin + sign, /[ \t]*/y);
    if (start >= end) continue;
    if (start - begin - sign <= column || (hasSigns && sign === 0)) return;
    yield { start, end };
  }
}
